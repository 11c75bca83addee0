"""Healthy engines that write results and derivatives in the ways that are in use.

``Number0`` takes the first formula of each list, ``Number7`` the eighth, counted around. All of
them compute as C does: an infinity or a NaN stands where Python would raise an error.
"""

import math


def quiet(function, overflow):
    """Return the function with an infinity or a NaN in place of an error."""

    def call(*numbers):
        try:
            return function(*numbers)
        except OverflowError:
            return overflow
        except (ValueError, ZeroDivisionError):
            return math.nan

    return call


def div(a, b):
    if b:
        return a / b
    return (
        math.nan
        if a == 0.0 or math.isnan(a)
        else math.copysign(math.inf, a) * math.copysign(1.0, b)
    )


def power(a, n):
    if a == 0.0 and n < 0.0:
        return math.inf
    is_odd = n.is_integer() and n % 2.0 == 1.0
    return quiet(math.pow, -math.inf if a < 0.0 and is_odd else math.inf)(a, n)


def sinh(x):
    return quiet(math.sinh, math.copysign(math.inf, x))(x)


exp = quiet(math.exp, math.inf)
cosh = quiet(math.cosh, math.inf)
sqrt = quiet(math.sqrt, math.nan)
log = quiet(math.log, math.nan)
sin = quiet(math.sin, math.nan)
cos = quiet(math.cos, math.nan)


def decay(x):
    return exp(-abs(x))


def growth(x):
    return exp(min(-x, 709.0))


def product(a, n):
    if not (n.is_integer() and 1.0 < n < 10.0):
        return power(a, n)
    result = a
    for _ in range(int(n) - 1):
        result *= a
    return result


def times(g, factor):
    return g * factor


RESULTS = {
    "add": [lambda a, b: a + b],
    "sub": [lambda a, b: a - b, lambda a, b: a + -1.0 * b],
    "mul": [lambda a, b: a * b],
    "div": [div, lambda a, b: a * div(1.0, b), lambda a, b: a * power(b, -1.0)],
    "pow": [power, product, lambda a, n: div(1.0, power(a, -n)) if n < 0.0 else power(a, n)],
    "sqrt": [sqrt, lambda a: power(a, 0.5) if a >= 0.0 else math.nan],
    "sigmoid": [
        lambda a: 1.0 / (1.0 + exp(-a)),
        lambda a: (1.0 if a > 0 else decay(a)) / (1.0 + decay(a)),
    ],
}

CONTRIBUTIONS = {
    "add": [lambda g, a, b, r: (g, g)],
    "sub": [lambda g, a, b, r: (g, -g)],
    "mul": [lambda g, a, b, r: (g * b, g * a)],
    "div": [
        lambda g, a, b, r: (div(g, b), g * div(-r, b)),
        lambda g, a, b, r: (g * div(1.0, b), g * div(-a, b * b)),
        lambda g, a, b, r: (g * power(b, -1.0), div(-(g * a), b * b)),
        lambda g, a, b, r: (div(g, b), -g * div(div(a, b), b)),
        lambda g, a, b, r: (div(g, b), -div(g, b) * r),
        lambda g, a, b, r: (div(g, b), -div(g, b) * div(a, b)),
        lambda g, a, b, r: (g * power(b, -1.0), (g * a) * (-1.0 * power(b, -2.0))),
        lambda g, a, b, r: (g * power(b, -1.0), g * (-a * power(b, -2.0))),
    ],
    "pow": [
        lambda g, a, n, r: (times(g, n * power(a, n - 1.0)) if n else 0.0,),
        lambda g, a, n, r: ((g * n) * power(a, n - 1.0) if n else 0.0,),
        lambda g, a, n, r: (
            0.0 if not n else g * div(n * r, a) if a else g * n * power(a, n - 1.0),
        ),
        lambda g, a, n, r: (g * n * product(a, n - 1.0) if n else 0.0,),
    ],
    "exp": [lambda g, a, r: (g * r,), lambda g, a, r: (g * exp(a),)],
    "log": [lambda g, a, r: (div(g, a),), lambda g, a, r: (g * div(1.0, a),)],
    "sqrt": [
        lambda g, a, r: (div(g, 2.0 * r),),
        lambda g, a, r: (g * div(0.5, r),),
        lambda g, a, r: (g * div(1.0, 2.0 * r),),
        lambda g, a, r: (g * (0.5 * power(a, -0.5)),),
        lambda g, a, r: ((g * 0.5) * power(a, -0.5),),
    ],
    "sin": [lambda g, a, r: (g * cos(a),)],
    "cos": [lambda g, a, r: (g * -sin(a),), lambda g, a, r: (-g * sin(a),)],
    "sinh": [lambda g, a, r: (g * cosh(a),)],
    "cosh": [lambda g, a, r: (g * sinh(a),)],
    "tanh": [
        lambda g, a, r: (g * (1.0 - r * r),),
        lambda g, a, r: (g * ((1.0 - r) * (1.0 + r)),),
        lambda g, a, r: (g * (4.0 * decay(2 * a) / ((1.0 + decay(2 * a)) * (1.0 + decay(2 * a)))),),
        lambda g, a, r: (div(g, cosh(a) * cosh(a)),),
        lambda g, a, r: (g * div(1.0, cosh(a) * cosh(a)),),
        lambda g, a, r: (g - g * (r * r),),
    ],
    "atan": [
        lambda g, a, r: (div(g, 1.0 + a * a),),
        lambda g, a, r: (g * div(1.0, 1.0 + a * a),),
    ],
    "asinh": [lambda g, a, r: (div(g, cosh(r)),)],
    "acosh": [lambda g, a, r: (div(g, sinh(r)),)],
    "sigmoid": [
        lambda g, a, r: (g * (r * (1.0 - r)),),
        lambda g, a, r: ((g * r) * (1.0 - r),),
        lambda g, a, r: ((g * (1.0 - r)) * r,),
        lambda g, a, r: (g * (r - r * r),),
        lambda g, a, r: (g * (decay(a) / ((1.0 + decay(a)) * (1.0 + decay(a)))),),
        lambda g, a, r: (g * growth(a) / ((1.0 + growth(a)) * (1.0 + growth(a))),),
    ],
    "abs": [
        lambda g, a, r: (g * ((a > 0) - (a < 0)),),
        lambda g, a, r: (div(g * a, abs(a)) if a else 0.0,),
        lambda g, a, r: (g * div(a, abs(a)) if a else 0.0,),
    ],
}


class Value:
    formula = 0

    def __init__(self, data, sends=()):
        self.data = float(data)
        self.grad = 0.0
        self.sends = sends

    def apply(self, name, *others, result=None):
        operands = [
            self,
            *[each if isinstance(each, Value) else type(self)(each) for each in others],
        ]
        numbers = [operand.data for operand in operands]
        results = RESULTS.get(name, [result])
        value = results[self.formula % len(results)](*numbers)
        formulas = CONTRIBUTIONS[name]
        send = formulas[self.formula % len(formulas)]
        return type(self)(value, (operands, lambda g: send(g, *numbers, value)))

    def __add__(self, other):
        return self.apply("add", other)

    def __sub__(self, other):
        return self.apply("sub", other)

    def __mul__(self, other):
        return self.apply("mul", other)

    def __truediv__(self, other):
        return self.apply("div", other)

    def __pow__(self, exponent):
        return self.apply("pow", float(exponent))

    def __radd__(self, other):
        return type(self)(other) + self

    def __rsub__(self, other):
        return type(self)(other) - self

    def __rmul__(self, other):
        return type(self)(other) * self

    def __rtruediv__(self, other):
        return type(self)(other) / self

    def __neg__(self):
        return self * -1.0

    def __abs__(self):
        return self.apply("abs", result=abs)

    def exp(self):
        return self.apply("exp", result=exp)

    def log(self):
        return self.apply("log", result=log)

    def sqrt(self):
        return self.apply("sqrt")

    def sin(self):
        return self.apply("sin", result=sin)

    def cos(self):
        return self.apply("cos", result=cos)

    def sinh(self):
        return self.apply("sinh", result=sinh)

    def cosh(self):
        return self.apply("cosh", result=cosh)

    def tanh(self):
        return self.apply("tanh", result=math.tanh)

    def atan(self):
        return self.apply("atan", result=math.atan)

    def asinh(self):
        return self.apply("asinh", result=math.asinh)

    def acosh(self):
        return self.apply("acosh", result=quiet(math.acosh, math.inf))

    def sigmoid(self):
        return self.apply("sigmoid")

    def backward(self):
        order, seen, path = [], {id(self)}, [(self, iter(self.operands))]
        while path:
            node, operands = path[-1]
            for operand in operands:
                if id(operand) not in seen:
                    seen.add(id(operand))
                    path.append((operand, iter(operand.operands)))
                    break
            else:
                order.append(path.pop()[0])
        self.grad = 1.0
        for node in reversed(order):
            if node.sends:
                operands, send = node.sends
                # An exponent gets no gradient.
                for operand, sent in zip(operands, send(node.grad), strict=False):
                    operand.grad += sent

    @property
    def operands(self):
        return self.sends[0] if self.sends else ()


for number in range(8):
    globals()[f"Number{number}"] = type(f"Number{number}", (Value,), {"formula": number})
