"""The true numbers at a point where the chain rule has none.

There the chain rule meets a product of 0 and an infinity, or a division by zero, while the formula
as a whole has a derivative: ``a*a**0.5`` is ``a**1.5``, with the derivative 0 at 0. And
``sin(a)/a`` has no value at 0, but a limit. SymPy simplifies the formula, or proves the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sympy
from flint import arb, ctx

from gradcheck.expression import Apply, Case, Constant
from gradcheck.operations import Operation
from gradcheck.oracles.arithmetic import EXACT
from gradcheck.oracles.balls import compiled, exact_number
from gradcheck.oracles.certificate import SHARP_BITS, Certificate
from gradcheck.oracles.sweep import values
from gradcheck.oracles.symbolic import (
    as_formula,
    is_small,
    local_partials,
    may_have_kinks,
    whole_formula,
)

_LARGEST_FORMULA = 8
"""Operations up to which the whole formula is used, as SymPy may take long."""

_LARGEST_LIMIT = 3
"""Operations up to which a limit is looked for, which takes SymPy a tenth of a second."""

_LARGEST_NUMBER = 4.0
"""The largest size of a number in a limit: SymPy would take forever for the sine of 1e100."""

_NEAR = arb(2) ** -200
"""How far a number is moved to look for a value close by, as a share of it, or of 1 if larger."""

_BITS = 256
"""The working precision: enough for a number and ``_NEAR`` of it."""

_CASES_KEPT = 256


def true_value(case: Case) -> arb | None:
    """Return the limit of the value, ``None`` where it is not known.

    >>> from gradcheck.formula import parse
    >>> true_value(Case(parse("sin(a)/a"), (0.0,)))
    1.00000000000000
    """
    if len(case.point) != 1 or not _is_at_an_edge(case):
        return None  # with several inputs, there is no telling along which of them
    return _limit(case, 0, of_derivative=False)


def true_derivative(case: Case, index: int) -> arb | None:
    """Return the derivative of the whole formula with respect to an input, or its limit.

    It is ``None`` where neither is known.

    >>> from gradcheck.formula import parse
    >>> true_derivative(Case(parse("a*a**0.5"), (0.0,)), 0)
    0
    """
    if not _is_at_an_edge(case):
        return None
    number = _by_the_whole_formula(case, index)
    return _limit(case, index, of_derivative=True) if number is None else number


def singular_operation(certificate: Certificate) -> Operation | None:
    """Return the operation at which the chain rule has no number, ``None`` if it has all numbers.

    That is the first one without a value, or else the first on the way back with a local partial
    that is no number.
    """
    expression = certificate.case.expression
    applications = [
        (position, node)
        for position, node in enumerate(expression.nodes)
        if isinstance(node, Apply) and expression.used[position]
    ]
    for position, node in applications:
        if certificate.values[position].truth.is_nan():
            return node.operation
    for position, node in reversed(applications):
        operands = node.operands[: node.operation.variables]
        arguments = [certificate.values[i].truth for i in (*operands, position)]
        partials = local_partials(node.operation, expression.parameters(node))
        if any(partial is not None and partial(arguments).is_nan() for partial in partials):
            return node.operation
    return None


def _by_the_whole_formula(case: Case, index: int) -> arb | None:
    if not is_small(case.expression, limit=_LARGEST_FORMULA):
        return None
    functions = whole_formula(case.expression)
    if functions is None:
        return None
    with ctx.workprec(_BITS):
        number = functions[index]([arb(x) for x in case.point])
    return number if number.is_exact() or number.rel_accuracy_bits() >= SHARP_BITS else None


def _is_at_an_edge(case: Case) -> bool:
    """Tell whether the formula has a value close to the point.

    Where it has none, as ``sqrt(a)**2`` at -1, the point is outside of the domain. The numbers are
    moved all together, and one by one, to either side.
    """
    expression, point = case.expression, case.point

    def has_a_value(shifts: Sequence[int]) -> bool:
        steps = (shift * _NEAR * max(1.0, abs(x)) for shift, x in zip(shifts, point, strict=True))
        inputs = [x + step for x, step in zip(map(arb, point), steps, strict=True)]
        return values(expression, inputs, EXACT)[expression.output].is_finite()

    count = len(point)
    along_one = ([sign * (i == j) for j in range(count)] for i in range(count) for sign in (1, -1))
    with ctx.workprec(_BITS):
        return any(map(has_a_value, ([1] * count, [-1] * count, *along_one)))


@lru_cache(maxsize=_CASES_KEPT)
def _limit(case: Case, index: int, *, of_derivative: bool) -> arb | None:
    """Return the limit along one input, the others being fixed, if SymPy finds a finite one.

    Where the value and the derivative both have a limit, that of the derivative is the derivative
    of the function with its hole filled.
    """
    expression = case.expression
    if not _is_simple(case):
        return None
    symbols = {name: sympy.Symbol(name, real=True) for name in expression.inputs}
    moving = symbols[expression.inputs[index]]
    numbers = {symbols[name]: exact_number(number) for name, number in case.numbers.items()}
    here = numbers.pop(moving)
    try:
        formula = as_formula(expression, exact_number).subs(numbers)
        limits = [sympy.limit(formula, moving, here, "+-")]
        if of_derivative:
            limits.append(sympy.limit(sympy.diff(formula, moving), moving, here, "+-"))
        if all(limit.is_real and limit.is_finite for limit in limits):
            with ctx.workprec(_BITS):
                number = compiled(limits[-1], [])([])
            return number if number.is_finite() else None
    except Exception:  # noqa: BLE001 - SymPy gives up on a limit in many ways
        return None
    return None


def _is_simple(case: Case) -> bool:
    """Tell whether SymPy ends soon: a few operations without kinks on small, short numbers."""
    if case.expression.formula_size > _LARGEST_LIMIT:
        return False
    nodes, parameters = case.expression.nodes, case.expression.parameters
    applications = (node for node in nodes if isinstance(node, Apply))
    if any(
        node.operation.is_at_kink is not None or may_have_kinks(node.operation, parameters(node))
        for node in applications
    ):
        return False  # also jumps: SymPy looks for a limit of floor without end
    constants = (node.value for node in nodes if isinstance(node, Constant))
    numbers = (*case.point, *constants)
    return all(abs(x) <= _LARGEST_NUMBER and (2.0 * x).is_integer() for x in numbers)
