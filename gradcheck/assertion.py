"""Assertions for tests of an engine."""

from __future__ import annotations

import sys
from functools import cache

from gradcheck.checking import as_engine, check
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.table import as_text
from gradcheck.verdict import Verdict


class GradientMismatch(AssertionError):  # noqa: N818 - the name says what happened
    """An engine is proved wrong at a case; the message is a table, ``verdict`` has the numbers.

    ``engine`` is the engine to try smaller cases on, or ``None`` if the case is to stay as it is.
    """

    def __init__(self, verdict: Verdict, engine: Engine | None = None) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict
        self.engine = engine

    def lay_out(self, width: int) -> None:
        """Lay out the table of the message for a number of columns."""
        self.args = (as_text(self.verdict.report, width=width),)


class GradientUndecided(AssertionError):  # noqa: N818 - the name says what happened
    """Nothing is proved about a gradient at a case; the message is a table with the reason."""


@cache
def _mismatch_for(signature: str) -> type[GradientMismatch]:
    """Return the class for a signature: Hypothesis tells bugs apart by class and line."""
    return type(GradientMismatch.__name__, (GradientMismatch,), {"signature": signature})


def assert_gradients(case: Case, engine: Engine | type | str) -> None:
    """Raise ``GradientMismatch`` if an engine's value or gradient is proved wrong at a case.

    Each bug has its own subclass of ``GradientMismatch``, so Hypothesis shrinks each bug to its
    smallest case. Raises ``GradientUndecided`` if no number of the gradient could be judged; in a
    Hypothesis test, such a case is rejected, so that another is drawn. Also raises what ``check``
    raises.

    >>> from gradcheck import Case, parse
    >>> assert_gradients(Case(parse("a*a"), (3.0,)), "engine:Value")
    """
    __tracebackhide__ = True
    engine = as_engine(engine)
    verdict = check(case, engine)
    require_right(verdict, engine)
    if not verdict.is_decided:
        _reject_in_a_hypothesis_test()
        raise GradientUndecided(str(verdict))


def _reject_in_a_hypothesis_test() -> None:
    if "hypothesis" in sys.modules:  # importing it would take longer than the check
        import hypothesis  # noqa: PLC0415 - see above

        if hypothesis.currently_in_test_context():
            hypothesis.reject()


def require_right(verdict: Verdict, engine: Engine | None = None) -> None:
    """Raise ``GradientMismatch`` if a verdict proves an engine wrong."""
    __tracebackhide__ = True
    if verdict.is_finding:
        raise _mismatch_for(verdict.signature)(verdict, engine)
