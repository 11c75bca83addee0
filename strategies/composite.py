"""Strategies for expressions, points and cases, drawn by the same grammar as in long runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from gradcheck.expression import Case, Expression
from gradcheck.generation.expressions import ExpressionGrammar
from gradcheck.generation.points import PointGrammar
from gradcheck.operations import DEFAULT_OPERATIONS, Operation
from gradcheck.precision import FLOAT32

from .choices import HypothesisChoices

if TYPE_CHECKING:
    from gradcheck.arrays.program import ArrayCase

DEFAULT_ARRAY_OPERATIONS = ("+", "*", "sum")

_PRECISION = FLOAT32
"""The engine is not known here; numbers in the range of float32 suit one in float64 too."""


def expressions(
    *,
    operations: Sequence[Operation] = DEFAULT_OPERATIONS,
    max_ops: int = 10,
    max_inputs: int = 3,
    magnitude: float = 3.0,
) -> st.SearchStrategy[Expression]:
    """Return a strategy for expressions with up to ``max_ops`` of the given operations.

    Their nodes may be shared: ``a*a``, diamonds, an input on several paths. Nearly all constants
    are up to ``magnitude`` in size, on either side of an operation; exponents are up to 64. An
    input may be unused, or be the output; the output depends on every operation. They shrink to
    fewer operations, then to operands close by. Raises ``ValueError`` if no expression is possible.

    >>> from hypothesis import find
    >>> from gradcheck.formula import write
    >>> write(find(expressions(), lambda expression: expression.size == 2))
    'n1 = a + a; n1 + n1'
    """
    grammar = ExpressionGrammar(
        operations,
        max_ops=max_ops,
        max_inputs=max_inputs,
        magnitude=magnitude,
        precision=_PRECISION,
    )
    return _expressions(grammar)


def points(
    number_of_inputs: int,
    *,
    operations: Sequence[Operation] = DEFAULT_OPERATIONS,
    magnitude: float = 3.0,
) -> st.SearchStrategy[tuple[float, ...]]:
    """Return a strategy for points of ``number_of_inputs`` numbers, most of them small.

    Half of the numbers are ordinary floats. Nearly all others are small round numbers, so exact
    zeros and equal inputs occur. A few are of any magnitude from 1e-45 to 9e37, or lie where tanh
    is saturated, or where an implementation of one of the ``operations`` may overflow. The others
    are up to ``magnitude`` in size. Raises ``ValueError`` for a magnitude that is not a positive
    finite number.

    >>> from hypothesis import find
    >>> find(points(2), lambda point: point[0] > 0.0)
    (1.0, 0.0)
    """
    return _points(
        PointGrammar(operations, magnitude=magnitude, precision=_PRECISION), number_of_inputs
    )


def cases(
    *,
    operations: Sequence[Operation] = DEFAULT_OPERATIONS,
    max_ops: int = 10,
    max_inputs: int = 3,
    magnitude: float = 3.0,
) -> st.SearchStrategy[Case]:
    """Return a strategy for cases; the options are those of ``expressions``.

    The point is nearly always inside the domain of every operation.

    >>> from hypothesis import given
    >>> from gradcheck import assert_gradients
    >>> @given(cases(max_ops=4))
    ... def test_my_engine(case):
    ...     assert_gradients(case, "engine:Value")
    >>> test_my_engine()
    """
    grammar = ExpressionGrammar(
        operations,
        max_ops=max_ops,
        max_inputs=max_inputs,
        magnitude=magnitude,
        precision=_PRECISION,
    )
    return _cases(grammar, PointGrammar(operations, magnitude=magnitude, precision=_PRECISION))


def array_cases(
    *,
    operations: Collection[str] = DEFAULT_ARRAY_OPERATIONS,
    max_ops: int = 4,
    missing_forms: Collection[str] = (),
) -> st.SearchStrategy[ArrayCase]:
    """Return a strategy for programs on arrays with up to ``max_ops`` of the given operations.

    Operations are named as in formulas: ``"+"``, ``"matmul"``, ``"sum"``, ``"index"``. The numbers
    are nearly always inside the domain of every operation. ``missing_forms`` are left out, such as
    ``"sum over several axes"``; ``gradcheck engines`` lists those that an engine does not have.

    >>> from hypothesis import find
    >>> find(array_cases(operations=["sum"]), lambda case: case.program.shape == ()).formula
    'sum(x)'
    """
    return _array_cases(tuple(operations), max_ops, frozenset(missing_forms))


@st.composite
def _expressions(draw: st.DrawFn, grammar: ExpressionGrammar) -> Expression:
    choices = HypothesisChoices(draw)
    return grammar.draw(choices, grammar.number_of_inputs(choices))[0]


@st.composite
def _points(draw: st.DrawFn, grammar: PointGrammar, count: int) -> tuple[float, ...]:
    return grammar.draw(HypothesisChoices(draw), count)


@st.composite
def _cases(draw: st.DrawFn, expressions: ExpressionGrammar, points: PointGrammar) -> Case:
    choices = HypothesisChoices(draw)
    inputs = expressions.number_of_inputs(choices)
    expression, [point] = expressions.draw(choices, inputs, [points.draw(choices, inputs)])
    return Case(expression, point)


@st.composite
def _array_cases(
    draw: st.DrawFn, operations: tuple[str, ...], max_ops: int, missing_forms: frozenset[str]
) -> ArrayCase:
    from gradcheck.generation.array_programs import draw_case  # noqa: PLC0415 - needs NumPy

    return draw_case(
        HypothesisChoices(draw),
        operations,
        missing_forms=missing_forms,
        max_ops=max_ops,
        precision=_PRECISION,
    )
