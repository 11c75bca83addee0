"""Rounds in the order of their numbers, in whatever order they are done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar, cast

from gradcheck.fuzz.executor import Attempt, Executor, Lost
from gradcheck.fuzz.rounds import Round
from gradcheck.fuzz.tasks import JudgeRound, Task

Answer = TypeVar("Answer")

_AHEAD = 4
"""So many rounds, for each task at once, may be done before an earlier one is."""

_SECONDS_BETWEEN_LOOKS = 0.1
"""At what may end a run, while nothing is done."""


class StoppedError(Exception):
    """The run is to stop before there is an answer."""


class Scheduler:
    """The rounds of a run. No more are begun once it is ``over``, and none awaited if ``stopped``.

    What is found in one round changes what has to be done with the next; so this is where rounds
    wait for those before them.
    """

    def __init__(
        self,
        executor: Executor,
        numbers: Iterator[int],
        *,
        over: Callable[[], bool],
        stopped: Callable[[], bool],
    ) -> None:
        self._executor = executor
        self._numbers = numbers
        self._over = over
        self._stopped = stopped
        self._begun: deque[int] = deque()
        self._early: dict[int, Round] = {}
        self._answers: list[tuple[Task[object], object]] = []
        self._in_flight = 0

    def rounds(self) -> Iterator[Round]:
        """Every round in its turn."""
        while True:
            self._begin_rounds()
            if not self._begun:
                return
            while self._begun[0] not in self._early:
                if self._stopped():
                    return
                self._collect()
                self._begin_rounds()
            if self._stopped():
                return
            round_ = self._early.pop(self._begun.popleft())
            self._begin_rounds()
            yield round_

    def ask(self, task: Task[Answer]) -> Answer:
        """The answer to another task, while rounds go on where there is room for them."""
        return self._asked(task, lambda: None)

    def ask_unless_stopped(self, task: Task[Answer]) -> Answer:
        """As ``ask``; raises ``StoppedError`` as soon as the run is to stop."""

        def look() -> None:
            if self._stopped():
                raise StoppedError

        return self._asked(task, look)

    def _asked(self, task: Task[Answer], look: Callable[[], None]) -> Answer:
        while self._in_flight >= self._executor.width:
            look()
            self._collect()
        look()
        self._submit(Attempt(task))
        while not self._answers:
            self._begin_rounds()
            look()
            self._collect()
        [(answered, answer)] = self._answers
        assert answered is task  # there is one question at a time
        self._answers.clear()
        return cast(Answer, answer)  # as a task says it

    def _begin_rounds(self) -> None:
        while (
            self._in_flight < self._executor.width
            and len(self._begun) < _AHEAD * self._executor.width
            and not (self._over() or self._stopped())
        ):
            number = next(self._numbers, None)
            if number is None:
                return
            self._begun.append(number)
            self._submit(Attempt(JudgeRound(number)))

    def _submit(self, attempt: Attempt) -> None:
        self._in_flight += 1
        self._executor.submit(attempt)

    def _collect(self) -> None:
        for attempt, answer in self._executor.wait(_SECONDS_BETWEEN_LOOKS):
            self._in_flight -= 1
            if isinstance(answer, Lost):
                if not attempt.is_isolated:
                    self._submit(replace(attempt, lost=attempt.lost + 1))
                    continue
                self._take(attempt.task, attempt.task.given_up())
            else:
                self._take(attempt.task, answer)

    def _take(self, task: Task[object], answer: object) -> None:
        if isinstance(answer, Round):
            self._early[answer.number] = answer
        else:
            self._answers.append((task, answer))
