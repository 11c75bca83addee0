"""SymPy formulas as functions of balls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import sympy
from flint import arb, fmpq

from gradcheck.oracles.arithmetic import EXACT, Arithmetic, all_terms

Function = Callable[[Arithmetic, Sequence[arb]], arb]
"""A compiled formula: the arithmetic to use, the arguments, and the result."""

_ROUNDINGS = 8
"""What a function of a library may lose in a partial, as in the table of operations."""

_ROOT_ROUNDINGS = 2
"""What a square root or a reciprocal may lose: it may be a power, of at most 1 ulp."""

_FUNCTIONS: dict[type[sympy.Function], Callable[[arb], arb]] = {
    sympy.acos: arb.acos,
    sympy.acosh: arb.acosh,
    sympy.asin: arb.asin,
    sympy.asinh: arb.asinh,
    sympy.atan: arb.atan,
    sympy.atanh: arb.atanh,
    sympy.cos: arb.cos,
    sympy.cosh: arb.cosh,
    sympy.erf: arb.erf,
    sympy.exp: arb.exp,
    sympy.log: arb.log,
    sympy.sin: arb.sin,
    sympy.sinh: arb.sinh,
    sympy.tan: arb.tan,
    sympy.tanh: arb.tanh,
}

_NUMBERS: dict[sympy.Expr, Callable[[], arb]] = {sympy.pi: arb.pi, sympy.E: arb.const_e}

_FROM_0_TO_1 = arb(0.5, 0.5)
_FROM_MINUS_1_TO_1 = arb(0, 1)


class NoBallArithmeticError(TypeError):
    """A formula has a part that balls are not taught; the message names it."""


def exact_number(number: float) -> sympy.Rational:
    """A float as SymPy's exact number."""
    return sympy.Rational(*number.as_integer_ratio())


def compiled(formula: sympy.Expr, arguments: Sequence[sympy.Symbol]) -> Function:
    """A function of balls that evaluates a SymPy formula, operation by operation.

    Where a formula has a kink or a jump, the result encloses what it is on either side. Outside of
    its domain it is a NaN. Raises ``NoBallArithmeticError``.
    """
    if isinstance(formula, sympy.Symbol):
        index = arguments.index(formula)
        return lambda arithmetic, values: values[index]
    if isinstance(formula, sympy.Float):
        formula = sympy.Rational(formula)
    if isinstance(formula, sympy.Rational):
        ratio = fmpq(int(formula.p), int(formula.q))
        return lambda arithmetic, values: arb(ratio)
    if formula in _NUMBERS:
        number = _NUMBERS[formula]
        return lambda arithmetic, values: number()
    if isinstance(formula, sympy.Piecewise):
        return _piecewise(formula, arguments)
    return _compound(formula, [compiled(part, arguments) for part in formula.args])


def _compound(  # noqa: PLR0911 - one return for each kind of formula
    formula: sympy.Expr, parts: Sequence[Function]
) -> Function:
    """The function of a formula out of the functions of its parts."""
    match formula:
        case sympy.Add():
            return lambda arithmetic, values: arithmetic.add(
                all_terms(part(arithmetic, values) for part in parts)
            )
        case sympy.Mul():
            return lambda arithmetic, values: reduce(
                arithmetic.multiply, (part(arithmetic, values) for part in parts)
            )
        case sympy.Pow():
            return _power(formula.exp, *parts)
        case sympy.Max() | sympy.Min():
            choose = arb.max if isinstance(formula, sympy.Max) else arb.min
            return lambda arithmetic, values: reduce(choose, [p(arithmetic, values) for p in parts])
        case sympy.Abs():
            return lambda arithmetic, values: abs(parts[0](arithmetic, values))
        case sympy.sign():
            return _step(parts[0], below=arb(-1), at_zero=_FROM_MINUS_1_TO_1)
        case sympy.Heaviside():
            return _step(parts[0], below=arb(0), at_zero=_FROM_0_TO_1)
        case sympy.Function() if type(formula) in _FUNCTIONS:
            function, [argument] = _FUNCTIONS[type(formula)], parts
            return _rounded(
                lambda arithmetic, values: function(argument(arithmetic, values)), _ROUNDINGS
            )
    message = f"no ball arithmetic for {type(formula).__name__} in {formula}"
    raise NoBallArithmeticError(message)


def _power(exponent: sympy.Expr, base: Function, to_the: Function) -> Function:
    """A power: a unit is lost for each product that it takes, or what a library's may lose."""
    if not isinstance(exponent, sympy.Rational):
        return _rounded(
            lambda arithmetic, values: base(arithmetic, values) ** to_the(arithmetic, values),
            _ROUNDINGS,
        )
    match int(exponent.p), int(exponent.q):
        case whole, 1 if whole > 0:
            return _rounded(lambda arithmetic, values: base(arithmetic, values) ** whole, whole - 1)
        case whole, 1:
            return _rounded(
                lambda arithmetic, values: 1 / base(arithmetic, values) ** -whole,
                max(-whole, _ROOT_ROUNDINGS),
            )
        case 1, 2:
            return _rounded(
                lambda arithmetic, values: base(arithmetic, values).sqrt(), _ROOT_ROUNDINGS
            )
        case whole, part:
            ratio = fmpq(whole, part)
            # The exponent is rounded too where it is no float: 0.3 - 1 in the derivative of a**0.3.
            return _rounded(
                lambda arithmetic, values: (
                    base(arithmetic, values) ** arithmetic.round(arb(ratio), 1)
                ),
                _ROUNDINGS,
            )


def _rounded(function: Function, roundings: int) -> Function:
    return lambda arithmetic, values: arithmetic.round(function(arithmetic, values), roundings)


def _step(argument: Function, *, below: arb, at_zero: arb) -> Function:
    """What jumps at zero, from some number to one."""

    def evaluate(arithmetic: Arithmetic, values: Sequence[arb]) -> arb:
        number = argument(arithmetic, values)
        if number > 0:
            return arb(1)
        if number < 0:
            return below
        return at_zero if number.is_finite() else number

    return evaluate


def _piecewise(formula: sympy.Piecewise, arguments: Sequence[sympy.Symbol]) -> Function:
    """Pieces with conditions; where a condition is about to change, what holds on either side."""
    pieces = [
        (_condition(condition, arguments), compiled(piece, arguments))
        for piece, condition in formula.args
    ]

    def evaluate(arithmetic: Arithmetic, values: Sequence[arb]) -> arb:
        possible: list[arb] = []
        for holds, piece in pieces:
            answer = holds(values)
            if answer is not False:
                possible.append(piece(arithmetic, values))
            if answer is True:
                break
        return reduce(arb.union, possible) if possible else arb("nan")

    return evaluate


def _condition(
    condition: sympy.Basic, arguments: Sequence[sympy.Symbol]
) -> Callable[[Sequence[arb]], bool | None]:
    """Whether a condition holds for balls; ``None`` where it does for a part, or at its edge."""
    if condition == sympy.true:
        return lambda values: True
    match condition:
        case sympy.Gt() | sympy.Ge():
            larger, smaller = condition.args
        case sympy.Lt() | sympy.Le():
            smaller, larger = condition.args
        case _:
            message = f"no ball arithmetic for the condition {condition}"
            raise NoBallArithmeticError(message)
    difference = compiled(larger - smaller, arguments)

    def holds(values: Sequence[arb]) -> bool | None:
        distance = difference(EXACT, values)
        return True if distance > 0 else False if distance < 0 else None

    return holds
