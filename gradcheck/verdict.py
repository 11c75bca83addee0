"""The verdict on an engine at a case: its numbers, the true ones, and the conclusion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Self

from gradcheck.blame.cause import Blame, Cause
from gradcheck.comparison import Comparison, is_certainly_correct
from gradcheck.engines.interface import Interface
from gradcheck.engines.protocol import Run
from gradcheck.expression import Apply, Case, Expression
from gradcheck.finite_difference import FiniteDifference
from gradcheck.formula import write
from gradcheck.kind import Kind, Reason
from gradcheck.notation import in_one_line
from gradcheck.number_verdict import NumberVerdict, gradient_verdict, proved_by_steps, value_verdict
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import Certificate
from gradcheck.oracles.singular import singular_operation
from gradcheck.oracles.slope import slopes_to_take
from gradcheck.oracles.stepwise import unproved_steps
from gradcheck.oracles.symbolic import derivatives_as_text
from gradcheck.report import Report, Row
from gradcheck.table import as_text, place

_WRONG_NUMBER = (
    Kind.WRONG_VALUE,
    Kind.WRONG_GRADIENT,
    Kind.IMPRECISE_VALUE,
    Kind.IMPRECISE_GRADIENT,
)
"""The kinds of a finite number that is wrong."""

_MAX_LENGTH = 100
"""Characters of a verdict's ``repr``."""

_MAX_DERIVATIVE_LENGTH = 60

_MAX_DECISIONS = 8
"""Decisions of a traced function that are listed."""


@dataclass(frozen=True, repr=False)  # no slots: cached_property keeps its results in __dict__
class Verdict:
    """Everything proved about an engine at a case; ``print`` shows it as a table.

    ``run`` holds the engine's numbers, and ``certificate`` the enclosures of the true ones for
    every node. ``finite_differences`` has one for each input, ``None`` where none was taken.
    ``blame`` names the operation at fault. ``whole_formula_agrees`` is true where the derivative of
    the whole formula was computed too. ``interface`` tells how the engine's objects are driven,
    ``None`` for an engine with its own adapter. ``decisions`` are the places where a Python
    function branched on a value: its expression holds only around this point. ``fail_on`` are the
    kinds that count as findings, although they prove no fault. ``step_of`` is the undecided case
    in which this one is a step.
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
    fail_on: frozenset[Kind] = frozenset()
    step_of: Case | None = None

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        # Without the cached results, which another process can compute itself.
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    def __str__(self) -> str:
        return as_text(self.report)

    def __repr__(self) -> str:
        where = place(self.engine, self.case.numbers)
        what = in_one_line(
            f"{self.signature}: {write(self.case.expression)} by {where}", _MAX_LENGTH
        )
        return f"<Verdict {what}>"

    @cached_property
    def kind(self) -> Kind:
        """The gravest kind of all the numbers."""
        if self.is_faithful or self._is_certainly_correct():
            return Kind.CORRECT
        return min((number.kind for number in self.number_verdicts), key=lambda kind: kind.gravity)

    @property
    def is_finding(self) -> bool:
        """Whether the engine is proved to be at fault, or the kind is one to fail on."""
        return self.kind.is_finding or self.kind in self.fail_on

    @property
    def is_decided(self) -> bool:
        """Whether a number of the gradient was judged, or the value where there is no gradient."""
        gradient = self.number_verdicts[1:] or self.number_verdicts
        return any(number.kind.is_decided for number in gradient)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The value and then the gradient, as plain numbers."""
        return tuple(number.row for number in self.number_verdicts)

    @property
    def value(self) -> Row:
        """The value, as plain numbers."""
        return self.rows[0]

    @property
    def gradient(self) -> tuple[Row, ...]:
        """The gradient with respect to each input, as plain numbers."""
        return self.rows[1:]

    @property
    def undecided(self) -> Reason | None:
        """The reason why the case is undecided, if it is."""
        if self.kind is not Kind.UNDECIDED:
            return None
        return next(number.undecided for number in self.number_verdicts if number.undecided)

    @property
    def graph(self) -> Expression:
        """The expression whose nodes have their numbers in ``run``."""
        return self.case.expression

    def value_at(self, position: int) -> Comparison:
        """Return the value of a node of the graph, compared with the true one."""
        value = self.run.readings[position].value if self.run.readings else None
        if value is None and position == self.graph.output:
            value = self.run.value
        return Comparison(value, self.certificate.values[position])

    def adjoint_at(self, position: int) -> Comparison:
        """Return the adjoint of a node of the graph, compared with the true one."""
        adjoint = self.run.readings[position].adjoint if self.run.readings else None
        return Comparison(adjoint, self.certificate.adjoints[position])

    @property
    def relative_error(self) -> float:
        """The largest relative error of the numbers that are proved wrong, or 0.0."""
        numbers = (number.backprop for number in self.number_verdicts)
        errors = (number.relative_error for number in numbers if number.agrees is False)
        return max(errors, default=0.0)

    @property
    def only_loses_digits(self) -> bool:
        """Whether there are wrong numbers, and each has lost at most half of its digits."""
        wrong = [number for number in self.number_verdicts if number.kind.is_finding]
        return (
            bool(wrong)
            and self.kind.is_finding
            and all(
                number.kind in _WRONG_NUMBER and number.backprop.has_lost_digits for number in wrong
            )
        )

    @property
    def signature(self) -> str:
        """The cause and the operation at fault; failures with the same signature are one bug."""
        if self.blame is not None:
            return self.blame.signature
        culprit = self._culprit()
        return self.kind.value if culprit is None else f"{self.kind.value}-of-{culprit.word}"

    def _culprit(self) -> Operation | None:
        """Return the operation that is at a kink or at a singular point, where that is the kind."""
        if self.kind is Kind.NO_SUBGRADIENT:
            return self.operations_at_kinks[0]
        return singular_operation(self.certificate) if self.kind is Kind.SINGULAR else None

    @property
    def operations_at_kinks(self) -> tuple[Operation, ...]:
        """The operations that are at a kink."""
        nodes = (self.case.expression.nodes[position] for position in self.certificate.kinks)
        operations = (node.operation for node in nodes if isinstance(node, Apply))
        return tuple(dict.fromkeys(operations))

    def explains(self, other: Verdict) -> bool:
        """Tell whether the bug found here may be the whole cause of another verdict."""
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
        """The conclusion, in one sentence or more."""
        return (*_conclusion(self), *_limitations(self))

    @cached_property
    def number_verdicts(self) -> tuple[NumberVerdict, ...]:
        """The verdicts on the value and then on the gradient."""
        value = value_verdict(self.case, self.run, self.certificate)
        gradient = (
            gradient_verdict(self.case, self.run, self.certificate, finite_difference, index)
            for index, finite_difference in enumerate(self.finite_differences)
        )
        numbers = (value, *gradient)
        if self.is_faithful:
            return tuple(map(proved_by_steps, numbers))
        if any(n.kind is Kind.AT_KINK for n in numbers) and not self._takes_sides():
            return tuple(
                replace(n, kind=Kind.NO_SUBGRADIENT) if n.kind is Kind.AT_KINK else n
                for n in numbers
            )
        return numbers

    def _takes_sides(self) -> bool:
        """Tell whether one choice of sides explains the whole gradient."""
        readings = self.run.readings[: len(self.case.point)]
        return self.certificate.allows_shares([reading.adjoint or 0.0 for reading in readings])

    @cached_property
    def is_faithful(self) -> bool:
        """Whether every step of the run is proved, on the engine's own numbers.

        Then the run is correct, however far rounding alone moves its numbers. An engine that does
        not show its nodes is not asked, nor one whose partials are not those of the definition.
        """
        run, expression = self.run, self.case.expression
        if run.fault is not None or len(run.readings) < len(expression.nodes):
            return False
        inputs = zip(run.readings, self.case.point, expression.used, strict=False)
        return (
            self.certificate.has_default_partials
            and run.value == run.readings[expression.output].value
            and all(run.readings[i].value == x for i, x in expression.constants.items())
            and all(value == x and (is_used or not grad) for (value, grad), x, is_used in inputs)
            and not any(unproved_steps(self.case, run.readings, self.certificate.precision))
            and not any(slope is not None and slope.is_wrong() for slope in self.finite_differences)
        )

    def _is_certainly_correct(self) -> bool:
        """Tell whether the enclosures of faithful numbers alone prove every number correct."""
        run, point, certificate = self.run, self.case.point, self.certificate
        if run.fault is not None or not certificate.has_default_partials:
            return False
        enclosed = certificate.faithful_values[self.case.expression.output]
        if not is_certainly_correct(run.value, enclosed):
            return False
        for index, x in enumerate(point):
            reading, finite_difference = run.readings[index], self.finite_differences[index]
            adjoint = reading.adjoint
            if adjoint is None and not self.case.expression.used[index]:
                adjoint = 0.0
            if (
                reading.value != x
                or not is_certainly_correct(adjoint, certificate.faithful_adjoints[index])
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
    """Return a sort key that puts the most certain blame first."""
    if verdict.blame is None:
        return verdict.kind.gravity, 0
    return list(Cause).index(verdict.blame.cause), len(verdict.blame.operations)


def _derivatives(case: Case) -> tuple[str, ...]:
    """Return the derivatives of the whole formula that are short enough to read."""
    texts = derivatives_as_text(case.expression) or ()
    return tuple(
        f"d/d{name} = {text}"
        for name, text in zip(case.expression.inputs, texts, strict=False)
        if len(text) <= _MAX_DERIVATIVE_LENGTH
    )


def _conclusion(verdict: Verdict) -> list[str]:
    """Return the conclusion in sentences."""
    if verdict.kind is Kind.CORRECT:
        return _what_is_correct(verdict)
    if not verdict.kind.is_finding:
        return _what_is_not_proved(verdict)
    fault = verdict.run.fault
    what = f"the {fault.stage} pass {fault.sentence}" if fault else _DIAGNOSIS[verdict.kind]
    lines = [f"{verdict.kind.value.capitalize()}: {what}."]
    if verdict.kind is Kind.WRONG_GRADIENT or verdict.kind is Kind.IMPRECISE_GRADIENT:
        lines.append(f"{_pass_at_fault(verdict)}.")
    if verdict.blame is not None:
        lines.append(f"At fault is {verdict.blame.sentence}.")
    return lines


def _what_is_correct(verdict: Verdict) -> list[str]:
    """Return sentences on what is proved, and which numbers rounding alone moves far."""
    moved = [number for number in verdict.number_verdicts if number.backprop.undecided is not None]
    if not moved:
        return ["Correct: proved, every number is within rounding error of the true one."]
    lines = ["Correct: proved, every step is within rounding error of the true one."]
    for reason in dict.fromkeys(number.backprop.undecided for number in moved):
        names = ", ".join(n.name for n in moved if n.backprop.undecided is reason)
        lines.append(f"Of {names}: {reason}.")
    return lines


def _what_is_not_proved(verdict: Verdict) -> list[str]:
    """Return sentences on why nothing is proved: a kink, a singular point, or too wide a bound."""
    if verdict.kind is Kind.UNDECIDED:
        return [f"Undecided: {verdict.undecided}."]
    names = ", ".join(
        number.name for number in verdict.number_verdicts if number.kind is verdict.kind
    )
    if verdict.kind is Kind.SINGULAR:
        operation, fault = singular_operation(verdict.certificate), verdict.run.fault
        where = "" if operation is None else f" at {operation.name}"
        stopped = "" if fault is None else f" The {fault.stage} pass {fault.sentence}."
        return [
            f"Singular: the chain rule has no number{where}, but the whole formula has one for "
            f"{names}.{stopped}"
        ]
    operations = " and ".join(operation.name for operation in verdict.operations_at_kinks)
    if verdict.kind is Kind.NO_SUBGRADIENT:
        return [
            f"No subgradient: {operations} is at a kink, and no choice of its sides gives all of "
            f"{names} together."
        ]
    return [
        f"At a kink of {operations}: any number between those of the two sides is accepted for "
        f"{names}, and none is proved."
    ]


_DIAGNOSIS = {
    Kind.WRONG_VALUE: "the forward pass is wrong",
    Kind.WRONG_GRADIENT: "backprop disagrees with the symbolic derivative",
    Kind.MISSING_GRADIENT: "the output depends on an input that got no gradient",
    Kind.NON_FINITE: "the engine returned NaN or an infinity, and the true number is finite",
    Kind.MUTATED_INPUT: "an input no longer has the value that it was created with",
    Kind.IMPRECISE_VALUE: "the value has lost more digits than rounding explains",
    Kind.IMPRECISE_GRADIENT: "the gradient has lost more digits than rounding explains",
}


def _pass_at_fault(verdict: Verdict) -> str:
    """Return a sentence that says whether the forward or the backward pass is wrong.

    The slope is made of forward passes only. So a slope that disagrees with the symbolic derivative
    shows that the forward pass is wrong, and one that agrees, that the backward pass is.
    """
    wrong = [number for number in verdict.number_verdicts[1:] if number.backprop.agrees is False]
    slopes = [number.slope for number in wrong if number.slope is not None]
    if any(slope.agrees is False for slope in slopes):
        return "The slope disagrees too, so the forward pass is wrong"
    if slopes and all(slope.agrees for slope in slopes):
        return "The slope agrees with the symbolic derivative, so the backward pass is wrong"
    return "No slope was taken, so the forward or the backward pass may be wrong"


def _limitations(verdict: Verdict) -> list[str]:
    """Return sentences on what was not checked, and on what holds at this point only."""
    lines, inputs = [], len(verdict.case.point)
    if verdict.step_of is not None:
        formula = in_one_line(write(verdict.step_of.expression), _MAX_LENGTH)
        point = place("", verdict.step_of.numbers).removeprefix(" at ")
        lines.append(f"This is a step of {formula} at {point}, which is undecided as a whole.")
    slopes = slopes_to_take(verdict.case.expression)
    if slopes < inputs:
        lines.append(
            f"Slopes were taken for {slopes} of {inputs} inputs only, as the graph is large."
        )
    if verdict.decisions:
        lines.append("The function was checked at this point only; it branches on values:")
        lines += [f"  {decision}" for decision in verdict.decisions[:_MAX_DECISIONS]]
        if (more := len(verdict.decisions) - _MAX_DECISIONS) > 0:
            lines.append(f"  … and {more} more")
    return lines
