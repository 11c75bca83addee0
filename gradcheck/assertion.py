"""Assertions for tests of an engine."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from gradcheck.checking import as_array_engine, as_engine, check
from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.errors import UnsupportedCaseError
from gradcheck.expression import Case
from gradcheck.report import AnyCase
from gradcheck.table import as_text

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict


class GradientMismatch(AssertionError):  # noqa: N818 - the name says what happened
    """An engine is proved wrong at a case; the message is a table, ``verdict`` has the numbers.

    ``engine`` is the engine to try smaller cases on, or ``None`` if the case is to stay as it is.
    """

    def __init__(self, verdict: AnyVerdict, engine: AnyEngine | None = None) -> None:
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


def assert_gradients(case: AnyCase, engine: AnyEngine | type | str) -> None:
    """Raise ``GradientMismatch`` if an engine's value or gradient is proved wrong at a case.

    Each bug has its own subclass of ``GradientMismatch``, so Hypothesis shrinks each bug to its
    smallest case. Raises ``GradientUndecided`` if no number of the gradient could be judged; in a
    Hypothesis test, such a case is rejected, so that another is drawn. The same is true of an array
    case with a form of an operation that the engine does not have. Also raises what ``check``
    raises.

    >>> from gradcheck import Case, parse
    >>> assert_gradients(Case(parse("a*a"), (3.0,)), "engine:Value")
    """
    __tracebackhide__ = True
    if isinstance(case, Case):
        engine = as_engine(engine)
        verdict: AnyVerdict = check(case, engine)
    else:
        from gradcheck.arrays.program import ArrayCase  # noqa: PLC0415 - needs NumPy

        assert isinstance(case, ArrayCase)
        engine = as_array_engine(engine)
        try:
            verdict = check(case, engine)
        except UnsupportedCaseError as error:
            _reject_in_a_hypothesis_test()
            raise GradientUndecided(str(error)) from None
    require_right(verdict, engine)
    if not verdict.is_decided:
        _reject_in_a_hypothesis_test()
        raise GradientUndecided(str(verdict))


def _reject_in_a_hypothesis_test() -> None:
    if "hypothesis" in sys.modules:  # importing it would take longer than the check
        import hypothesis  # noqa: PLC0415 - see above

        if hypothesis.currently_in_test_context():
            hypothesis.reject()


def require_right(verdict: AnyVerdict, engine: AnyEngine | None = None) -> None:
    """Raise ``GradientMismatch`` if a verdict proves an engine wrong."""
    __tracebackhide__ = True
    if verdict.is_finding:
        raise _mismatch_for(verdict.signature)(verdict, engine)
