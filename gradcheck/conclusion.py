"""The conclusion of a verdict, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from gradcheck.blame.cause import Blame
from gradcheck.engines.faults import Fault
from gradcheck.expression import Case
from gradcheck.formula import write
from gradcheck.kind import Kind
from gradcheck.notation import in_one_line
from gradcheck.number_verdict import NumberVerdict
from gradcheck.operations import Operation
from gradcheck.oracles.slope import slopes_to_take
from gradcheck.table import place

_MAX_FORMULA_LENGTH = 100
"""Characters of a whole case's formula, where only one step of it is judged."""

_MAX_DECISIONS = 8
"""Decisions of a traced function that are listed."""

_DIAGNOSIS = {
    Kind.WRONG_VALUE: "the forward pass is wrong",
    Kind.WRONG_GRADIENT: "backprop disagrees with the symbolic derivative",
    Kind.WRONG_SHAPE: "a gradient does not have the shape of its input",
    Kind.MISSING_GRADIENT: "the output depends on an input that got no gradient",
    Kind.NON_FINITE: "the engine returned NaN or an infinity, and the true number is finite",
    Kind.MUTATED_INPUT: "an input no longer has the value that it was created with",
    Kind.IMPRECISE_VALUE: "the value has lost more digits than rounding explains",
    Kind.IMPRECISE_GRADIENT: "the gradient has lost more digits than rounding explains",
}

_DIAGNOSIS_OF_SLOPE = {
    Kind.WRONG_VALUE: "the slope disagrees with the symbolic derivative, so values near this point "
    "are wrong",
    Kind.NON_FINITE: "the slope is NaN or infinite, so a value near this point is",
}
"""The same where every number at the point itself may be right."""


def what_is_wrong(
    kind: Kind, numbers: Sequence[NumberVerdict], fault: Fault | None, blame: Blame | None
) -> list[str]:
    """Return sentences on the gravest kind of a finding, the pass at fault and the blame."""
    diagnosis = _DIAGNOSIS_OF_SLOPE if _only_slopes_are_wrong(numbers) else _DIAGNOSIS
    what = f"the {fault.stage} pass {fault.sentence}" if fault else diagnosis[kind]
    lines = [f"{kind.value.capitalize()}: {what}."]
    if diagnosis is _DIAGNOSIS_OF_SLOPE and all(n.backprop.agrees for n in numbers):
        lines.append("The value and backprop agree with the symbolic numbers here.")
    if kind in (Kind.WRONG_GRADIENT, Kind.IMPRECISE_GRADIENT):
        lines.append(f"{_pass_at_fault(numbers)}.")
    if blame is not None:
        lines.append(f"At fault is {blame.sentence}.")
    return lines


def _only_slopes_are_wrong(numbers: Sequence[NumberVerdict]) -> bool:
    """Tell whether the findings among the numbers are those of a slope."""
    wrong = [number for number in numbers if number.kind.is_finding]
    return bool(wrong) and all(number.row.is_wrong_by_slope for number in wrong)


def _pass_at_fault(numbers: Sequence[NumberVerdict]) -> str:
    """Return a sentence that says whether the forward or the backward pass is wrong.

    The slope is made of forward passes only. So a slope that disagrees with the symbolic derivative
    shows that the forward pass is wrong, and one that agrees, that the backward pass is.
    """
    wrong = [number for number in numbers[1:] if number.backprop.agrees is False]
    slopes = [number.slope for number in wrong if number.slope is not None]
    if any(slope.agrees is False for slope in slopes):
        return "The slope disagrees too, so the forward pass is wrong"
    if slopes and all(slope.agrees for slope in slopes):
        return "The slope agrees with the symbolic derivative, so the backward pass is wrong"
    return "No slope was taken, so the forward or the backward pass may be wrong"


def what_is_correct(numbers: Sequence[NumberVerdict]) -> list[str]:
    """Return sentences on what is proved, and which numbers rounding alone moves far."""
    moved = [number for number in numbers if number.backprop.undecided is not None]
    if not moved:
        return ["Correct: proved, every number is within rounding error of the true one."]
    lines = ["Correct: proved, every step is within rounding error of the true one."]
    for reason in dict.fromkeys(number.backprop.undecided for number in moved):
        names = ", ".join(n.name for n in moved if n.backprop.undecided is reason)
        lines.append(f"For {names}: {reason}.")
    return lines


def what_is_not_proved(
    kind: Kind,
    numbers: Sequence[NumberVerdict],
    fault: Fault | None,
    operations: Sequence[Operation],
) -> str:
    """Return why nothing is proved: a kink, a singular point, the depth, or too wide a bound.

    ``operations`` are those at a kink, or the one at which the chain rule has no number.
    """
    names = ", ".join(number.name for number in numbers if number.kind is kind)
    stopped = "" if fault is None else f" The {fault.stage} pass {fault.sentence}."
    at = " and ".join(operation.name for operation in operations)
    match kind:
        case Kind.SINGULAR:
            where = f" at {at}" if at else ""
            return (
                f"Singular: the chain rule has no number{where}, but the whole formula has one for "
                f"{names}.{stopped}"
            )
        case Kind.NO_SUBGRADIENT:
            return (
                f"No subgradient: {at} is at a kink, and no choice of its sides gives all of "
                f"{names} together."
            )
        case Kind.AT_KINK:
            return (
                f"At a kink of {at}: any number between those of the two sides is accepted for "
                f"{names}, and none is proved."
            )
        case Kind.DEPTH_LIMIT:
            return f"Depth limit: the engine recurses over the graph, which is too deep.{stopped}"
    reason = next(number.undecided for number in numbers if number.undecided)
    return f"Undecided: {reason}."


def limitations(case: Case, *, step_of: Case | None, decisions: Sequence[str]) -> list[str]:
    """Return sentences on what was not checked, and on what holds at this point only."""
    lines, inputs = [], len(case.point)
    if step_of is not None:
        formula = in_one_line(write(step_of.expression), _MAX_FORMULA_LENGTH)
        point = place("", step_of.numbers).removeprefix(" at ")
        lines.append(f"This is a step of {formula} at {point}, which is undecided as a whole.")
    slopes = slopes_to_take(case.expression)
    if slopes < inputs:
        lines.append(
            f"Slopes were taken for {slopes} of {inputs} inputs only, as the graph is large."
        )
    if decisions:
        lines.append("The function was checked at this point only; it branches on values:")
        lines += [f"  {decision}" for decision in decisions[:_MAX_DECISIONS]]
        if (more := len(decisions) - _MAX_DECISIONS) > 0:
            lines.append(f"  … and {more} more")
    return lines
