"""A long run: rounds of random cases, reported as a stream of events."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gradcheck.blame.probe import forget_answers
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.objects import interface_of
from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.findings.replay import Replay, ReplayOutcome, missing_operations, outcome_of
from gradcheck.fuzz.beginning import beginning
from gradcheck.fuzz.events import (
    EarlierFinding,
    Event,
    Finished,
    Found,
    LifeChecked,
    Progress,
    Replayed,
    Started,
    State,
)
from gradcheck.fuzz.executor import Executor
from gradcheck.fuzz.groups import advice, groups_of, in_groups
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.rounds import BugInRound, Round, worse
from gradcheck.fuzz.scheduler import Scheduler, StoppedError
from gradcheck.fuzz.tasks import CheckLifecycle, FindDepthLimit, JudgeAgain, Reduce, Shrink
from gradcheck.lifecycle.steps import CHECKS
from gradcheck.verdict import Verdict, drop_explained

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict

_JUDGING = "judging random cases"

_CUT_SHORT = "The time was up before the last rounds were judged."

_NOTHING_IN_TIME = (
    "The time was up before the first round was judged: the engine is slow, or does not end. "
    "Give the run more with --time, or one engine run less with --case-timeout."
)

_SECONDS_TO_FINISH = 4.0
"""Time after the time limit in which the last rounds and smallest cases may still come."""

_SECONDS_TO_STOP = 0.7
"""The same after a request to stop."""


def run(
    engine: AnyEngine,
    options: Options,
    executor: Executor,
    *,
    stopped: Callable[[], bool],
    state: State | None = None,
    before: Iterable[EarlierFinding] = (),
    begun: Started | None = None,
    waiting: Callable[[str], None] = lambda _doing: None,
) -> Iterator[Event]:
    """Judge random cases until a limit of the options is reached or ``stopped`` is true.

    Yields ``Started``; then ``LifeChecked`` for each check of the lifecycle, if requested; then
    ``Replayed`` for each finding from ``before``; then ``Found`` for each new bug of a round, and
    ``Progress`` after it; then ``Finished``. With a ``state`` the run is resumed from there.
    ``begun`` is the first event, if it is known already. Between two events, ``waiting`` is told
    again and again what the run is doing. Raises ``NothingToCheckError`` before the first event.
    """
    started = begun or beginning(engine, options)
    state = state or State()
    before = tuple(before)
    yield started
    forget_answers()
    progress = _RunInProgress(engine, options, executor, stopped, state, before, waiting)
    with contextlib.suppress(StoppedError):
        yield from progress.events()
    progress.note_the_time()
    groups = groups_of(engine, progress.found, is_late=progress.is_late)
    yield Finished(
        started,
        state,
        in_groups(progress.with_sightings(), groups),
        progress.not_replayed,
        stopped(),
        advice(groups),
        progress.ended_early(),
    )


class _RunInProgress:
    """Merges the results of the rounds in the order of their numbers.

    So the findings do not depend on which process did which round, or how fast.
    """

    def __init__(
        self,
        engine: AnyEngine,
        options: Options,
        executor: Executor,
        stopped: Callable[[], bool],
        state: State,
        before: Sequence[EarlierFinding],
        waiting: Callable[[str], None],
    ) -> None:
        self.state = state
        self.found: list[Found] = []
        self.not_replayed = len(before)
        self._before = before
        self._engine = engine
        self._options = options
        self._began = time.monotonic() - state.seconds
        self._doing = _JUDGING
        numbers = options.round_numbers(state.next_round)
        self._scheduler = Scheduler(
            executor,
            numbers,
            over=self._is_over,
            seconds_left=self._seconds_left,
            stopped=stopped,
            late=self.is_late,
            waiting=lambda: waiting(self._doing),
        )
        self._stopped = stopped
        self._stopped_at: float | None = None
        self._not_smallest = 0

    def events(self) -> Iterator[Event]:
        """Yield the events between the first and the last. Raises ``StoppedError``."""
        if self._options.life:
            yield from self._lifecycle_checks()
            if self._options.fail_fast and self.found:
                return
        yield from self._depth_check()
        for earlier in self._before:
            yield self._replayed(earlier)
            self.not_replayed -= 1
        yield Progress(self.state, tuple(self.found))
        for round_ in self._scheduler.rounds():
            yield from self._merge(round_)
            yield Progress(self.state, tuple(self.found))
            if self._options.fail_fast and self.found:
                return

    def _lifecycle_checks(self) -> Iterator[LifeChecked]:
        """Run the checks of the lifecycle; stop at the first broken one with ``fail_fast``.

        Raises ``StoppedError``.
        """
        for each in CHECKS:
            with self._showing(f"checking the lifecycle: {each}"):
                result = self._scheduler.answer_to(CheckLifecycle(each), unless_stopped=True)
            found = None
            if (verdict := result.verdict) is not None:
                self.state.last_seen[verdict.signature] = now()
                judged = self.state.statistics.cases
                found = self._add(verdict, verdict, cases=judged, is_new=True)
            yield LifeChecked(result, found)
            if self._options.fail_fast and found is not None:
                return

    def _depth_check(self) -> Iterator[Found]:
        """Find the depth limit; yield it if it is to be a finding. Raises ``StoppedError``."""
        if isinstance(self._engine, ArrayEngine):
            return
        with self._showing("looking for the depth limit"):
            found = self._scheduler.answer_to(FindDepthLimit(), unless_stopped=True)
        if found is None:
            return
        case, verdict = found
        self.state.depth_limit = case.expression.depth - 1
        if verdict is not None:
            yield self._add(verdict, verdict, cases=self.state.statistics.cases, is_new=True)

    def _replayed(self, earlier: EarlierFinding) -> Replayed:
        """Judge an earlier finding again, and add it if it still shows. Raises ``StoppedError``."""
        reason = missing_operations(earlier.smallest, self._engine)
        if reason:
            return Replayed(earlier.path, Replay(ReplayOutcome.CANNOT_RUN, reason))
        task = JudgeAgain(earlier.smallest, earlier.worst, earlier.signature)
        with self._showing(f"judging {earlier.signature} again"):
            verdicts = self._scheduler.answer_to(task, unless_stopped=True)
        if verdicts is None:
            return Replayed(
                earlier.path, Replay(ReplayOutcome.CANNOT_RUN, "no process survives it")
            )
        bugs = [verdict for verdict in verdicts if verdict.is_finding]
        if bugs:
            worst = bugs[-1] if bugs[-1].signature == bugs[0].signature else bugs[0]
            self._add(bugs[0], worst, cases=earlier.cases, is_new=earlier.is_new)
        return Replayed(earlier.path, outcome_of(*verdicts, was=earlier.signature))

    def _merge(self, round_: Round) -> Iterator[Found]:
        """Add a round to the state, and yield each new bug with its smallest case."""
        # Before the round counts: if the run is to stop meanwhile, it is judged once more later.
        shrunk = self._shrunk(round_)
        statistics = self.state.statistics
        cases = statistics.cases
        if not round_.statistics.features <= statistics.features:
            self.state.last_new = self._seconds
        statistics.add(round_.statistics)
        self.state.last_seen |= dict.fromkeys(round_.bugs, now())
        self.found = [self._with_worse(known, round_) for known in self.found]
        for bug in shrunk:
            if self._has_finding_without_steps and self._is_known(
                self._scheduler.answer_to(Reduce(bug, round_.isolated))
            ):
                self.state.not_reported.add(bug.signature)
                continue
            # Shrinking may have made an unclear cause clear.
            unseen = BugInRound(bug, bug, cases=round_.statistics.cases)
            in_round = round_.bugs.get(bug.signature, unseen)
            worst = worse(in_round.worst, bug)
            yield self._add(bug, worst, cases=cases + in_round.cases, is_new=True)
            self.state.last_new = self._seconds
        self.state.next_round = round_.number + 1
        self.state.seconds = self._seconds

    def note_the_time(self) -> None:
        """Count the time until now, also that of rounds that were dropped."""
        self.state.seconds = self._seconds

    def ended_early(self) -> tuple[str, ...]:
        """Return sentences on what was not finished, if the run did not wait for something."""
        if not self._scheduler.is_cut_short or self._stopped():
            return ()
        sentences = [_NOTHING_IN_TIME if self._is_empty else _CUT_SHORT]
        if self._not_smallest:
            sentences.append(f"Not the smallest cases, for the same reason: {self._not_smallest}.")
        return tuple(sentences)

    @property
    def _is_empty(self) -> bool:
        return self.state.statistics.expressions == 0

    def with_sightings(self) -> list[Found]:
        """Return all findings with their sightings so far."""
        return [
            replace(known, finding=replace(known.finding, seen=self._sighting(known.signature)))
            for known in self.found
        ]

    def _shrunk(self, round_: Round) -> list[AnyVerdict]:
        """Return the unknown bugs of a round on their smallest cases, small cases first.

        A bug that shows in a large case is more likely to be one that another case shows too.
        """
        new = (
            bug.smallest
            for signature, bug in round_.bugs.items()
            if not (signature in self.state.not_reported or self._is_known(bug.smallest))
        )
        shrunk = [self._smallest(bug, isolated=round_.isolated) for bug in drop_explained(new)]
        return sorted(drop_explained(shrunk), key=lambda bug: bug.case.expression.size)

    def _smallest(self, bug: AnyVerdict, *, isolated: bool) -> AnyVerdict:
        with self._showing(f"looking for the smallest case of {bug.signature}"):
            smallest = self._scheduler.answer_to(Shrink(bug, isolated))
        if self.is_late() and self._stopped():
            raise StoppedError  # a resumed run looks for it again
        self._not_smallest += self.is_late()
        return smallest

    @contextlib.contextmanager
    def _showing(self, doing: str) -> Iterator[None]:
        """Tell whoever waits that the run is doing this within the block."""
        self._doing = doing
        try:
            yield
        finally:
            self._doing = _JUDGING

    def _add(self, verdict: AnyVerdict, worst: AnyVerdict, *, cases: int, is_new: bool) -> Found:
        finding = Finding(
            self._with_interface(verdict),
            worst=self._with_interface(worst),
            seen=self._sighting(verdict.signature),
            cases=cases,
        )
        path = self._options.output / finding.folder
        is_new = is_new and all(earlier.is_new for earlier in self._before if earlier.path == path)
        found = Found(finding, path, is_new=is_new)
        # Two earlier findings with the same case may have become one.
        if all(known.path != found.path for known in self.found):
            self.found.append(found)
        return found

    def _sighting(self, signature: str) -> Sighting:
        return self.state.sighting(signature, seed=self._options.seed)

    def _with_worse(self, known: Found, round_: Round) -> Found:
        """Return a finding with the worst case of the round, if that is worse."""
        bug = round_.bugs.get(known.signature)
        if bug is None:
            return known
        worst = self._with_interface(worse(known.finding.worst, bug.worst))
        return replace(known, finding=replace(known.finding, worst=worst))

    def _with_interface(self, verdict: AnyVerdict) -> AnyVerdict:
        """Return a verdict that tells how the engine's objects are driven."""
        if not isinstance(verdict, Verdict) or isinstance(self._engine, ArrayEngine):
            return verdict
        return replace(verdict, interface=interface_of(self._engine))

    @property
    def _has_finding_without_steps(self) -> bool:
        """Whether there is a finding that rounds may show too: one whose case has no steps."""
        return any(not known.finding.verdict.case.steps for known in self.found)

    def _is_known(self, verdict: AnyVerdict) -> bool:
        return any(known.finding.verdict.explains(verdict) for known in self.found)

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def is_late(self) -> bool:
        """Tell whether nothing may be awaited any more: the time is up, or the run is to stop."""
        if self._stopped_at is None and self._stopped():
            self._stopped_at = self._seconds
        seconds = self._options.seconds
        return (seconds is not None and self._seconds >= seconds + _SECONDS_TO_FINISH) or (
            self._stopped_at is not None and self._seconds >= self._stopped_at + _SECONDS_TO_STOP
        )

    def _seconds_left(self) -> float | None:
        seconds = self._options.seconds
        return None if seconds is None else seconds - self._seconds

    def _is_over(self) -> bool:
        left, stale = self._seconds_left(), self._options.until_stale
        return (left is not None and left <= 0) or (
            stale is not None and self._seconds - self.state.last_new >= stale
        )
