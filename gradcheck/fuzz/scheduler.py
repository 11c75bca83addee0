"""Yield rounds in the order of their numbers, whichever is done first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar, cast

from gradcheck.fuzz.executor import Attempt, Executor, Lost
from gradcheck.fuzz.rounds import Round
from gradcheck.fuzz.tasks import JudgeRound, Task

T = TypeVar("T")

_ROUNDS_AHEAD = 4
"""Rounds that may be done while an earlier one is awaited, for each process."""

_POLL_SECONDS = 0.1
"""Time between two checks whether the run is to stop, while no task is done."""


class StoppedError(Exception):
    """The run is to stop before there is an answer."""


class Scheduler:
    """The rounds of a run.

    No round is begun once the run is ``over``, and none is awaited once it is ``stopped``. A round
    may take the ``seconds_left``. Once the run is ``late``, nothing at all is awaited: a task then
    has the answer of its ``fallback``. The findings of one round decide what has to be done about
    the next, so rounds wait here for those before them. ``waiting`` is called again and again while
    an answer is awaited.
    """

    def __init__(
        self,
        executor: Executor,
        numbers: Iterator[int],
        *,
        over: Callable[[], bool],
        seconds_left: Callable[[], float | None],
        stopped: Callable[[], bool],
        late: Callable[[], bool],
        waiting: Callable[[], None],
    ) -> None:
        self._executor = executor
        self._numbers = numbers
        self._over = over
        self._seconds_left = seconds_left
        self._stopped = stopped
        self._late = late
        self.is_cut_short = False
        self._waiting = waiting
        self._begun: deque[int] = deque()
        self._done: dict[int, Round] = {}
        self._answers: list[tuple[Task[object], object]] = []
        self._in_flight = 0

    def rounds(self) -> Iterator[Round]:
        """Yield every round in the order of the numbers."""
        while True:
            self._begin_rounds()
            if not self._begun:
                return
            while self._begun[0] not in self._done:
                if self._stopped() or self._is_too_late():
                    return
                self._collect()
                self._begin_rounds()
            if self._stopped():
                return
            round_ = self._done.pop(self._begun.popleft())
            self._begin_rounds()
            yield round_

    def answer_to(self, task: Task[T], *, unless_stopped: bool = False) -> T:
        """Return the answer to another task, while rounds go on in the other processes.

        With ``unless_stopped`` raise ``StoppedError`` as soon as the run is to stop, or is late.
        """

        def must_not_wait() -> bool:
            late = self._is_too_late()
            if unless_stopped and (late or self._stopped()):
                raise StoppedError
            return late

        while self._in_flight >= self._executor.width:
            if must_not_wait():
                return task.fallback()
            self._collect()
        self._submit(Attempt(task))
        while not self._answers:
            if must_not_wait():
                return task.fallback()
            self._begin_rounds()
            self._collect()
        [(answered, answer)] = self._answers
        assert answered is task  # there is one question at a time
        self._answers.clear()
        return cast(T, answer)  # as the type of the task promises

    def _is_too_late(self) -> bool:
        """Tell whether the run is late while there is something to wait for."""
        late = self._late()
        self.is_cut_short = self.is_cut_short or late
        return late

    def _begin_rounds(self) -> None:
        while (
            self._in_flight < self._executor.width
            and len(self._begun) < _ROUNDS_AHEAD * self._executor.width
            and not (self._over() or self._stopped())
        ):
            number = next(self._numbers, None)
            if number is None:
                return
            self._begun.append(number)
            self._submit(Attempt(JudgeRound(number, self._seconds_left())))

    def _submit(self, attempt: Attempt) -> None:
        self._in_flight += 1
        self._executor.submit(attempt)

    def _collect(self) -> None:
        self._waiting()
        for attempt, answer in self._executor.wait(_POLL_SECONDS):
            self._in_flight -= 1
            if not isinstance(answer, Lost):
                self._take(attempt.task, answer)
            elif attempt.is_isolated:
                self._take(attempt.task, attempt.task.fallback())
            else:
                self._submit(replace(attempt, times_lost=attempt.times_lost + 1))

    def _take(self, task: Task[object], answer: object) -> None:
        if isinstance(answer, Round):
            self._done[answer.number] = answer
        else:
            self._answers.append((task, answer))
