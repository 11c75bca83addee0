"""A run: rounds of random cases, as a stream of events."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from gradcheck.blame.probe import forget_answers
from gradcheck.engines.objects import interface_of
from gradcheck.engines.protocol import Engine
from gradcheck.errors import NothingToCheckError
from gradcheck.findings.finding import Finding, now
from gradcheck.findings.replay import Replay, ReplayOutcome, missing_operations, outcome_of
from gradcheck.fuzz.events import Event, Finished, LifeChecked, Progress, Replayed, Started
from gradcheck.fuzz.executor import Executor
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.rounds import Round, worse
from gradcheck.fuzz.scheduler import Scheduler, StoppedError
from gradcheck.fuzz.state import Found, FoundBefore, State
from gradcheck.fuzz.tasks import JudgeAgain, Reduce, Shrink
from gradcheck.lifecycle.run import run_check
from gradcheck.lifecycle.standard_cases import cases_for
from gradcheck.lifecycle.steps import CHECKS
from gradcheck.verdict import Verdict, drop_explained


def run(
    engine: Engine,
    options: Options,
    executor: Executor,
    *,
    stopped: Callable[[], bool],
    state: State | None = None,
    before: Iterable[FoundBefore] = (),
) -> Iterator[Event]:
    """Judge random cases until the options or ``stopped`` say enough.

    Yields ``Started``, then ``LifeChecked`` for each check of life where these are asked for, then
    ``Replayed`` for each finding from before, then ``Progress`` after every round with ``Found``
    for each new bug, then ``Finished``. Raises ``NothingToCheckError`` before all of that. The run
    goes on from a ``state`` where one is given.
    """
    started = beginning(engine, options)
    state = state or State()
    before = tuple(before)
    yield started
    forget_answers()
    folding = _Folding(engine, options, executor, stopped, state, before)
    with contextlib.suppress(StoppedError):
        yield from folding.events()
    yield Finished(started, state, folding.by_gravity(), folding.not_replayed, stopped())


def beginning(engine: Engine, options: Options) -> Started:
    """The first event of a run. Raises ``NothingToCheckError``."""
    operations = options.operations_of(engine)
    if not operations:
        names = " ".join(o.name for o in options.operations)
        message = f"{engine.spec} has none of the operations {names}, so there is nothing to check"
        raise NothingToCheckError(message)
    missing = tuple(o.name for o in options.operations if o not in operations)
    return Started(engine.spec, options.seed, tuple(o.name for o in operations), missing)


class _Folding:
    """Puts together what the rounds give, in the order of their numbers.

    So nothing depends on which process did which round, or on how fast.
    """

    def __init__(
        self,
        engine: Engine,
        options: Options,
        executor: Executor,
        stopped: Callable[[], bool],
        state: State,
        before: Sequence[FoundBefore],
    ) -> None:
        self.state = state
        self.found: list[Found] = []
        self.not_replayed = len(before)
        self._before = before
        self._engine = engine
        self._options = options
        self._began = time.monotonic() - state.seconds
        numbers = options.numbers(state.next_round)
        self._scheduler = Scheduler(executor, numbers, over=self._is_over, stopped=stopped)
        self._stopped = stopped

    def events(self) -> Iterator[Event]:
        """The checks of life, what is judged again, and the rounds. Raises ``StoppedError``."""
        if self._options.life:
            yield from self._checks_of_life()
            if self._options.fail_fast and self.found:
                return
        for old in self._before:
            yield self._replayed(old)
            self.not_replayed -= 1
        yield Progress(self.state, tuple(self.found))
        for round_ in self._scheduler.rounds():
            yield from self._fold(round_)
            yield Progress(self.state, tuple(self.found))
            if self._options.fail_fast and self.found:
                return

    def _checks_of_life(self) -> Iterator[LifeChecked]:
        """Every check, one after the other, up to the first that is broken with ``fail_fast``.

        Raises ``StoppedError``.
        """
        cases = cases_for(self._engine.operations.intersection(self._options.operations))
        for check in CHECKS:
            result, found = run_check(check, self._engine, cases), None
            if result.verdict is not None:
                self.state.last_seen[result.verdict.signature] = now()
                found = self._add(
                    result.verdict,
                    result.verdict,
                    cases=self.state.statistics.cases,
                    is_new=True,
                )
            yield LifeChecked(result, found)
            if self._stopped():
                raise StoppedError
            if self._options.fail_fast and found is not None:
                return

    def _replayed(self, old: FoundBefore) -> Replayed:
        """Judge an old finding again; what is still there is none that is found.

        Raises ``StoppedError``.
        """
        reason = missing_operations(old.smallest, self._engine)
        if reason:
            return Replayed(old.path, Replay(ReplayOutcome.CANNOT_RUN, reason))
        verdicts = self._scheduler.ask_unless_stopped(JudgeAgain(old.smallest, old.worst))
        if verdicts is None:
            return Replayed(old.path, Replay(ReplayOutcome.CANNOT_RUN, "no process survives it"))
        bugs = [verdict for verdict in verdicts if verdict.kind.is_finding]
        if bugs:
            worst = bugs[-1] if bugs[-1].signature == bugs[0].signature else bugs[0]
            self._add(bugs[0], worst, cases=old.cases, is_new=old.is_new)
        return Replayed(old.path, outcome_of(*verdicts, was=old.signature))

    def _fold(self, round_: Round) -> Iterator[Found]:
        """Count a round, and find the smallest case of each bug that is new."""
        statistics = self.state.statistics
        cases = statistics.cases
        if not round_.statistics.covered <= statistics.covered:
            self._see_something_new()
        statistics.add(round_.statistics)
        self.state.last_seen |= dict.fromkeys(round_.bugs, now())
        self.found = [self._with_worse(known, round_) for known in self.found]
        for bug in self._shrunk(round_):
            if self._found_in_rounds and self._is_known(
                self._scheduler.ask(Reduce(bug, round_.isolated))
            ):
                self.state.set_aside.add(bug.signature)
                continue
            seen = round_.bugs[bug.signature]
            worst = worse(seen.worst, bug)
            yield self._add(bug, worst, cases=cases + seen.cases, is_new=True)
            self._see_something_new()
        self.state.next_round = round_.number + 1
        self.state.seconds = self._seconds

    def by_gravity(self) -> tuple[Found, ...]:
        """What was found and what was seen of it, the gravest first."""
        found = (replace(known, finding=self._seen(known.finding)) for known in self.found)
        return tuple(sorted(found, key=lambda known: known.finding.kind.gravity))

    def _shrunk(self, round_: Round) -> list[Verdict]:
        """The bugs of a round that are not known yet, on their smallest cases, smaller ones first.

        What shows in a large case is likelier to be another bug that shows in it too.
        """
        new = (
            seen.smallest
            for signature, seen in round_.bugs.items()
            if not (signature in self.state.set_aside or self._is_known(seen.smallest))
        )
        shrunk = drop_explained(
            [self._scheduler.ask(Shrink(bug, round_.isolated)) for bug in drop_explained(new)]
        )
        return sorted(shrunk, key=lambda bug: bug.case.expression.size)

    def _add(self, verdict: Verdict, worst: Verdict, *, cases: int, is_new: bool) -> Found:
        interface = interface_of(self._engine)
        finding = Finding(
            replace(verdict, interface=interface),
            worst=replace(worst, interface=interface),
            seen=self.state.sighting(verdict.signature, seed=self._options.seed),
            cases=cases,
        )
        path = self._options.output / finding.folder
        is_new = is_new and all(old.is_new for old in self._before if old.path == path)
        found = Found(finding, path, is_new=is_new)
        # Two that were found of one case before may have become the same.
        if all(known.path != found.path for known in self.found):
            self.found.append(found)
        return found

    def _seen(self, finding: Finding) -> Finding:
        seen = self.state.sighting(finding.verdict.signature, seed=self._options.seed)
        return replace(finding, seen=seen)

    def _with_worse(self, known: Found, round_: Round) -> Found:
        seen = round_.bugs.get(known.signature)
        if seen is None:
            return known
        worst = replace(
            worse(known.finding.worst, seen.worst), interface=known.finding.verdict.interface
        )
        return replace(known, finding=replace(known.finding, worst=worst))

    @property
    def _found_in_rounds(self) -> bool:
        """Whether something was found that may show in other cases without steps, too."""
        return any(not known.finding.verdict.case.steps for known in self.found)

    def _is_known(self, verdict: Verdict) -> bool:
        return any(known.finding.verdict.explains(verdict) for known in self.found)

    def _see_something_new(self) -> None:
        self.state.newest = self._seconds

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _is_over(self) -> bool:
        seconds, stale = self._options.seconds, self._options.until_stale
        return (seconds is not None and self._seconds >= seconds) or (
            stale is not None and self._seconds - self.state.newest >= stale
        )
