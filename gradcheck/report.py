"""A verdict in plain numbers and words: the part that people read and that is saved."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gradcheck.blame.cause import Blame, Named
from gradcheck.expression import Backward, Build, Expression, Repeat, Step, ZeroGrad
from gradcheck.formula import write
from gradcheck.kind import Kind, Reason
from gradcheck.notation import in_one_line
from gradcheck.one_element import OneElementCase, summed

_MAX_FORMULA_LENGTH = 200
"""Characters of a formula in the words for the steps."""


class AnyCase(Protocol):
    """A case, of numbers or of arrays, as far as a report shows it."""

    @property
    def formula(self) -> str:
        """The formula, as text."""

    @property
    def numbers(self) -> Mapping[str, object]:
        """The inputs by name: numbers, or nested lists of them."""

    @property
    def steps(self) -> Sequence[Step]:
        """The steps to take; none for a single backward pass."""

    @property
    def operations(self) -> Collection[Named]:
        """The operations that occur."""

    @property
    def expression(self) -> Expression:
        """The expression, of the elements if the case is one of arrays."""

    @property
    def point(self) -> tuple[float, ...]:
        """A number for each input of the expression."""


@dataclass(frozen=True, slots=True)
class Row:
    """The verdict on one number: the value, or the gradient with respect to the input ``name``.

    ``backprop`` is the engine's number, ``None`` where it returned none. ``symbolic`` is the
    float64 nearest to the true number; a correct engine's number differs from it by at most
    ``allowed_error``. ``slope`` is the finite difference of the engine's own values; it differs
    from the derivative by at most ``slope_allowed_error``. Both are ``None`` where no slope was
    taken. An allowed error is NaN where there is no bound. ``undecided`` is the reason why nothing
    is proved, if nothing is.

    >>> from gradcheck import check, parse, Case
    >>> verdict = check(Case(parse("a*b"), (2.0, 3.0)), "engine:Value")
    >>> verdict.gradient[0].name, verdict.gradient[0].backprop, verdict.gradient[0].kind
    ('a', 3.0, <Kind.CORRECT: 'correct'>)
    """

    name: str
    backprop: float | None
    symbolic: float
    allowed_error: float
    slope: float | None
    slope_allowed_error: float | None
    kind: Kind
    undecided: Reason | None = None

    @property
    def is_wrong_by_slope(self) -> bool:
        """Whether the slope alone disagrees: the gradient itself is not proved wrong."""
        if self.slope is None or self.backprop is None:
            return False
        return self.kind is Kind.WRONG_VALUE or (
            self.kind is Kind.NON_FINITE and math.isfinite(self.backprop)
        )


@dataclass(frozen=True, slots=True)
class Report:
    """A verdict without its proof: the part that is shown and saved.

    ``value`` is a row, and ``gradient`` has a row for each input. ``derivatives`` are the formulas
    that are short enough to read, such as ``d/da = 2*a``. ``conclusion`` is one sentence or more.
    ``limit`` is the limit in seconds or bytes that the engine exceeded, if it exceeded one.
    """

    engine: str
    case: AnyCase
    signature: str
    kind: Kind
    blame: Blame | None
    relative_error: float
    value: Row
    gradient: tuple[Row, ...]
    derivatives: tuple[str, ...]
    conclusion: tuple[str, ...]
    limit: float | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        """The row of the value, then those of the gradient."""
        return self.value, *self.gradient

    @property
    def formula(self) -> str:
        """The expression as text."""
        return self.case.formula

    @property
    def steps(self) -> str:
        """The steps of the case in words, empty for a single backward pass."""
        return steps_in_words(self.case)


def steps_in_words(case: AnyCase) -> str:
    """Return the steps of a case in words; empty for a single backward pass.

    >>> from gradcheck import Case, parse
    >>> steps_in_words(Case(parse("a*a"), (3.0,), (Backward(1), Backward(1), Repeat(12))))
    'backward() of `a*a`, then again, 12 times'
    """
    if not case.steps:
        return ""  # an expression of arrays takes long to make
    steps: list[str] = []
    times = ""
    is_summed = isinstance(case, OneElementCase) and case.is_summed
    graph, last = case.expression, None
    for step in case.steps:
        match step:
            case Build(expression):
                graph, last = expression, None
            case Backward(position):
                words = f"backward() of {quoted_formula(graph, position, is_summed=is_summed)}"
                steps.append("again" if step == last else words)
                last = step
            case ZeroGrad(on):
                steps.append(f"zero_grad() of the {on}")
            case Repeat(count):
                times = f", {count} times"
    return ", then ".join(steps) + times


def quoted_formula(graph: Expression, position: int, *, is_summed: bool = False) -> str:
    """Return the formula of a node, or of its sum, in backquotes, shortened if it is long."""
    formula = write(Expression(graph.nodes, position).pruned())
    formula = summed(formula) if is_summed else formula
    return f"`{in_one_line(formula, _MAX_FORMULA_LENGTH)}`"
