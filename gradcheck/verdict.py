"""A verdict: what an engine gave at a case, beside what is true, and what follows from that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

from gradcheck.blame.cause import Blame, Cause
from gradcheck.comparison import Comparison, is_beyond_doubt
from gradcheck.engines.interface import Interface
from gradcheck.engines.protocol import Run
from gradcheck.expression import Case, Expression
from gradcheck.finite_difference import FiniteDifference
from gradcheck.formula import write
from gradcheck.judged import Judged, judged_gradient, judged_value
from gradcheck.kind import Kind, Reason
from gradcheck.oracles.certificate import Certificate
from gradcheck.oracles.slope import slopes_to_take
from gradcheck.oracles.symbolic import derivatives_as_text
from gradcheck.report import Report, Row
from gradcheck.table import as_text, in_one_line, place

_OF_NUMBERS = (
    Kind.WRONG_VALUE,
    Kind.WRONG_GRADIENT,
    Kind.IMPRECISE_VALUE,
    Kind.IMPRECISE_GRADIENT,
)
"""What can be said of a number that is there and is not right."""

_LONGEST = 100
"""Characters of a verdict in one line."""

_LONGEST_DERIVATIVE = 60

_MOST_DECISIONS = 8
"""Decisions of a function that are named."""


@dataclass(frozen=True, repr=False)  # no slots: cached_property keeps its results in __dict__
class Verdict:
    """An engine's run of a case beside the truth, and what the two prove together.

    It is worked out as far as it is asked for; ``print`` shows it as a table. ``run`` is what the
    engine gave and ``certificate`` what is true of every node. There is one of the
    ``finite_differences`` for each input, ``None`` where none was taken. ``blame`` says what is at
    fault. ``whole_formula_agrees`` says whether the whole formula was differentiated too.
    ``interface`` is how the engine's objects are driven, ``None`` for an engine with an adapter of
    its own. ``decisions`` are the places where a Python function chose its way by a value: the
    expression is the function's around this point only.
    """

    case: Case
    run: Run
    certificate: Certificate
    finite_differences: Sequence[FiniteDifference | None]
    engine: str
    interface: Interface | None
    blame: Blame | None = None
    whole_formula_agrees: bool = False
    decisions: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        # Without what is worked out: another process can do so itself.
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    def __str__(self) -> str:
        return as_text(self.report)

    def __repr__(self) -> str:
        where = place(self.engine, self.case.numbers)
        what = in_one_line(f"{self.signature}: {write(self.case.expression)} by {where}", _LONGEST)
        return f"<Verdict {what}>"

    @cached_property
    def kind(self) -> Kind:
        """The gravest of all that was found."""
        if self._is_beyond_doubt():
            return Kind.CORRECT
        return min((number.kind for number in self.judged), key=lambda kind: kind.gravity)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The value and then the gradient, in plain numbers."""
        return tuple(number.row for number in self.judged)

    @property
    def value(self) -> Row:
        """The value, in plain numbers."""
        return self.rows[0]

    @property
    def gradient(self) -> tuple[Row, ...]:
        """The gradient with respect to each input, in plain numbers."""
        return self.rows[1:]

    @property
    def undecided(self) -> Reason | None:
        """Why the case is undecided, if it is."""
        if self.kind is not Kind.UNDECIDED:
            return None
        return next(number.undecided for number in self.judged if number.undecided)

    @property
    def graph(self) -> Expression:
        """The expression whose numbers are in ``run``, node by node."""
        return self.case.expression

    def value_at(self, position: int) -> Comparison:
        """The value of a node of the graph, beside what it should be."""
        value = self.run.readings[position].value if self.run.readings else None
        if value is None and position == self.graph.output:
            value = self.run.value
        return Comparison(value, self.certificate.values[position])

    def adjoint_at(self, position: int) -> Comparison:
        """The adjoint of a node of the graph, beside what it should be."""
        adjoint = self.run.readings[position].adjoint if self.run.readings else None
        return Comparison(adjoint, self.certificate.adjoints[position])

    @property
    def relative_error(self) -> float:
        """The largest relative error of a number that is proved wrong."""
        numbers = (number.backprop for number in self.judged)
        errors = (number.relative_error for number in numbers if number.agrees is False)
        return max(errors, default=0.0)

    @property
    def only_loses_digits(self) -> bool:
        """Whether all that is wrong are digits, at most half of those that a number about 1 has."""
        wrong = [number for number in self.judged if number.kind.is_finding]
        return bool(wrong) and all(
            number.kind in _OF_NUMBERS and number.backprop.has_lost_digits for number in wrong
        )

    @property
    def signature(self) -> str:
        """What makes two failures the same bug: why it is wrong, and of which operation."""
        if self.blame is None:
            return self.kind.value
        return self.blame.signature

    def explains(self, other: Verdict) -> bool:
        """Whether the bug that shows here may be all that shows there."""
        if self.blame is None or other.blame is None:
            return self.signature == other.signature
        return self.blame.explains(other.blame)

    @property
    def report(self) -> Report:
        """The verdict in plain numbers and words."""
        return Report(
            engine=self.engine,
            case=self.case,
            signature=self.signature,
            kind=self.kind,
            blame=self.blame,
            relative_error=self.relative_error,
            value=self.value,
            gradient=self.gradient,
            derivatives=_derivatives(self.case),
            conclusion=self.conclusion,
            limit=None if self.run.fault is None else self.run.fault.limit,
        )

    @property
    def conclusion(self) -> tuple[str, ...]:
        """What is proved, in a sentence or more."""
        return (*_judgement(self), *_reservations(self))

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """The value and then the gradient, beside the truth."""
        value = judged_value(self.case, self.run, self.certificate)
        gradient = (
            judged_gradient(self.case, self.run, self.certificate, finite_difference, index)
            for index, finite_difference in enumerate(self.finite_differences)
        )
        return value, *gradient

    def _is_beyond_doubt(self) -> bool:
        """Whether enclosures of what a faithful engine may return show that all is correct."""
        run, point, certificate = self.run, self.case.point, self.certificate
        if run.fault is not None or not certificate.is_of_one_derivative:
            return False
        enclosed = certificate.faithful_values[self.case.expression.output]
        if not is_beyond_doubt(run.value, enclosed):
            return False
        for index, x in enumerate(point):
            reading, finite_difference = run.readings[index], self.finite_differences[index]
            adjoint = reading.adjoint
            if adjoint is None and not self.case.expression.used[index]:
                adjoint = 0.0
            if (
                reading.value != x
                or not is_beyond_doubt(adjoint, certificate.faithful_adjoints[index])
                or (finite_difference is not None and finite_difference.is_wrong())
            ):
                return False
        return True


def drop_explained(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Drop each verdict that a more certain one explains."""
    kept: list[Verdict] = []
    for verdict in sorted(verdicts, key=_doubt):
        if not any(other.explains(verdict) for other in kept):
            kept.append(verdict)
    return kept


def _doubt(verdict: Verdict) -> tuple[int, int]:
    """Sort key: the most certain blame first."""
    if verdict.blame is None:
        return verdict.kind.gravity, 0
    return list(Cause).index(verdict.blame.cause), len(verdict.blame.operations)


def _derivatives(case: Case) -> tuple[str, ...]:
    """The derivatives of the whole formula that are short enough to read."""
    texts = derivatives_as_text(case.expression) or ()
    return tuple(
        f"d/d{name} = {text}"
        for name, text in zip(case.expression.inputs, texts, strict=False)
        if len(text) <= _LONGEST_DERIVATIVE
    )


def _judgement(verdict: Verdict) -> list[str]:
    """What the witnesses say together."""
    if verdict.kind is Kind.CORRECT:
        return ["Correct: proved, every number lies within what rounding alone can do."]
    if verdict.kind is Kind.UNDECIDED:
        return [f"Undecided: {verdict.undecided}."]
    fault = verdict.run.fault
    what = f"the {fault.stage} pass {fault.sentence}" if fault else _DIAGNOSIS[verdict.kind]
    lines = [f"{verdict.kind.value.capitalize()}: {what}."]
    if verdict.kind is Kind.WRONG_GRADIENT or verdict.kind is Kind.IMPRECISE_GRADIENT:
        lines.append(f"{_what_the_slope_says(verdict)}.")
    if verdict.blame is not None:
        lines.append(f"At fault is {verdict.blame.sentence}.")
    return lines


_DIAGNOSIS = {
    Kind.WRONG_VALUE: "the forward pass is wrong",
    Kind.WRONG_GRADIENT: "backprop disagrees with the symbolic derivative",
    Kind.MISSING_GRADIENT: "the output depends on an input that got no gradient",
    Kind.NON_FINITE: "a NaN or an infinity stands where the truth is an ordinary number",
    Kind.MUTATED_INPUT: "an input no longer holds the number it was made with",
    Kind.IMPRECISE_VALUE: "the value has lost digits that rounding alone does not explain",
    Kind.IMPRECISE_GRADIENT: "the gradient has lost digits that rounding alone does not explain",
}


def _what_the_slope_says(verdict: Verdict) -> str:
    """Whether the forward or the backward pass is at fault.

    A slope that agrees with the symbolic derivative clears the forward pass, one that disagrees
    accuses it.
    """
    wrong = [number for number in verdict.judged[1:] if number.backprop.agrees is False]
    slopes = [number.slope for number in wrong if number.slope is not None]
    if any(slope.agrees is False for slope in slopes):
        return "The slope disagrees too, so the forward pass is wrong"
    if slopes and all(slope.agrees for slope in slopes):
        return "The slope agrees with the symbolic derivative, so the backward pass is wrong"
    return "There is no slope to tell the forward pass from the backward pass"


def _reservations(verdict: Verdict) -> list[str]:
    """What was not checked, and what the function did at this point only."""
    lines, inputs = [], len(verdict.case.point)
    slopes = slopes_to_take(verdict.case.expression)
    if slopes < inputs:
        lines.append(
            f"Slopes were taken by {slopes} of {inputs} inputs only, as the graph is large."
        )
    if verdict.decisions:
        lines.append("The function is followed at this point only, where its values decide:")
        lines += [f"  {decision}" for decision in verdict.decisions[:_MOST_DECISIONS]]
        if (more := len(verdict.decisions) - _MOST_DECISIONS) > 0:
            lines.append(f"  … and {more} more")
    return lines
