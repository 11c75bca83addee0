"""Every derivative that the harness uses, by SymPy.

There are two routes to a gradient. ``local_partials`` differentiates each operation alone, and the
sweeps chain the results over the graph: that scales. ``whole_formula`` differentiates the formula
of the whole expression, the textbook meaning of a symbolic derivative: the formula of a graph with
shared nodes is a tree, so it is for small expressions only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import sympy
from flint import arb

from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.operations import Operation
from gradcheck.oracles.arithmetic import EXACT, OUT_OF_RANGE, Arithmetic
from gradcheck.oracles.balls import Function, NoBallArithmeticError, compiled, exact_number

WHOLE_FORMULA_LIMIT = 20
"""Operations in the written-out formula up to which it is differentiated as a whole."""

_CHOICES_LIMIT = 6
"""The same for those that choose among operands: SymPy compares each with all others."""

_RULES_KEPT = 4096
"""Operations, each with the constants that it may have, whose compiled formulas are kept."""


@lru_cache(maxsize=_RULES_KEPT)
def definition(operation: Operation, parameters: tuple[float, ...] = ()) -> Function:
    """The operation on balls: a function of its operands, those aside that are parameters."""
    operands, formula = _formula_alone(operation, parameters)
    function = compiled(formula, operands)
    if formula.free_symbols.issuperset(operands):
        return function
    # a**0 is 1 whatever a is, if it is anything.
    return lambda values: OUT_OF_RANGE if any(x.is_nan() for x in values) else function(values)


@lru_cache(maxsize=_RULES_KEPT)
def local_partials(
    operation: Operation, parameters: tuple[float, ...] = (), arithmetic: Arithmetic = EXACT
) -> tuple[Function | None, ...]:
    """For each operand, the operation's derivative: a function of the operands and the result.

    Under rounding it is the textbook formula (``1 - t*t`` for tanh, with t the result), each step
    rounded, widened once more by the operation's own allowance for engines that use a better one.
    A partial that is a number or an operand is only copied, and ``None`` stands for one that is 1.
    """
    operands, formula = _formula_alone(operation, parameters)
    arguments = (*operands, sympy.Symbol("result", real=True))
    in_use = None if arithmetic is EXACT else operation.partials
    if in_use is None:
        formulas = [sympy.diff(formula, x).xreplace({formula: arguments[-1]}) for x in operands]
    else:
        formulas = list(in_use(*arguments))
    return tuple(_partial(formula, arguments, operation, arithmetic) for formula in formulas)


def _partial(
    derivative: sympy.Expr,
    arguments: Sequence[sympy.Symbol],
    operation: Operation,
    arithmetic: Arithmetic,
) -> Function | None:
    if derivative == 1:
        return None
    partial, roundings = (
        compiled(derivative, arguments, arithmetic),
        arithmetic.roundings(operation),
    )
    if derivative.is_Atom or roundings == 0:
        return partial
    return lambda values: arithmetic.round(partial(values), roundings)


def _formula_alone(
    operation: Operation, parameters: tuple[float, ...]
) -> tuple[list[sympy.Symbol], sympy.Expr]:
    """The symbols of an operation's operands, and its formula."""
    variable = operation.variables
    operands = [sympy.Symbol(f"x{number}", real=True) for number in range(variable)]
    return operands, operation.definition(*operands, *map(exact_number, parameters))


def whole_formula(expression: Expression) -> tuple[Function, ...] | None:
    """For each input, the derivative of the whole formula, as a function of the inputs.

    ``None`` where the formula, written out, has more than ``WHOLE_FORMULA_LIMIT`` operations, or
    many that choose among their operands, or where balls are not taught a part of the derivative.
    """
    if not _is_small(expression):
        return None
    return _whole_formula(expression)


@lru_cache(maxsize=128)
def _whole_formula(expression: Expression) -> tuple[Function, ...] | None:
    symbols = [sympy.Symbol(name, real=True) for name in expression.inputs]
    # Constants are symbols too: SymPy spends a long time on the powers of long fractions.
    constants: dict[sympy.Symbol, float] = {}

    def constant(number: float) -> sympy.Symbol:
        symbol = sympy.Dummy(f"c{len(constants)}", real=True)
        constants[symbol] = number
        return symbol

    derivatives = _derivatives(expression, constant)
    if derivatives is None:
        return None
    try:
        functions = [compiled(derivative, (*symbols, *constants)) for derivative in derivatives]
    except NoBallArithmeticError:
        return None  # SymPy may leave the functions that the operations are defined with
    numbers = [arb(number) for number in constants.values()]
    return tuple(_with_constants(function, numbers) for function in functions)


def _with_constants(function: Function, constants: Sequence[arb]) -> Function:
    return lambda values: function([*values, *constants])


def derivatives_as_text(expression: Expression) -> tuple[str, ...] | None:
    """For each input, the derivative as SymPy writes it, or ``None`` as for ``whole_formula``.

    >>> from gradcheck.formula import parse
    >>> derivatives_as_text(parse("tanh(a*b)"))
    ('b*(1 - tanh(a*b)**2)', 'a*(1 - tanh(a*b)**2)')
    """
    if not _is_small(expression):
        return None
    derivatives = _derivatives(expression, _as_written)
    if derivatives is None:
        return None
    return tuple(sympy.sstr(derivative, full_prec=False) for derivative in derivatives)


def _as_written(number: float) -> sympy.Expr:
    """A constant as a person would write it: 2 and 0.1, not 3602879701896397/2**55."""
    return sympy.Integer(int(number)) if number.is_integer() else sympy.Float(number)


def _is_small(expression: Expression) -> bool:
    """Whether SymPy is quick with the whole formula."""
    if expression.formula_size > WHOLE_FORMULA_LIMIT:
        return False
    choices = sum(
        isinstance(node, Apply) and _chooses(node.operation, expression.parameters(node))
        for node in expression.nodes
    )
    return choices <= _CHOICES_LIMIT


@lru_cache(maxsize=_RULES_KEPT)
def _chooses(operation: Operation, parameters: tuple[float, ...]) -> bool:
    """Whether an operation is the maximum or the minimum of several operands."""
    operands, formula = _formula_alone(operation, parameters)
    return len(operands) > 1 and isinstance(formula, (sympy.Max, sympy.Min))


def _derivatives(
    expression: Expression, constant: Callable[[float], sympy.Expr]
) -> list[sympy.Expr] | None:
    """For each input, the derivative of the whole formula.

    ``None`` where a part is no number anywhere, as ``1/(a - a)``, and SymPy cannot compare it.
    """
    try:
        formula = _formula(expression, constant)
        return [sympy.diff(formula, sympy.Symbol(x, real=True)) for x in expression.inputs]
    except ValueError:
        return None


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
                parameters = map(exact_number, expression.parameters(node))
                variable = operands[: operation.variables]
                formulas.append(operation.definition(*(formulas[i] for i in variable), *parameters))
    return formulas[expression.output]


def evaluate(functions: Sequence[Function], point: Sequence[float]) -> list[arb]:
    """Enclosures of the true values of compiled formulas at a point, at the working precision."""
    inputs = [arb(number) for number in point]
    return [function(inputs) for function in functions]
