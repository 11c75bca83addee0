"""A limit on the time that an engine may take, enforced within this process."""

from __future__ import annotations

import contextlib
import inspect
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType

from gradcheck.engines.ticks import system_timer

WAITING = "no end after waiting"
"""The beginning of a ``HangError``'s message when hardly anything was computed."""

_WAITING_SHARE = 10
"""Code that computes for less than one part in ten of its time is waiting."""

ReportUnraisable = Callable[["sys.UnraisableHookArgs"], object]
"""The type of ``sys.unraisablehook``."""


class HangError(BaseException):
    """The engine under test took more than ``limit`` seconds.

    It derives from ``BaseException``, so that an engine that catches ``Exception`` cannot catch it.
    """

    def __init__(self, message: str, *, limit: float | None = None) -> None:
        super().__init__(message)
        self.limit = limit


class _Clock:
    """The clock of ``watched``, which raises ``HangError`` for each ``time_limit`` that is over.

    ``on_tick`` is called on every tick as well. ``is_active`` without ``is_ticking`` means that
    somebody else watches the time (``untimed``).
    """

    is_active = False
    is_ticking = False
    timer = system_timer()
    limit: time_limit | None = None
    on_tick: Callable[[], None] | None = None
    last_tick = 0.0
    """The computing time of the process at the last tick."""

    def start(self) -> None:
        self.last_tick = time.process_time()
        self.timer.start(self.tick)

    def tick(self, _number: int, frame: FrameType | None) -> None:
        if self.on_tick is not None:
            self.on_tick()
        if _is_ending(frame):
            return
        limit, before, self.last_tick = self.limit, self.last_tick, time.process_time()
        while limit is not None:
            limit.check(before)
            limit = limit.outer


_CLOCK = _Clock()

_NOTHING = contextlib.nullcontext()


@contextlib.contextmanager
def _ticking() -> Iterator[None]:
    """Start the clock, and give the timer back to whoever had set it before."""
    report, sys.unraisablehook = sys.unraisablehook, _all_but_hangs(sys.unraisablehook)
    give_back = _CLOCK.timer.take()
    _CLOCK.limit = None  # an interrupt may have left one there
    _CLOCK.start()
    _CLOCK.is_active = _CLOCK.is_ticking = True
    try:
        yield
    finally:
        _CLOCK.is_active = _CLOCK.is_ticking = False
        give_back()
        sys.unraisablehook = report


def watched() -> contextlib.AbstractContextManager[None]:
    """Keep one clock ticking within the block, which makes each ``time_limit`` in it cheap.

    The clock interrupts Python code in the main thread; in another thread there is no limit. A
    timer that other code has set continues after the block.

    Python itself swallows errors that are raised while it cleans up (``__del__``, weak references,
    garbage collection). A ``HangError`` that is swallowed is raised again at the next tick.
    """
    if not _CLOCK.is_active and _in_main_thread():
        return _ticking()
    if _CLOCK.is_ticking and not _CLOCK.timer.is_running():
        _CLOCK.start()
    return _NOTHING


@contextlib.contextmanager
def untimed() -> Iterator[None]:
    """Disable every ``time_limit`` within the block.

    For a forked child: its parent watches the time, and timers do not survive a fork.
    """
    before = _CLOCK.is_active, _CLOCK.is_ticking
    _CLOCK.is_active, _CLOCK.is_ticking = True, False
    try:
        yield
    finally:
        _CLOCK.is_active, _CLOCK.is_ticking = before


@contextlib.contextmanager
def on_every_tick(action: Callable[[], None]) -> Iterator[None]:
    """Keep the clock ticking within the block, and call ``action`` on every tick."""
    _CLOCK.on_tick = action
    try:
        with watched():
            yield
    finally:
        _CLOCK.on_tick = None


def overrun(
    computing: float, elapsed: float, seconds: float, *, patience: float | None = None
) -> HangError | None:
    """Return the error for code that took too long, or ``None`` if it did not.

    Code may compute for ``seconds``. It may also wait, for ``patience`` seconds (the same unless
    given), where waiting means that it computes for less than a tenth of the time. Code that is
    merely slowed down by a busy machine computes more than that, and gets its time.

    >>> overrun(computing=1.0, elapsed=6.0, seconds=5.0) is None
    True
    >>> overrun(computing=0.1, elapsed=6.0, seconds=5.0)
    HangError('no end after waiting for 5 s')
    """
    patience = seconds if patience is None else patience
    if computing >= seconds:
        return HangError(f"no end after computing for {seconds:g} s", limit=seconds)
    if elapsed >= patience and computing * _WAITING_SHARE < elapsed:
        return HangError(f"{WAITING} for {patience:g} s", limit=patience)
    return None


class time_limit:  # noqa: N801 - a context manager, named like those of contextlib
    """Raise ``HangError`` from within the block once it has taken ``seconds``.

    ``overrun`` defines what counts. There is no limit where ``watched`` cannot tick. The recursion
    limit is restored afterwards, whatever the block did to it.
    """

    __slots__ = ("_computed", "_depth", "_patience", "_seconds", "_started", "_watch", "outer")

    def __init__(self, seconds: float, *, patience: float | None = None) -> None:
        self._seconds = seconds
        self._patience = patience
        self._started = 0.0
        self._computed: float | None = None
        self._watch: contextlib.AbstractContextManager[None] | None = None
        self._depth = 0
        self.outer: time_limit | None = None

    def __enter__(self) -> None:
        self._depth = sys.getrecursionlimit()
        if not _CLOCK.is_active:
            self._watch = watched()
            self._watch.__enter__()
        if _in_main_thread():
            self._started = time.monotonic()
            self.outer, _CLOCK.limit = _CLOCK.limit, self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if _in_main_thread():
            _CLOCK.limit = self.outer
        if self._watch is not None:
            self._watch.__exit__(kind, error, traceback)
        if sys.getrecursionlimit() != self._depth:
            sys.setrecursionlimit(self._depth)

    def check(self, last_tick: float) -> None:
        """Raise ``HangError`` if the time has passed.

        Asking for the computing time takes longer than entering a block, and most blocks end
        without a tick. So it is counted from the ``last_tick`` before the first check: the clock
        may count what was computed between that and the block, less than the time between ticks.
        """
        if self._computed is None:
            self._computed = last_tick
        elapsed = time.monotonic() - self._started
        computing = min(elapsed, time.process_time() - self._computed)
        error = overrun(computing, elapsed, self._seconds, patience=self._patience)
        if error is not None:
            raise error


_ENDINGS = {time_limit.__exit__.__code__, inspect.unwrap(_ticking).__code__}


def _is_ending(frame: FrameType | None) -> bool:
    """Tell whether a block has come to its end, and the clock is being put back.

    The tick may come late, when a long call of C has returned. An error here would leave the clock
    ticking, and every later tick would raise one in code that has no limit.
    """
    while frame is not None:
        if frame.f_code in _ENDINGS:
            return True
        frame = frame.f_back
    return False


_MAIN_THREAD = threading.main_thread().ident


def _in_main_thread() -> bool:
    return threading.get_ident() == _MAIN_THREAD


def _all_but_hangs(report: ReportUnraisable) -> ReportUnraisable:
    """Return a hook that reports every swallowed error but a hang, which is raised again."""

    def report_others(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, HangError):
            report(unraisable)

    return report_others
