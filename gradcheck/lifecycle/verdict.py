"""Verdicts on cases with steps: what came beside all that may come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from flint import arb

from gradcheck.blame.cause import Blame, Cause
from gradcheck.comparison import Comparison, gradient_fault, value_fault
from gradcheck.engines.protocol import Run
from gradcheck.expression import Case, Expression
from gradcheck.judged import Judged, kind_and_reason, stopped
from gradcheck.kind import Kind, Reason
from gradcheck.lifecycle.steps import CLEARS_ALL, check_of, last_graph
from gradcheck.oracles.certificate import Certificate, Certified
from gradcheck.story import quoted
from gradcheck.verdict import Verdict


@dataclass(frozen=True, repr=False)  # no slots: cached_property keeps its results in __dict__
class LifecycleVerdict(Verdict):
    """A verdict on a case with steps.

    ``run`` is what was seen in the end: the value of the last graph as it was built, what its nodes
    hold, and the gradients of the inputs. ``refused`` says that the engine raised an error that it
    may raise, and ``inapplicable`` why the check says nothing about the engine. ``zero_grad_of`` is
    the class whose ``zero_grad`` was called, as ``module:Class``, if it is not the inputs' own.
    """

    refused: bool = False
    inapplicable: Reason | None = None
    zero_grad_of: str | None = None

    @cached_property
    def check(self) -> Cause:
        """Which check the case belongs to; it is the cause of what it finds."""
        return check_of(self.case)

    @cached_property
    def graph(self) -> Expression:
        return last_graph(self.case)

    @cached_property
    def kind(self) -> Kind:
        return min((number.kind for number in self.judged), key=lambda kind: kind.gravity)

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        names = self.case.expression.inputs
        value = self._judged("value", *self._value())
        gradient = (self._judged(name, *self._gradient(i)) for i, name in enumerate(names))
        return value, *gradient

    def _judged(self, name: str, number: Comparison, fault: Kind | None) -> Judged:
        if self.inapplicable is not None:
            return Judged(name, number, None, Kind.UNDECIDED, self.inapplicable)
        if self.refused:
            return Judged(name, number, None, Kind.CORRECT)
        if self.run.fault is not None:
            return Judged(name, number, None, *stopped(self.run.fault, self.certificate))
        return Judged(name, number, None, *kind_and_reason(number, fault))

    def _value(self) -> tuple[Comparison, Kind | None]:
        """The value of the last graph, and what is proved against it."""
        value = Comparison(self.run.value, self.certificate.values[self.graph.output])
        return value, value_fault(value)

    def _gradient(self, index: int) -> tuple[Comparison, Kind | None]:
        """The gradient of an input, and what is proved against it; a missing one counts as zero."""
        number = self.adjoint_at(index)
        return number, gradient_fault(number.returned or 0.0, number.certified, used=True)

    @property
    def conclusion(self) -> tuple[str, ...]:
        what = self.undecided or self.clause
        first = f"{self.kind.value.capitalize()}: {what}."
        return (first,) if self.blame is None else (first, f"At fault is {self.blame.sentence}.")

    @property
    def clause(self) -> str:
        """What the engine did, and what would be right where that is wrong."""
        if self.run.fault is not None:
            may = ", which it may" if self.refused else ""
            return f"the {self.run.fault.stage} {self.run.fault.sentence}{may}"
        return self._what_is_wrong if self.kind.is_finding else self._what_is_right

    @property
    def _what_is_wrong(self) -> str:
        raise NotImplementedError

    @property
    def _what_is_right(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class EndsVerdict(LifecycleVerdict):
    """A verdict on steps after which gradients have added up, or were replaced, or cleared.

    ``ends`` are all the ways that they may end, and ``certificate`` is that of the one nearest to
    what came. ``as_before`` says that smaller graphs leave only these ends.
    """

    ends: Mapping[str, Certificate] = field(default_factory=dict)
    as_before: bool = False

    @cached_property
    def fitting(self) -> frozenset[str]:
        """The ends against which nothing is proved."""
        return frozenset(words for words, end in self.ends.items() if not faults(self.run, end))

    def limited_to(self, chosen: Collection[str]) -> EndsVerdict:
        """The verdict where smaller graphs leave only the chosen ends: any other is wrong then."""
        if not self.fitting or self.fitting.intersection(chosen):
            return self
        ends = {words: end for words, end in self.ends.items() if words in chosen}
        nearest, blame = nearest_end(self.run, ends.values()), Blame(self.check)
        return replace(self, ends=ends, certificate=nearest, as_before=True, blame=blame)

    @property
    def distinct_ends(self) -> Mapping[str, Certificate]:
        """The ends, where several that are the same are one."""
        words_of: dict[Case, str] = {}
        for words, end in self.ends.items():
            words_of[end.case] = CLEARS_ALL if end.case in words_of else words
        return {words_of[end.case]: end for end in self.ends.values()}

    @property
    def _what_is_wrong(self) -> str:
        names = ", ".join(self.case.expression.inputs)
        inputs = range(len(self.case.point))
        got = ", ".join(repr(self.run.readings[i].adjoint) for i in inputs)
        right = [
            f"{', '.join(repr(Comparison(None, end.adjoints[i]).true) for i in inputs)} ({words})"
            for words, end in self.distinct_ends.items()
        ]
        smaller = ", as in smaller graphs" if self.as_before else ""
        return f"the gradient by {names} is {got}, and right is {' or '.join(right)}{smaller}"

    @property
    def _what_is_right(self) -> str:
        return " or ".join(sorted(self.fitting))


@dataclass(frozen=True, slots=True)
class Change:
    """A number that was another one before: the value of a node, or the gradient of an input."""

    position: int
    is_gradient: bool
    before: float | None
    now: float | None


@dataclass(frozen=True, repr=False)
class AgainVerdict(LifecycleVerdict):
    """A verdict on numbers that have to stay, or to come again, to the last bit.

    ``change`` is the first of them that does not.
    """

    change: Change | None = None

    def value_at(self, position: int) -> Comparison:
        return self._changed(position, is_gradient=False) or super().value_at(position)

    def adjoint_at(self, position: int) -> Comparison:
        return self._changed(position, is_gradient=True) or super().adjoint_at(position)

    def _changed(self, position: int, *, is_gradient: bool) -> Comparison | None:
        """The number beside the one before, which is right, if it is the one that has changed."""
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
    def _what_is_wrong(self) -> str:
        change = self.change
        assert change is not None
        what = f"the value of {quoted(self.graph, change.position)}"
        if change.is_gradient:
            what = f"the gradient of {self.case.expression.inputs[change.position]}"
        if self.check is Cause.UNCHANGED:
            return f"{what} was {change.before!r} and is {change.now!r}"
        return f"{what} is {change.before!r}, and {change.now!r} when all is done again"

    @property
    def _what_is_right(self) -> str:
        return "values stay as they were" if self.check is Cause.UNCHANGED else "the same each time"


def first_change(before: Run, now: Run) -> Change | None:
    """The first number that is another one, to the last bit; one that was not seen cannot be."""
    readings = [*enumerate(zip(before.readings, now.readings, strict=True))]
    for i, (old, new) in readings:
        if _bits(old.value) != _bits(new.value):
            return Change(i, is_gradient=False, before=old.value, now=new.value)
    for i, (old, new) in readings:
        if old.adjoint is not None and _bits(old.adjoint) != _bits(new.adjoint):
            return Change(i, is_gradient=True, before=old.adjoint, now=new.adjoint)
    return None


def faults(run: Run, end: Certificate) -> int:
    """The number of gradients that are proved wrong at an end; a missing one counts as zero."""
    inputs = len(end.case.point)
    pairs = zip(run.readings[:inputs], end.adjoints[:inputs], strict=True)
    found = (gradient_fault(reading.adjoint or 0.0, true, used=True) for reading, true in pairs)
    return sum(fault is not None for fault in found)


def nearest_end(run: Run, ends: Iterable[Certificate]) -> Certificate:
    """The end that the fewest gradients contradict."""
    return min(ends, key=lambda end: faults(run, end))


def _bits(number: float | None) -> str:
    """A number to the last bit, as text."""
    return "none" if number is None else number.hex()
