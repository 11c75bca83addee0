"""Load an engine that may end its process, and do work with it that survives this."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.evaluation import SECONDS as SECONDS_OF_A_LIBRARY
from gradcheck.engines.experiment import Mode, experiments
from gradcheck.engines.importing import ImportTimeoutError
from gradcheck.engines.isolation.child_process import Ended, Limits, can_fork, in_child
from gradcheck.engines.isolation.isolated_arrays import IsolatedArrays
from gradcheck.engines.isolation.isolated_engine import (
    IMPORT_SECONDS,
    MEMORY,
    EngineLimits,
    IsolatedEngine,
)
from gradcheck.engines.isolation.threaded_packages import (
    ThreadsAreGoneError,
    refusing,
    remember_use,
    threaded_packages,
)
from gradcheck.engines.isolation.watchdog import exit_when_stuck
from gradcheck.engines.loading import EngineLoadError, load_any_engine
from gradcheck.engines.objects import ObjectEngine

T = TypeVar("T")

LoadEngine = Callable[[str], AnyEngine]
"""A function that loads the engine that a spec names."""

SECONDS_UNTIL_STUCK = 10.0
"""Importing a large library also runs code that is not Python, but never for this long."""


def seconds_until_stuck(limits: EngineLimits) -> float:
    """Return how long a process with an engine may run no Python code.

    A library may compile within one call into C, for as long as a case may take.
    """
    return SECONDS_UNTIL_STUCK + (limits.seconds or SECONDS_OF_A_LIBRARY)


class CannotIsolateError(EngineLoadError):
    """An engine whose process cannot be forked; the message is one line."""


def load_isolated(
    spec: str,
    *,
    seconds: float | None = None,
    memory: int = MEMORY,
    import_seconds: float = IMPORT_SECONDS,
) -> IsolatedEngine | IsolatedArrays:
    """Load the engine that a spec names in a way that it cannot end this process.

    Importing it and detecting its interface are tried in a child first. If the child does not
    survive, each experiment is made in a child of its own, and one that ends its child has failed.
    Raises ``EngineLoadError``, also if importing the engine ends its process, and
    ``CannotIsolateError`` for JAX, TensorFlow and whatever uses one of them.
    """
    mode = Mode.HERE
    limits = EngineLimits(seconds, memory, import_seconds)
    loaded = _try(spec, limits, mode)
    if isinstance(loaded, Ended):
        mode = Mode.CHILD_FIRST
        loaded = _try(spec, limits, Mode.SKIP)
    if isinstance(loaded, Ended):
        message = f"{spec!r}: importing it ended the process: {loaded.error}: {loaded.message}"
        raise EngineLoadError(message)
    if loaded is not None:
        message = f"{spec!r} cannot run in a process of its own, because {loaded} cannot be forked"
        raise CannotIsolateError(message)
    with experiments(mode):
        engine = _load(spec, limits)
    if isinstance(engine, ArrayEngine):
        from gradcheck.engines.arrays.driving import TensorArrays  # noqa: PLC0415 - needs NumPy

        of_engine = engine.seconds if isinstance(engine, TensorArrays) else SECONDS_OF_A_LIBRARY
        return IsolatedArrays(engine, of_engine if seconds is None else seconds, memory)
    if seconds is None:
        seconds = ObjectEngine.seconds if isinstance(engine, ObjectEngine) else SECONDS_OF_A_LIBRARY
    return IsolatedEngine(engine, seconds=seconds, memory=memory)


def load_isolated_if_possible(spec: str, limits: EngineLimits) -> AnyEngine:
    """Load the engine that a spec names, isolated if the system and the engine allow it.

    Raises ``EngineLoadError``.
    """
    if can_fork():
        try:
            return _load_isolated(spec, limits)
        except CannotIsolateError:
            pass  # without isolation it can be checked as long as it does not end its process
    return load_any_engine(spec, seconds=limits.seconds, import_seconds=limits.import_seconds)


def _load_isolated(spec: str, limits: EngineLimits) -> IsolatedEngine | IsolatedArrays:
    return load_isolated(
        spec,
        seconds=limits.seconds,
        memory=limits.memory,
        import_seconds=limits.import_seconds,
    )


def run_isolated(work: Callable[[LoadEngine], T], limits: EngineLimits) -> T:
    """Return the result of work that loads and runs an engine, whatever the engine does.

    The work is done in a child process, which may print. If the engine ends that process, the work
    is done once more, with each run of the engine in a child process of its own. Import what the
    work needs beforehand, or both processes import it. An engine that works in threads which this
    process already has is run in this process. Raises ``EngineLoadError`` if the engine ended its
    process and cannot be isolated.
    """
    already_imported = threaded_packages()

    def load(spec: str) -> AnyEngine:
        return load_any_engine(spec, seconds=limits.seconds, import_seconds=limits.import_seconds)

    def load_in_child(spec: str) -> AnyEngine:
        with refusing(already_imported, spec):
            return _load(spec, limits)

    def watched() -> T:
        with exit_when_stuck(seconds_until_stuck(limits)):
            return work(load_in_child)

    if not can_fork():
        return work(load)
    done = in_child(watched, Limits(seconds=None, memory=limits.memory), quiet=False)
    if not isinstance(done, Ended):
        return done
    if done.error == ThreadsAreGoneError.__name__:
        package = done.message

        def load_here(spec: str) -> AnyEngine:
            remember_use(spec, package)
            return load(spec)

        return work(load_here)
    try:
        return work(lambda spec: _load_isolated(spec, limits))
    except CannotIsolateError as error:
        message = f"the engine ended its process by {done.error}, {done.message}: {error}"
        raise EngineLoadError(message) from None


def _try(spec: str, limits: EngineLimits, mode: Mode) -> str | Ended | None:
    """Load an engine in a child. Return how that ended it, or a package that cannot be forked.

    Raises ``ImportTimeoutError``.
    """
    already_imported = threaded_packages()

    def load() -> str | None:
        block = refusing(already_imported, spec)
        with exit_when_stuck(SECONDS_UNTIL_STUCK), experiments(mode), block:
            _load(spec, limits)
        return next((p for p in threaded_packages() if p not in already_imported), None)

    try:
        ended = in_child(load, Limits(seconds=None, memory=limits.memory))
    except ImportTimeoutError:
        raise  # or it would take as long once more
    except Exception:  # noqa: BLE001 - loading it in this process raises the same again
        return None
    if isinstance(ended, Ended) and ended.error == ThreadsAreGoneError.__name__:
        ended = ended.message
    if isinstance(ended, str):
        remember_use(spec, ended)
    return ended


def _load(spec: str, limits: EngineLimits) -> AnyEngine:
    engine = load_any_engine(spec, seconds=limits.seconds, import_seconds=limits.import_seconds)
    if not isinstance(engine, ArrayEngine):
        engine.operations  # noqa: B018 - detected on first use: do that now
    return engine
