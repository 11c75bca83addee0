"""The verdict on an engine at a case: its numbers, the true ones, and the conclusion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Protocol, Self, TypeVar

from gradcheck.blame.cause import Blame, Cause
from gradcheck.comparison import Comparison, is_certainly_correct
from gradcheck.conclusion import limitations, what_is_correct, what_is_not_proved, what_is_wrong
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


class Explaining(Protocol):
    """A verdict on a case of numbers or of arrays, as far as it can explain others."""

    @property
    def kind(self) -> Kind:
        """The gravest kind of all the numbers."""

    @property
    def blame(self) -> Blame | None:
        """The operation at fault."""

    @property
    def signature(self) -> str:
        """The cause and the operation at fault."""

    def explains(self, other: Explaining, /) -> bool:
        """Tell whether the bug found here may be the whole cause of another verdict."""


V = TypeVar("V", bound=Explaining)


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
        return bool(wrong) and all(
            number.kind in _WRONG_NUMBER and number.backprop.has_lost_digits for number in wrong
        )

    @property
    def signature(self) -> str:
        """The cause and the operation at fault; failures with the same signature are one bug."""
        if self.blame is not None:
            return self.blame.signature
        operations = () if self.kind is Kind.AT_KINK else self._operations_in_the_way
        return f"{self.kind.value}-of-{operations[0].word}" if operations else self.kind.value

    @property
    def _operations_in_the_way(self) -> tuple[Operation, ...]:
        """The operations at a kink or at a singular point, if that is why nothing is proved."""
        if self.kind is Kind.SINGULAR:
            operation = singular_operation(self.certificate)
            return () if operation is None else (operation,)
        if self.kind not in (Kind.AT_KINK, Kind.NO_SUBGRADIENT):
            return ()
        nodes = (self.case.expression.nodes[position] for position in self.certificate.kinks)
        operations = (node.operation for node in nodes if isinstance(node, Apply))
        return tuple(dict.fromkeys(operations))

    def explains(self, other: Explaining) -> bool:
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
        numbers, fault = self.number_verdicts, self.run.fault
        if self.kind is Kind.CORRECT:
            lines = what_is_correct(numbers)
        elif self.kind.is_finding:
            lines = what_is_wrong(self.kind, numbers, fault, self.blame)
        else:
            lines = [what_is_not_proved(self.kind, numbers, fault, self._operations_in_the_way)]
        limits = limitations(self.case, step_of=self.step_of, decisions=self.decisions)
        return (*lines, *limits)

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
        if any(n.kind is Kind.AT_KINK for n in numbers) and not self._is_a_choice_of_sides():
            return tuple(
                replace(n, kind=Kind.NO_SUBGRADIENT) if n.kind is Kind.AT_KINK else n
                for n in numbers
            )
        return numbers

    def _is_a_choice_of_sides(self) -> bool:
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
        inputs = zip(run.readings, self.case.point, expression.gets_gradient, strict=False)
        return (
            self.certificate.has_true_partials
            and run.value == run.readings[expression.output].value
            and all(run.readings[i].value == x for i, x in expression.constants.items())
            and all(value == x and (is_used or not grad) for (value, grad), x, is_used in inputs)
            and not any(unproved_steps(self.case, run.readings, self.certificate.precision))
            and not any(slope is not None and slope.is_wrong() for slope in self.finite_differences)
        )

    def _is_certainly_correct(self) -> bool:
        """Tell whether the enclosures of faithful numbers alone prove every number correct."""
        run, point, certificate = self.run, self.case.point, self.certificate
        if run.fault is not None or not certificate.has_true_partials or certificate.near_kinks:
            return False
        enclosed = certificate.faithful_values[self.case.expression.output]
        if not is_certainly_correct(run.value, enclosed):
            return False
        for index, x in enumerate(point):
            reading, finite_difference = run.readings[index], self.finite_differences[index]
            adjoint = reading.adjoint
            if adjoint is None and not self.case.expression.gets_gradient[index]:
                adjoint = 0.0
            if (
                reading.value != x
                or not (
                    is_certainly_correct(adjoint, certificate.usual_adjoints[index])
                    or is_certainly_correct(adjoint, certificate.faithful_adjoints[index])
                )
                or (finite_difference is not None and finite_difference.is_wrong())
            ):
                return False
        return True


def drop_explained(verdicts: Iterable[V]) -> list[V]:
    """Drop each verdict that a more certain one explains."""
    kept: list[V] = []
    for verdict in sorted(verdicts, key=_doubt):
        if not any(other.explains(verdict) for other in kept):
            kept.append(verdict)
    return kept


def _doubt(verdict: Explaining) -> tuple[int, int]:
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
