"""Loading an engine that may end its process, even while it is looked at."""

from __future__ import annotations

from gradcheck.adapters.apart import MEMORY, ApartEngine
from gradcheck.adapters.child import Ended, Limits, in_child
from gradcheck.adapters.evaluation import SECONDS as SECONDS_OF_A_LIBRARY
from gradcheck.adapters.experiment import Trials, trials
from gradcheck.adapters.loading import EngineLoadError, load_engine
from gradcheck.adapters.objects import ObjectEngine
from gradcheck.adapters.standstill import ends_at_a_standstill

SECONDS_AT_A_STANDSTILL = 10.0
"""Importing a large library does other things than run Python code, though not for so long."""


def load_apart(spec: str, *, seconds: float | None = None, memory: int = MEMORY) -> ApartEngine:
    """The engine that a spec names, as by ``load_engine``; whatever it does, this process lives on.

    Raises ``EngineLoadError``, also where importing it ends its process. That it can be looked at
    is tried in a child first. If it cannot, each experiment is tried in a child, and what ends its
    process there is an experiment that failed.
    """
    if _ended(spec, memory, Trials.AS_USUAL) is None:
        return _apart(spec, seconds, memory)
    if (ended := _ended(spec, memory, Trials.LEFT_OUT)) is not None:
        message = f"{spec!r}: importing it ended the process: {ended.error}: {ended.message}"
        raise EngineLoadError(message)
    with trials(Trials.APART):
        return _apart(spec, seconds, memory)


def _ended(spec: str, memory: int, kind: Trials) -> Ended | None:
    """How loading an engine ends a process, if it does."""

    def load() -> None:
        with ends_at_a_standstill(SECONDS_AT_A_STANDSTILL), trials(kind):
            load_engine(spec).operations  # noqa: B018 - it may be looked at only now

    try:
        return in_child(load, Limits(seconds=None, memory=memory))
    except Exception:  # noqa: BLE001 - it will be raised again
        return None


def _apart(spec: str, seconds: float | None, memory: int) -> ApartEngine:
    engine = load_engine(spec)
    engine.operations  # noqa: B018 - so that it is not looked at later
    if seconds is None:
        seconds = ObjectEngine.seconds if isinstance(engine, ObjectEngine) else SECONDS_OF_A_LIBRARY
    return ApartEngine(engine, seconds=seconds, memory=memory)
