"""A verdict in plain numbers and words: what people read, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradcheck.blame.cause import Blame
from gradcheck.formula import write
from gradcheck.judgement import Row
from gradcheck.kind import Kind
from gradcheck.oracles.slope import slopes_to_take
from gradcheck.oracles.symbolic import derivatives_as_text
from gradcheck.verdict import Verdict

_LONGEST_DERIVATIVE = 60

_MOST_DECISIONS = 8
"""Places that a function decided at, as far as they are named."""


@dataclass(frozen=True, slots=True)
class Line:
    """The three witnesses of one number: the value, or the gradient by an input.

    ``backprop`` is ``None`` where the engine gave no number, and ``slope`` where there is none. An
    allowed error is NaN where there is no bound.
    """

    name: str
    backprop: float | None
    symbolic: float
    allowed_error: float
    slope: float | None
    slope_allowed_error: float | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Report:
    """What a verdict says.

    ``lines`` are the value's and then one for each input. ``derivatives`` are those that are short
    enough to read, such as ``d/da = 2*a``. ``conclusion`` is a sentence or more. ``limit`` is how
    many seconds or bytes the engine may take, where it took more.
    """

    engine: str
    formula: str
    point: Mapping[str, float]
    kind: Kind
    signature: str
    blame: Blame | None
    relative_error: float
    lines: tuple[Line, ...]
    derivatives: tuple[str, ...]
    conclusion: tuple[str, ...]
    limit: float | None


def report_on(verdict: Verdict) -> Report:
    """The report on a verdict."""
    return Report(
        engine=verdict.engine,
        formula=write(verdict.case.expression),
        point=verdict.case.numbers,
        kind=verdict.kind,
        signature=verdict.signature,
        blame=verdict.blame,
        relative_error=verdict.relative_error,
        lines=tuple(map(_line, verdict.rows)),
        derivatives=_derivatives(verdict),
        conclusion=_conclusion(verdict),
        limit=None if verdict.run.fault is None else verdict.run.fault.limit,
    )


def _line(row: Row) -> Line:
    return Line(
        name=row.name,
        backprop=row.backprop.returned,
        symbolic=row.backprop.true,
        allowed_error=row.backprop.allowed_error,
        slope=None if row.slope is None else row.slope.returned,
        slope_allowed_error=None if row.slope is None else row.slope.allowed_error,
        kind=row.kind,
    )


def _derivatives(verdict: Verdict) -> tuple[str, ...]:
    texts = derivatives_as_text(verdict.case.expression) or ()
    names = verdict.case.expression.inputs
    return tuple(
        f"d/d{name} = {text}"
        for name, text in zip(names, texts, strict=False)
        if len(text) <= _LONGEST_DERIVATIVE
    )


def _conclusion(verdict: Verdict) -> tuple[str, ...]:
    """What the witnesses say together.

    Which witness stands alone tells where the fault is: a slope that agrees with the symbolic
    derivative clears the forward pass, one that disagrees accuses it.
    """
    return (*_judgement(verdict), *_reservations(verdict))


def _judgement(verdict: Verdict) -> list[str]:
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


def _reservations(verdict: Verdict) -> list[str]:
    """What was not looked at, and what the function did at this point only."""
    lines, inputs = [], len(verdict.gradient)
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
    blamed = [row for row in verdict.gradient if row.backprop.agrees is False]
    slopes = [row.slope for row in blamed if row.slope is not None]
    if any(slope.agrees is False for slope in slopes):
        return "The slope disagrees too, so the forward pass is wrong"
    if slopes and all(slope.agrees for slope in slopes):
        return "The slope agrees with the symbolic derivative, so the backward pass is wrong"
    return "There is no slope to tell the forward pass from the backward pass"
