"""Tell whether a case gives other numbers when it is run again, before any cause is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial

from flint import arb

from gradcheck.blame.cause import Blame, Cause
from gradcheck.blame.diagnosis import blame_at
from gradcheck.blame.probe import plain_operations
from gradcheck.blame.small_cases import Use, alone, together
from gradcheck.comparison import Comparison
from gradcheck.engines.addresses import at_other_addresses
from gradcheck.engines.node_sets import node_sets
from gradcheck.engines.objects import interface_of
from gradcheck.engines.protocol import Engine, Run
from gradcheck.expression import Apply, Case
from gradcheck.kind import Kind
from gradcheck.number_verdict import NumberVerdict
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import certify
from gradcheck.verdict import Verdict

RUNS = 12
"""The number of runs in which a case has to give the same numbers.

A number that is another one in half of the runs, as where the order of two nodes decides, stays
unnoticed in one of 2**11 cases.
"""

_RUNS_WITH_A_FAULT = 3
"""The same for a case that stops the engine, where a run may need a process of its own."""

_RUNS_TO_MEET_A_RARE_CHANGE = 500
"""The same where the numbers are known to change.

A change in one run of a hundred stays unnoticed with a probability of 0.99**500, less than 1 %.
"""


def runs_to_pass(signature: str) -> int:
    """Return the number of checks that a case has to pass before its bug is said to be fixed."""
    return _RUNS_TO_MEET_A_RARE_CHANGE if signature == Cause.NONDETERMINISTIC else RUNS


@dataclass(frozen=True, repr=False)  # no slots: cached_property keeps its results in __dict__
class NondeterministicVerdict(Verdict):
    """A verdict on a case that gives other numbers when it is run again.

    ``other`` is another run of the case, and ``changed`` are the numbers that differ there by more
    than rounding explains: 0 for the value, 1 for the gradient of the first input, and so on.
    ``sets`` are the attributes in which the engine keeps nodes in sets, whose order changes from
    run to run. ``blame`` names an operation where one is wrong in every run of a small case: that
    is the bug then, and ``kind`` is that of this run.
    """

    other: Run | None = None
    changed: tuple[int, ...] = ()
    sets: tuple[str, ...] = ()

    @cached_property
    def kind(self) -> Kind:
        return Kind.NONDETERMINISTIC if self._is_the_bug else super().kind

    @cached_property
    def number_verdicts(self) -> tuple[NumberVerdict, ...]:
        numbers = super().number_verdicts
        if not self._is_the_bug:
            return numbers
        return tuple(
            replace(number, kind=Kind.NONDETERMINISTIC, undecided=None)
            if index in self.changed
            else number
            for index, number in enumerate(numbers)
        )

    @property
    def conclusion(self) -> tuple[str, ...]:
        if not self._is_the_bug:
            return (
                *super().conclusion,
                f"It does not show in every run: {self._change}.",
                *self._why,
            )
        first = "Nondeterministic: the same case gives other numbers when it is run again."
        change = self._change[0].upper() + self._change[1:]
        blame = () if self.blame is None else (f"At fault is {self.blame.sentence}.",)
        return first, f"{change}.", *blame, *self._why

    @property
    def _is_the_bug(self) -> bool:
        return self.blame is not None and self.blame.cause is Cause.NONDETERMINISTIC

    @property
    def _change(self) -> str:
        """The difference between the two runs, in words."""
        assert self.other is not None
        faults = self.run.fault, self.other.fault
        if any(faults):
            one, another = (fault.sentence if fault else "ended well" for fault in faults)
            return f"one run {one}, another one {another}"
        index = self.changed[0]
        number = self.number_verdicts[index].backprop
        now = self.other.readings[index - 1].adjoint if index else self.other.value
        what = f"the gradient of {self.case.expression.inputs[index - 1]}" if index else "the value"
        if now == number.returned:
            return f"{what} is {now!r} each time, but values near this point change"
        return (
            f"{what} is {number.returned!r} in one run and {now!r} in another, "
            f"and the true number is {number.true!r}"
        )

    @property
    def _why(self) -> tuple[str, ...]:
        if not self.sets:
            return ()
        where = " and ".join(f"`{name}`" for name in self.sets)
        return (
            f"The nodes are kept in a set, {where}: its order follows the addresses in memory, "
            "which change from run to run. A tuple or a list keeps the order.",
        )


def changed_verdict(verdict: Verdict, again: Callable[[], Verdict]) -> Verdict | None:
    """Return the verdict on another run that differs by more than rounding explains, if one does.

    ``again`` judges the case in a new run. Each run gets other addresses. A case that takes too
    long, or too much memory, is not run again: it was tried twice already. A new run that does is
    no evidence, as another process may have slowed it down.
    """
    for _ in at_other_addresses(_runs(verdict) - 1):
        other = again()
        if _is_costly(other) or _numbers(other) == _numbers(verdict):
            continue
        if _changed(verdict, other):
            return other
    return None


def nondeterministic(verdict: Verdict, other: Verdict, engine: Engine) -> NondeterministicVerdict:
    """Return the verdict on a case whose numbers differ in ``other``, with its cause.

    The bug may lie in an operation, and only show in some orders of the backward pass. So an
    operation is blamed that is wrong in every run of a small case, and else the engine.
    """
    case = verdict.case
    blame = _wrong_in_every_run(case, engine) or Blame(Cause.NONDETERMINISTIC)
    return with_change(verdict, other, blame, sets=node_sets(engine, case))


def with_change(
    verdict: Verdict, other: Verdict, blame: Blame, *, sets: tuple[str, ...] = ()
) -> NondeterministicVerdict:
    """Return the verdict on a case whose numbers differ in ``other``."""
    return NondeterministicVerdict(
        verdict.case,
        verdict.run,
        verdict.certificate,
        verdict.finite_differences,
        engine=verdict.engine,
        interface=verdict.interface,
        blame=blame,
        whole_formula_agrees=verdict.whole_formula_agrees,
        fail_on=verdict.fail_on,
        other=other.run,
        changed=tuple(_changed(verdict, other)),
        sets=sets,
    )


def _runs(verdict: Verdict) -> int:
    if verdict.run.fault is None:
        return RUNS
    return 1 if _is_costly(verdict) else _RUNS_WITH_A_FAULT


def _is_costly(verdict: Verdict) -> bool:
    """Tell whether the run took too long, or too much memory."""
    fault = verdict.run.fault
    return fault is not None and (fault.is_hang or fault.is_memory)


def _numbers(verdict: Verdict) -> tuple[object, ...]:
    slopes = verdict.finite_differences
    return verdict.run, *(slope and (slope.value, slope.moved_value) for slope in slopes)


def _changed(verdict: Verdict, other: Verdict) -> list[int]:
    """Return the numbers that are wrong in one run only, or differ by more than rounding does."""
    pairs = zip(verdict.number_verdicts, other.number_verdicts, strict=True)
    return [
        index
        for index, (one, two) in enumerate(pairs)
        if one.kind.is_finding != two.kind.is_finding
        or not _is_rounding(one.backprop, two.backprop)
    ]


def _is_rounding(one: Comparison, two: Comparison) -> bool:
    """Tell whether rounding alone may make one number of the other: each has its allowed error.

    Where there is no bound, it may.
    """
    x, y = one.returned, two.returned
    if x is None or y is None:
        return x is y
    if x == y or (x != x and y != y) or not one.certified.in_range:  # noqa: PLR0124 - NaN
        return True
    return bool(abs(arb(x) - arb(y)) <= 2 * one.certified.allowed_error)


def _wrong_in_every_run(case: Case, engine: Engine) -> Blame | None:
    """Return the blame of the first operation that is wrong in every run of a small case.

    If every operation of the engine is, for the same cause, the engine as a whole is at fault.
    """
    blames = (
        _blame_in_a_small_case(o, engine) for o in sorted(case.operations, key=lambda o: o.name)
    )
    blame = next(filter(None, blames), None)
    if blame is None:
        return None
    of_all = [_blame_in_a_small_case(o, engine) for o in plain_operations(engine)]
    if len(of_all) > 1 and all(other and other.cause is blame.cause for other in of_all):
        return Blame(blame.cause)
    nodes = enumerate(case.expression.nodes)
    culprits = [i for i, o in nodes if isinstance(o, Apply) and o.operation in blame.operations]
    return replace(blame, positions=tuple(culprits))


@lru_cache(maxsize=256)
def _blame_in_a_small_case(operation: Operation, engine: Engine) -> Blame | None:
    """Return the blame of the first small case that is wrong in every run, if there is one."""
    for small in _small_cases(operation, engine):
        verdict = _judge(small, engine)
        if not verdict.kind.is_finding:
            continue
        if changed_verdict(verdict, partial(_judge, small, engine)) is None:
            return blame_at(small, engine, verdict.run, verdict.certificate)
    return None


def _small_cases(operation: Operation, engine: Engine) -> Iterator[Case]:
    """Yield the operation alone, with one node as all operands, and on one node twice."""
    use = Use.ordinary(operation)
    yield alone(use)
    if operation.variables > 1:
        yield alone(Use.ordinary(operation, shared=operation.variables), share=True)
    pairs = [o for o in plain_operations(engine) if o.arity > 1]
    for index in range(operation.variables):
        shared = replace(use, shared=frozenset({index})).at_ordinary_numbers()
        for combining in pairs:
            yield together([shared, shared], share=True, combined_by=combining)


def _judge(case: Case, engine: Engine) -> Verdict:
    return Verdict(
        case,
        engine.run(case),
        certify(case, engine.precision),
        finite_differences=(None,) * len(case.point),
        engine=engine.spec,
        interface=interface_of(engine),
    )
