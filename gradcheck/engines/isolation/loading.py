"""Loading an engine that may end its process, even while it is looked at."""

from __future__ import annotations

import re
import sys

from gradcheck.engines.discovery.experiment import ExperimentMode, experiment_mode
from gradcheck.engines.evaluation import SECONDS as SECONDS_OF_A_LIBRARY
from gradcheck.engines.isolation.child_process import Ended, Limits, can_fork, in_child
from gradcheck.engines.isolation.isolated_engine import MEMORY, EngineLimits, IsolatedEngine
from gradcheck.engines.isolation.watchdog import exit_when_stuck
from gradcheck.engines.loading import EngineLoadError, load_engine
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.protocol import Engine

SECONDS_UNTIL_STUCK = 10.0
"""Importing a large library does other things than run Python code, though not for so long."""


def seconds_until_stuck(limits: EngineLimits) -> float:
    """How long no Python code may run in a process that has an engine with some limits.

    A library may compile within one call of C, for as long as it may take for a case.
    """
    return SECONDS_UNTIL_STUCK + (limits.seconds or SECONDS_OF_A_LIBRARY)


_CANNOT_BE_FORKED = ("jax", "tensorflow")
"""Packages whose threads do the work, and are not there in a forked child, which waits for them."""


class CannotIsolateError(EngineLoadError):
    """An engine whose process cannot be forked; the message is one line."""


def load_isolated(
    spec: str, *, seconds: float | None = None, memory: int = MEMORY
) -> IsolatedEngine:
    """The engine that a spec names, as by ``load_engine``; whatever it does, this process lives on.

    Raises ``EngineLoadError``, also where importing it ends its process. That it can be looked at
    is tried in a child first. If it cannot, each experiment is tried in a child, and what ends its
    process there is an experiment that failed. Raises ``CannotIsolateError`` for JAX, and all that
    uses it.
    """
    kind = ExperimentMode.NORMAL
    loaded = _tried(spec, memory, kind)
    if isinstance(loaded, Ended):
        kind = ExperimentMode.ISOLATED
        loaded = _tried(spec, memory, ExperimentMode.SKIPPED)
    if isinstance(loaded, Ended):
        message = f"{spec!r}: importing it ended the process: {loaded.error}: {loaded.message}"
        raise EngineLoadError(message)
    if loaded is not None:
        message = f"{spec!r} cannot be run in a process of its own, as {loaded} cannot be forked"
        raise CannotIsolateError(message)
    with experiment_mode(kind):
        return _apart(spec, seconds, memory)


def load_isolated_if_possible(spec: str, limits: EngineLimits) -> Engine:
    """The engine that a spec names, apart where the system and the engine allow it.

    Raises ``EngineLoadError``.
    """
    if can_fork():
        try:
            return load_isolated(spec, seconds=limits.seconds, memory=limits.memory)
        except CannotIsolateError:
            pass  # it is as good as any other while it does not end its process
    return load_engine(spec, seconds=limits.seconds)


def _tried(spec: str, memory: int, kind: ExperimentMode) -> str | Ended | None:
    """What keeps a process from being forked that an engine is loaded in, or how that ended it."""

    def load() -> str | None:
        # What is there already, for something else, does no harm.
        packages = [p for p in _CANNOT_BE_FORKED if p not in sys.modules or _is_of(spec, p)]
        with exit_when_stuck(SECONDS_UNTIL_STUCK), experiment_mode(kind):
            load_engine(spec).operations  # noqa: B018 - it may be looked at only now
        return next((package for package in packages if package in sys.modules), None)

    try:
        return in_child(load, Limits(seconds=None, memory=memory))
    except Exception:  # noqa: BLE001 - it will be raised again
        return None


def _is_of(spec: str, package: str) -> bool:
    return re.match(rf"{package}\b", spec) is not None


def _apart(spec: str, seconds: float | None, memory: int) -> IsolatedEngine:
    engine = load_engine(spec, seconds=seconds)
    engine.operations  # noqa: B018 - so that it is not looked at later
    if seconds is None:
        seconds = ObjectEngine.seconds if isinstance(engine, ObjectEngine) else SECONDS_OF_A_LIBRARY
    return IsolatedEngine(engine, seconds=seconds, memory=memory)
