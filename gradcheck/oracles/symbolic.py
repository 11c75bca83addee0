"""SymPy formulas as functions of balls, and every derivative that the harness uses.

There are two routes to a gradient. ``local_partials`` differentiates each operation alone, and the
sweeps chain the results over the graph: that scales. ``whole_formula`` differentiates the formula
of the whole expression, the textbook meaning of a symbolic derivative: the formula of a graph with
shared nodes is a tree, so it is for small expressions only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache, reduce

import sympy
from flint import arb, fmpq

from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.operations import Operation
from gradcheck.oracles.arithmetic import EXACT, Arithmetic

WHOLE_FORMULA_LIMIT = 20
"""Operations in the written-out formula up to which it is differentiated as a whole."""

Function = Callable[[Arithmetic, Sequence[arb]], arb]
"""A compiled formula: the arithmetic to use, the arguments, and the result."""

_BALL_FUNCTIONS: dict[type[sympy.Function], Callable[[arb], arb]] = {sympy.tanh: arb.tanh}


def compiled(formula: sympy.Expr, arguments: Sequence[sympy.Symbol]) -> Function:
    """A function of balls that evaluates a SymPy formula, operation by operation.

    Raises ``TypeError`` for a formula with a part that balls are not taught: a gap in the harness.
    """
    if isinstance(formula, sympy.Symbol):
        index = arguments.index(formula)
        return lambda arithmetic, values: values[index]
    if isinstance(formula, sympy.Rational):
        ratio = fmpq(int(formula.p), int(formula.q))
        return lambda arithmetic, values: arb(ratio)
    parts = [compiled(part, arguments) for part in formula.args]
    match formula:
        case sympy.Add():
            return lambda arithmetic, values: arithmetic.add([p(arithmetic, values) for p in parts])
        case sympy.Mul():
            return lambda arithmetic, values: reduce(
                arithmetic.multiply, (part(arithmetic, values) for part in parts)
            )
        case sympy.Pow(exp=sympy.Integer() as exponent) if exponent > 0:
            power, base = int(exponent), parts[0]
            return lambda arithmetic, values: arithmetic.round(
                base(arithmetic, values) ** power, power - 1
            )
        case sympy.Function() if type(formula) in _BALL_FUNCTIONS:
            function, [argument] = _BALL_FUNCTIONS[type(formula)], parts
            return lambda arithmetic, values: function(argument(arithmetic, values))
    message = f"no ball arithmetic for {type(formula).__name__} in {formula}"
    raise TypeError(message)


@cache
def definition(operation: Operation) -> Function:
    """The operation on balls: a function of its operands."""
    operands = _operand_symbols(operation)
    return compiled(operation.definition(*operands), operands)


@cache
def local_partials(operation: Operation) -> tuple[Function, ...]:
    """For each operand, the operation's derivative: a function of the operands and the result.

    Under rounding it is the textbook formula (``1 - t*t`` for tanh, with t the result), each step
    rounded, widened once more by the operation's own allowance for engines that use a better one.
    A partial that is a number or an operand is only copied.
    """
    operands = _operand_symbols(operation)
    result = sympy.Symbol("result", real=True)
    formula = operation.definition(*operands)
    return tuple(
        _with_allowance(
            sympy.diff(formula, x).subs(formula, result), (*operands, result), operation
        )
        for x in operands
    )


def _with_allowance(
    partial: sympy.Expr, arguments: Sequence[sympy.Symbol], operation: Operation
) -> Function:
    evaluate = compiled(partial, arguments)
    if partial.is_Atom:
        return evaluate
    return lambda arithmetic, values: arithmetic.round(
        evaluate(arithmetic, values), operation.roundings
    )


def _operand_symbols(operation: Operation) -> list[sympy.Symbol]:
    return [sympy.Symbol(f"x{number}", real=True) for number in range(operation.arity)]


def whole_formula(expression: Expression) -> tuple[Function, ...] | None:
    """For each input, the derivative of the whole formula, as a function of the inputs.

    ``None`` where the formula, written out, has more than ``WHOLE_FORMULA_LIMIT`` operations.
    """
    if expression.formula_size > WHOLE_FORMULA_LIMIT:
        return None
    return _whole_formula(expression)


@lru_cache(maxsize=128)
def _whole_formula(expression: Expression) -> tuple[Function, ...]:
    symbols = [sympy.Symbol(name, real=True) for name in expression.inputs]
    formula = _formula(expression, lambda number: sympy.Rational(*number.as_integer_ratio()))
    return tuple(compiled(sympy.diff(formula, symbol), symbols) for symbol in symbols)


def derivatives_as_text(expression: Expression) -> tuple[str, ...] | None:
    """For each input, the derivative as SymPy writes it, or ``None`` as for ``whole_formula``.

    >>> from gradcheck.formula import parse
    >>> derivatives_as_text(parse("tanh(a*b)"))
    ('b*(1 - tanh(a*b)**2)', 'a*(1 - tanh(a*b)**2)')
    """
    if expression.formula_size > WHOLE_FORMULA_LIMIT:
        return None
    formula = _formula(expression, _as_written)
    return tuple(
        sympy.sstr(sympy.diff(formula, sympy.Symbol(name, real=True)), full_prec=False)
        for name in expression.inputs
    )


def _as_written(number: float) -> sympy.Expr:
    """A constant as a person would write it: 2 and 0.1, not 3602879701896397/2**55."""
    return sympy.Integer(int(number)) if number.is_integer() else sympy.Float(number)


def _formula(expression: Expression, constant: Callable[[float], sympy.Expr]) -> sympy.Expr:
    formulas: list[sympy.Expr] = []
    for position, node in enumerate(expression.nodes):
        match node:
            case Input(name):
                formulas.append(sympy.Symbol(name, real=True))
            case Constant(value):
                formulas.append(constant(value))
            case Apply() if not expression.used[position]:
                formulas.append(sympy.S.Zero)
            case Apply(operation, operands):
                formulas.append(operation.definition(*(formulas[i] for i in operands)))
    return formulas[expression.output]


def evaluate(functions: Sequence[Function], point: Sequence[float]) -> list[arb]:
    """Enclosures of the true values of compiled formulas at a point, at the working precision."""
    inputs = [arb(number) for number in point]
    return [function(EXACT, inputs) for function in functions]
