"""A verdict in plain numbers and words: what people read, and what is saved of it."""

from __future__ import annotations

from dataclasses import dataclass

from gradcheck.blame.cause import Blame
from gradcheck.expression import Case
from gradcheck.formula import write
from gradcheck.kind import Kind, Reason
from gradcheck.story import story


@dataclass(frozen=True, slots=True)
class Row:
    """The three witnesses of one number, and what is proved of it.

    The number is the value, or the gradient with respect to the input ``name``. ``backprop`` is
    what the engine returned, ``None`` where it gave no number. ``symbolic`` is the float64 nearest
    to the truth, and a correct engine's number is at most ``allowed_error`` away from it. ``slope``
    is the finite difference of the engine's own values, and it may be off by
    ``slope_allowed_error``; both are ``None`` where no slope was taken. An allowed error is NaN
    where there is no bound. ``undecided`` is the reason where nothing is proved.

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


@dataclass(frozen=True, slots=True)
class Report:
    """A verdict without what proves it: all that is saved of it, and shown.

    There is a row for the ``value``, and one for the ``gradient`` with respect to each input.
    ``derivatives`` are those that are short enough to read, such as ``d/da = 2*a``. ``conclusion``
    is a sentence or more. ``limit`` is how many seconds or bytes the engine may take, where it took
    more.
    """

    engine: str
    case: Case
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
        """The row of the value and then those of the gradient."""
        return self.value, *self.gradient

    @property
    def formula(self) -> str:
        """The expression as text."""
        return write(self.case.expression)

    @property
    def steps(self) -> str:
        """What is done with the graph, empty where that is one backward pass."""
        return story(self.case)
