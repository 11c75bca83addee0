"""Derive every derivative that the harness uses, with SymPy.

There are two routes to a gradient. ``local_partials`` differentiates each operation alone, and the
sweeps chain the results over the graph, which scales. ``whole_formula`` differentiates the formula
of the whole expression. That is the textbook meaning of a symbolic derivative, but such a formula
repeats every shared node, so this route is for small expressions only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import sympy
from flint import arb

from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.operations import Operation
from gradcheck.oracles.arithmetic import EXACT, OUT_OF_RANGE, Arithmetic
from gradcheck.oracles.balls import (
    Function,
    NoBallArithmeticError,
    Side,
    compiled,
    exact_number,
    filled,
    sharpened,
)

WHOLE_FORMULA_LIMIT = 20
"""Operations up to which a formula is differentiated as a whole."""

_CHOICES_LIMIT = 6
"""Maxima and minima up to which it is: SymPy compares each operand with all others."""

_SHARE_ROUNDINGS = 3
"""Units that a partial of one side may lose at a kink.

An engine may give each operand of a tie a share of its own, such as a half: the share is rounded,
the other one is subtracted from 1, and the product with the upstream gradient is rounded.
"""

_RULES_KEPT = 4096
"""Compiled formulas that are cached, one for each operation and each set of parameters."""


@lru_cache(maxsize=_RULES_KEPT)
def definition(operation: Operation, parameters: tuple[float, ...] = ()) -> Function:
    """Return the operation as a function of balls: its operands without the parameters."""
    operands, formula = alone(operation, parameters)
    function = compiled(formula, operands, side=Side.AT)
    if not all(part.is_Atom for part in formula.args):
        function = sharpened(function)
    function = _filled(function, formula, operands, operation)
    if formula.free_symbols.issuperset(operands):
        return function
    # The formula of a**0 is 1, but NaN in the operand has to stay NaN.
    return lambda values: OUT_OF_RANGE if any(x.is_nan() for x in values) else function(values)


@lru_cache(maxsize=_RULES_KEPT)
def composed(
    operation: Operation, parameters: tuple[float, ...], arithmetic: Arithmetic
) -> Function:
    """Return the result as the definition is written, each step rounded in ``arithmetic``."""
    operands, formula = alone(operation, parameters)
    return compiled(formula, operands, arithmetic, Side.AT)


@lru_cache(maxsize=_RULES_KEPT)
def local_partials(
    operation: Operation,
    parameters: tuple[float, ...] = (),
    arithmetic: Arithmetic = EXACT,
    side: Side = Side.BOTH,
) -> tuple[Function | None, ...]:
    """Return the partial for each operand, as a function of the operands and then the result.

    In rounded arithmetic it is the textbook formula, such as ``1 - t*t`` for tanh with the result
    t. Each step is rounded, and the result is widened by the operation's own error bound, for
    engines that use a better formula. A partial that is a number or an operand is copied exactly.
    ``None`` means that the partial is 1. At a kink, the partial is that of one ``side``, or
    encloses those of both.

    If the row has ``derivative_ulps``, it is the true partial, widened by as much. An ulp is at
    most two units of roundoff.
    """
    operands, formula = alone(operation, parameters)
    if operation.derivative_ulps is not None:
        # An engine may promise less than the table, for its derivatives too.
        promised = arithmetic.roundings(operation)
        at_least = promised if promised > operation.roundings else 0
        roundings = max(2 * operation.derivative_ulps, at_least)
        return tuple(
            _widened(partial, arithmetic, roundings, operation.derivative_error)
            for partial in _sharp_partials(operation, parameters, side)
        )
    arguments = (*operands, sympy.Symbol("result", real=True))
    custom = None if arithmetic is EXACT else operation.partials
    if custom is None:
        formulas = [_derivative(formula, x) for x in operands]
        if not isinstance(formula, sympy.floor):  # whose derivative SymPy writes with the floor
            formulas = [derivative.xreplace({formula: arguments[-1]}) for derivative in formulas]
    else:
        formulas = [sympy.sympify(formula) for formula in custom(*arguments)]
    partials = [_partial(each, arguments, operation, arithmetic, side) for each in formulas]
    if operation.holes:
        pairs = zip(partials, (sympy.diff(formula, x) for x in operands), strict=True)
        partials = [p and _filled(p, each, operands, operation) for p, each in pairs]
    return (
        (_unless_uncertain, _unless_uncertain, *partials[2:])
        if operation.compares
        else (*partials,)
    )


def _unless_uncertain(values: Sequence[arb]) -> arb:
    """Return the partial with respect to either side of a comparison: 0, unless it may jump.

    ``values`` are the two sides, and the numbers to choose from. At a tie, the result does not jump
    if these are equal, as those of ``where(a > 0, a, 0)`` are at 0.
    """
    left, right, one, other, *_ = values
    distance = left - right
    if distance.is_nan():
        return OUT_OF_RANGE
    is_flat = left is right or not distance.contains(arb(0)) or (distance == 0 and one == other)
    return arb(0) if is_flat else OUT_OF_RANGE


def _derivative(formula: sympy.Expr, operand: sympy.Symbol) -> sympy.Expr:
    """Return the derivative; that of ``a**b`` is ``b*a**(b - 1)``, not ``b*a**b/a``."""
    derivative = sympy.diff(formula, operand)
    return sympy.powsimp(derivative) if isinstance(formula, sympy.Pow) else derivative


@lru_cache(maxsize=_RULES_KEPT)
def _sharp_partials(
    operation: Operation, parameters: tuple[float, ...], side: Side
) -> tuple[Function, ...]:
    """Return the true partials as functions of the operands, with all holes filled."""
    operands, formula = alone(operation, parameters)
    derivatives = [sympy.diff(formula, x) for x in operands]
    return tuple(
        _filled(sharpened(compiled(each, operands, side=side)), each, operands, operation)
        for each in derivatives
    )


def _filled(
    function: Function, formula: sympy.Expr, operands: Sequence[sympy.Symbol], operation: Operation
) -> Function:
    """Return the function of a formula with its limits in the holes of an operation.

    A row of the user's own with a hole that has no limit is refused before it comes here.
    """
    if not operation.holes:
        return function
    limits = {
        at: sympy.limit(formula, operands[0], exact_number(at), "+-") for at in operation.holes
    }
    return filled(function, {at: compiled(limit, operands) for at, limit in limits.items()})


def _widened(
    partial: Function, arithmetic: Arithmetic, roundings: int, absolute: float
) -> Function:
    if arithmetic is EXACT:
        return partial
    return lambda values: arithmetic.round(partial(values), roundings, absolute)


def _partial(
    derivative: sympy.Expr,
    arguments: Sequence[sympy.Symbol],
    operation: Operation,
    arithmetic: Arithmetic,
    side: Side,
) -> Function | None:
    if derivative == 1:
        return None
    partial = compiled(derivative, arguments, arithmetic, side)
    roundings = arithmetic.roundings(operation)
    if side is not Side.BOTH:
        roundings = max(roundings, _SHARE_ROUNDINGS)
    if derivative.is_Atom or roundings == 0:
        return partial
    return lambda values: arithmetic.round(partial(values), roundings)


@lru_cache(maxsize=_RULES_KEPT)
def partials_are_derivatives(operation: Operation, parameters: tuple[float, ...]) -> bool:
    """Tell whether SymPy proves that a row's own partials are the derivatives of its definition.

    >>> from gradcheck.operations import OPERATIONS
    >>> partials_are_derivatives(OPERATIONS["sigmoid"], ())
    True
    """
    if operation.partials is None:
        return True
    operands, formula = alone(operation, parameters)
    partials = operation.partials(*operands, formula)
    if len(partials) != len(operands):
        return False
    pairs = zip(partials, operands, strict=True)
    differences = [partial - sympy.diff(formula, operand) for partial, operand in pairs]
    # Simplifying takes a third of a second, and cancelling is often enough.
    return all(sympy.cancel(d) == 0 or sympy.simplify(d) == 0 for d in differences)


@lru_cache(maxsize=_RULES_KEPT)
def may_have_kinks(operation: Operation, parameters: tuple[float, ...]) -> bool:
    """Tell whether a partial of an operation jumps somewhere.

    >>> from gradcheck.operations import OPERATIONS
    >>> may_have_kinks(OPERATIONS["abs"], ()), may_have_kinks(OPERATIONS["tanh"], ())
    (True, False)
    """
    operands, formula = alone(operation, parameters)
    jumps = (sympy.sign, sympy.Heaviside, sympy.Piecewise)
    return any(sympy.diff(formula, operand).has(*jumps) for operand in operands)


def alone(
    operation: Operation, parameters: tuple[float, ...]
) -> tuple[list[sympy.Symbol], sympy.Expr]:
    """Return symbols for an operation's operands, and its formula."""
    variable = operation.variables
    operands = [sympy.Symbol(f"x{number}", real=True) for number in range(variable)]
    return operands, operation.definition(*operands, *map(exact_number, parameters))


@lru_cache(maxsize=128)
def whole_formula(expression: Expression) -> tuple[Function, ...] | None:
    """Return the derivative of the whole formula for each input, as a function of the inputs.

    Returns ``None`` where the formula has more than ``WHOLE_FORMULA_LIMIT`` operations or too many
    maxima and minima, or where a part of a derivative has no ball arithmetic.
    """
    if not is_small(expression):
        return None
    symbols = [sympy.Symbol(name, real=True) for name in expression.inputs]
    # Constants are symbols too, as SymPy is slow with powers of long fractions.
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
        return None  # SymPy's derivative may contain functions that no operation is defined with
    numbers = [arb(number) for number in constants.values()]
    return tuple(_with_constants(function, numbers) for function in functions)


def _with_constants(function: Function, constants: Sequence[arb]) -> Function:
    return lambda values: function([*values, *constants])


def derivatives_as_text(expression: Expression) -> tuple[str, ...] | None:
    """Return the derivative for each input as SymPy writes it, or ``None`` if it is too large.

    >>> from gradcheck.formula import parse
    >>> derivatives_as_text(parse("tanh(a*b)"))
    ('b*(1 - tanh(a*b)**2)', 'a*(1 - tanh(a*b)**2)')
    """
    if not is_small(expression):
        return None
    derivatives = _derivatives(expression, _as_written)
    if derivatives is None:
        return None
    try:
        return tuple(sympy.sstr(derivative, full_prec=False) for derivative in derivatives)
    except ValueError:  # a constant with more digits than Python writes, such as 8e242**20
        return None


def _as_written(number: float) -> sympy.Expr:
    """Return a constant as a person would write it: 2 and 0.1, not 3602879701896397/2**55."""
    return sympy.Integer(int(number)) if number.is_integer() else sympy.Float(number)


def is_small(expression: Expression, *, limit: int = WHOLE_FORMULA_LIMIT) -> bool:
    """Tell whether SymPy differentiates the whole formula quickly."""
    if expression.formula_size > limit:
        return False
    choices = sum(
        isinstance(node, Apply) and _chooses(node.operation, expression.parameters(node))
        for node in expression.nodes
    )
    return choices <= _CHOICES_LIMIT


@lru_cache(maxsize=_RULES_KEPT)
def _chooses(operation: Operation, parameters: tuple[float, ...]) -> bool:
    """Tell whether an operation is the maximum or the minimum of several operands."""
    operands, formula = alone(operation, parameters)
    return len(operands) > 1 and isinstance(formula, (sympy.Max, sympy.Min))


def _derivatives(
    expression: Expression, constant: Callable[[float], sympy.Expr]
) -> list[sympy.Expr] | None:
    """Return the derivative of the whole formula for each input.

    Returns ``None`` where a part is undefined everywhere, such as ``1/(a - a)``, so that SymPy
    cannot compare it.
    """
    try:
        formula = as_formula(expression, constant)
        return [sympy.diff(formula, sympy.Symbol(x, real=True)) for x in expression.inputs]
    except ValueError:
        return None


def as_formula(expression: Expression, constant: Callable[[float], sympy.Expr]) -> sympy.Expr:
    """Return the formula of the output; ``constant`` makes the SymPy number of a constant.

    Raises ``ValueError`` where a part is undefined everywhere, such as ``1/(a - a)``.
    """
    formulas: list[sympy.Expr] = []
    for position, node in enumerate(expression.nodes):
        match node:
            case Input(name):
                formulas.append(sympy.Symbol(name, real=True))
            case Constant(value):
                formulas.append(constant(float(value)))
            case Apply() if not expression.used[position]:
                formulas.append(sympy.S.Zero)
            case Apply(operation, operands):
                parameters = (
                    constant(number)
                    if _is_long_exponent(operation, number)
                    else exact_number(number)
                    for number in expression.parameters(node)
                )
                variable = operands[: operation.variables]
                formulas.append(operation.definition(*(formulas[i] for i in variable), *parameters))
    return formulas[expression.output]


def _is_long_exponent(operation: Operation, number: float) -> bool:
    """Tell whether an exponent is a fraction too long for SymPy, such as 3602879701896397/2**55.

    In the derivative of ``tanh(a**0.1)`` SymPy looks for common factors of polynomials of that
    degree, without end.
    """
    return operation.name == "**" and not (4.0 * number).is_integer()


def evaluate(functions: Sequence[Function], point: Sequence[float]) -> list[arb]:
    """Enclose the values of compiled formulas at a point, at the current working precision."""
    inputs = [arb(number) for number in point]
    return [function(inputs) for function in functions]
