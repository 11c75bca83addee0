"""Verdicts on cases with steps: the engine's numbers compared with all allowed ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from flint import arb

from gradcheck.blame.cause import Blame, Cause
from gradcheck.comparison import Comparison, gradient_kind_if_wrong, value_kind_if_wrong
from gradcheck.engines.lifecycle.steps_code import StepsCode
from gradcheck.engines.protocol import Run
from gradcheck.expression import Case, Expression
from gradcheck.kind import Kind, Reason
from gradcheck.lifecycle.steps import CLEARS_ALL, check_of, last_graph
from gradcheck.number_verdict import NumberVerdict, kind_and_reason, kind_of_fault
from gradcheck.one_element import OneElementCase
from gradcheck.oracles.certificate import Certificate, Certified
from gradcheck.report import Report, quoted_formula
from gradcheck.verdict import Verdict


@dataclass(frozen=True, repr=False)  # no slots: cached_property keeps its results in __dict__
class LifecycleVerdict(Verdict):
    """A verdict on a case with steps.

    ``run`` holds the value of the last graph when it was built, the final values of its nodes, and
    the final gradients of the inputs. ``refused`` is true where the engine raised an error that it
    may raise. ``inapplicable`` is the reason why the check cannot be made with this engine.
    ``zero_grad_of`` is the class whose ``zero_grad`` was called, as ``module:Class``, unless it is
    the class of the inputs. ``is_summed`` is there for an engine of arrays only: it tells whether
    its backward passes started at the sum of a result. A finding of such an engine has its steps as
    ``code`` in Python, if they can be written down.
    """

    refused: bool = False
    inapplicable: Reason | None = None
    zero_grad_of: str | None = None
    is_summed: bool | None = None
    code: StepsCode | None = None

    @cached_property
    def check(self) -> Cause:
        """The check that the case belongs to, which is also the cause of a finding."""
        return check_of(self.case)

    @cached_property
    def graph(self) -> Expression:
        return last_graph(self.case)

    @cached_property
    def kind(self) -> Kind:
        return min((number.kind for number in self.number_verdicts), key=lambda kind: kind.gravity)

    @cached_property
    def number_verdicts(self) -> tuple[NumberVerdict, ...]:
        names = self.case.expression.inputs
        value = self._number_verdict("value", *self._value())
        gradient = (self._number_verdict(name, *self._gradient(i)) for i, name in enumerate(names))
        return value, *gradient

    def _number_verdict(self, name: str, number: Comparison, wrong: Kind | None) -> NumberVerdict:
        if self.inapplicable is not None:
            return NumberVerdict(name, number, None, Kind.UNDECIDED, self.inapplicable)
        if self.refused:
            return NumberVerdict(name, number, None, Kind.CORRECT)
        if self.run.fault is not None:
            return NumberVerdict(
                name, number, None, *kind_of_fault(self.run.fault, self.certificate)
            )
        return NumberVerdict(name, number, None, *kind_and_reason(number, wrong))

    def _value(self) -> tuple[Comparison, Kind | None]:
        """Return the value of the last graph, and its kind if it is proved wrong."""
        value = Comparison(self.run.value, self.certificate.values[self.graph.output])
        return value, value_kind_if_wrong(value)

    def _gradient(self, index: int) -> tuple[Comparison, Kind | None]:
        """Return an input's gradient, and its kind if it is proved wrong; none counts as zero."""
        number = self.adjoint_at(index)
        return number, gradient_kind_if_wrong(number.returned or 0.0, number.certified, used=True)

    @property
    def changed_position(self) -> int | None:
        """The position of the node whose number changed, if one did."""
        return None

    @property
    def report(self) -> Report:
        """The verdict in plain numbers and words, on the case as it was run."""
        report = super().report
        if self.is_summed is None:
            return report
        return replace(report, case=OneElementCase(self.case, self.is_summed))

    @property
    def conclusion(self) -> tuple[str, ...]:
        what = self.undecided or self.clause
        first = f"{self.kind.value.capitalize()}: {what}."
        return (first,) if self.blame is None else (first, f"At fault is {self.blame.sentence}.")

    @property
    def clause(self) -> str:
        """The engine's behaviour in words, and if it is wrong, the correct one."""
        if self.run.fault is not None:
            may = ", which is allowed" if self.refused else ""
            return f"the {self.run.fault.stage} {self.run.fault.sentence}{may}"
        return self._mistake if self.kind.is_finding else self._behaviour

    @property
    def _mistake(self) -> str:
        raise NotImplementedError

    @property
    def _behaviour(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class AccumulationVerdict(LifecycleVerdict):
    """A verdict on steps in which gradients add up, are replaced or are cleared.

    ``allowed`` holds the certificate of each allowed policy (see ``allowed_gradients``), and
    ``certificate`` is the one nearest to the engine's gradients. ``is_limited`` is true where
    ``allowed`` is limited to the policies that the engine followed in smaller graphs.
    """

    allowed: Mapping[str, Certificate] = field(default_factory=dict)
    is_limited: bool = False

    @cached_property
    def policies(self) -> frozenset[str]:
        """The allowed policies that the engine's gradients do not contradict."""
        return frozenset(
            policy
            for policy, certificate in self.allowed.items()
            if not wrong_gradients(self.run, certificate)
        )

    def limited_to(self, policies: Collection[str]) -> AccumulationVerdict:
        """Return the verdict where only some policies are allowed, those of smaller graphs."""
        if not self.policies or self.policies.intersection(policies):
            return self
        allowed = {policy: self.allowed[policy] for policy in self.allowed if policy in policies}
        nearest, blame = nearest_allowed(self.run, allowed.values()), Blame(self.check)
        return replace(self, allowed=allowed, certificate=nearest, is_limited=True, blame=blame)

    @property
    def distinct_allowed(self) -> Mapping[str, Certificate]:
        """The allowed results, each once."""
        policy_of: dict[Case, str] = {}
        for policy, certificate in self.allowed.items():
            case = certificate.case
            policy_of[case] = CLEARS_ALL if case in policy_of else policy
        return {policy_of[each.case]: each for each in self.allowed.values()}

    @property
    def _mistake(self) -> str:
        names = ", ".join(self.case.expression.inputs)
        inputs = range(len(self.case.point))
        got = ", ".join(repr(self.run.readings[i].adjoint) for i in inputs)
        correct = [
            f"{', '.join(repr(Comparison(None, each.adjoints[i]).true) for i in inputs)} ({policy})"
            for policy, each in self.distinct_allowed.items()
        ]
        smaller = ", as in smaller graphs" if self.is_limited else ""
        expected = " or ".join(correct)
        return f"the gradient with respect to {names} is {got}; correct is {expected}{smaller}"

    @property
    def _behaviour(self) -> str:
        return " or ".join(sorted(self.policies))


@dataclass(frozen=True, slots=True)
class Change:
    """A number that changed: the value of a node, or the gradient of an input."""

    position: int
    is_gradient: bool
    before: float | None
    now: float | None


@dataclass(frozen=True, repr=False)
class UnchangedVerdict(LifecycleVerdict):
    """A verdict on numbers that must stay the same, or be the same in every run, bit for bit.

    ``change`` is the first of them that changed.
    """

    change: Change | None = None

    @property
    def changed_position(self) -> int | None:
        return None if self.change is None else self.change.position

    def value_at(self, position: int) -> Comparison:
        return self._changed(position, is_gradient=False) or super().value_at(position)

    def adjoint_at(self, position: int) -> Comparison:
        return self._changed(position, is_gradient=True) or super().adjoint_at(position)

    def _changed(self, position: int, *, is_gradient: bool) -> Comparison | None:
        """Return the changed number compared with the one before, if it is the number asked for."""
        change = self.change
        if change is None or (change.position, change.is_gradient) != (position, is_gradient):
            return None
        before = arb(change.before or 0.0)
        return Comparison(change.now, Certified(before, before, self.certificate.precision))

    def _value(self) -> tuple[Comparison, Kind | None]:
        change = self.change
        if change is None or change.is_gradient or change.position < len(self.case.point):
            return super()._value()
        return self.value_at(change.position), self._kind_of_change(Kind.WRONG_VALUE)

    def _gradient(self, index: int) -> tuple[Comparison, Kind | None]:
        if self.change is None or self.change.position != index:
            return super()._gradient(index)
        return self.adjoint_at(index), self._kind_of_change(Kind.MUTATED_INPUT)

    def _kind_of_change(self, in_one_run: Kind) -> Kind:
        return in_one_run if self.check is Cause.UNCHANGED else Kind.NONDETERMINISTIC

    @property
    def _mistake(self) -> str:
        change = self.change
        assert change is not None
        what = f"the value of {quoted_formula(self.graph, change.position)}"
        if change.is_gradient:
            what = f"the gradient of {self.case.expression.inputs[change.position]}"
        if self.check is Cause.UNCHANGED:
            return f"{what} was {change.before!r} and is {change.now!r}"
        return f"{what} is {change.before!r} in one run and {change.now!r} in another"

    @property
    def _behaviour(self) -> str:
        return (
            "values stay as they were" if self.check is Cause.UNCHANGED else "the same in every run"
        )


def first_change(before: Run, now: Run) -> Change | None:
    """Return the first number that differs in any bit, except for gradients not read before."""
    readings = [*enumerate(zip(before.readings, now.readings, strict=True))]
    for i, (old, new) in readings:
        if _bits(old.value) != _bits(new.value):
            return Change(i, is_gradient=False, before=old.value, now=new.value)
    for i, (old, new) in readings:
        if old.adjoint is not None and _bits(old.adjoint) != _bits(new.adjoint):
            return Change(i, is_gradient=True, before=old.adjoint, now=new.adjoint)
    return None


def wrong_gradients(run: Run, certificate: Certificate) -> int:
    """Return how many gradients are proved wrong; a missing one counts as zero."""
    inputs = len(certificate.case.point)
    pairs = zip(run.readings[:inputs], certificate.adjoints[:inputs], strict=True)
    kinds = (
        gradient_kind_if_wrong(reading.adjoint or 0.0, true, used=True) for reading, true in pairs
    )
    return sum(kind is not None for kind in kinds)


def nearest_allowed(run: Run, certificates: Iterable[Certificate]) -> Certificate:
    """Return the certificate that the fewest gradients contradict."""
    return min(certificates, key=lambda certificate: wrong_gradients(run, certificate))


def _bits(number: float | None) -> str:
    """Return all bits of a number, as text."""
    return "none" if number is None else number.hex()
