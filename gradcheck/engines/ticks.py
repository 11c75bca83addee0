"""Timers that call a function in the main thread again and again, between two bytecodes."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Protocol

SECONDS = 0.05
"""Seconds between two ticks.

One timer that ticks costs a hundredth of setting a timer for each limit.
"""

Handler = Callable[[int, FrameType | None], None]
"""A handler of a signal."""


class Timer(Protocol):
    """A timer, used by the main thread only."""

    def take(self) -> Callable[[], None]:
        """Stop it for whoever uses it, and return a function that gives it back to them."""

    def start(self, handler: Handler) -> None:
        """Call the handler on every tick from now on."""

    def is_running(self) -> bool:
        """Tell whether it ticks; other code may have used it for itself and stopped it."""


class SystemTimer:
    """The timer of a POSIX system, whose signal also ends a call that waits."""

    def take(self) -> Callable[[], None]:
        handler = signal.getsignal(signal.SIGALRM)
        timer = signal.setitimer(signal.ITIMER_REAL, 0.0)

        def give_back() -> None:
            signal.setitimer(signal.ITIMER_REAL, *timer)
            signal.signal(signal.SIGALRM, handler)

        return give_back

    def start(self, handler: Handler) -> None:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, SECONDS, SECONDS)

    def is_running(self) -> bool:
        return bool(signal.getitimer(signal.ITIMER_REAL)[1])


class ThreadTimer:
    """A thread that simulates a signal, for systems without such a timer, as Windows.

    It does not end a call that waits in C. A process with threads must not be forked, but where
    there is no timer, no process can be forked either.
    """

    def __init__(self) -> None:
        self._number = getattr(signal, "SIGBREAK", signal.SIGILL)
        self._stop = threading.Event()
        self._stop.set()

    def take(self) -> Callable[[], None]:
        handler = signal.getsignal(self._number)

        def give_back() -> None:
            self._stop.set()
            signal.signal(self._number, handler)

        return give_back

    def start(self, handler: Handler) -> None:
        self._stop.set()  # a thread that ticks already
        self._stop = stop = threading.Event()
        signal.signal(self._number, handler)

        def tick() -> None:
            while not stop.wait(SECONDS):
                _thread.interrupt_main(self._number)

        threading.Thread(target=tick, daemon=True).start()

    def is_running(self) -> bool:
        return not self._stop.is_set()


def system_timer() -> Timer:
    """Return the best timer that the system has."""
    return SystemTimer() if hasattr(signal, "setitimer") else ThreadTimer()
