"""Engines that bring their own adapter: objects with the methods of ``Engine``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from gradcheck.engines.evaluation import SECONDS, limit_for
from gradcheck.engines.faults import fault_of
from gradcheck.engines.interface import takes
from gradcheck.engines.protocol import Engine, Fault, Run
from gradcheck.expression import Case
from gradcheck.operations import Operation
from gradcheck.precision import Precision

T = TypeVar("T")

_METHODS = ("run", "run_again", "value")


@dataclass(frozen=True, slots=True)
class CustomEngine:
    """An engine under the spec that it was loaded by, so that it can be loaded again.

    What it raises nevertheless is a fault, and what takes longer than ``seconds`` is a hang.
    """

    spec: str
    engine: Engine
    seconds: float = SECONDS

    @property
    def operations(self) -> frozenset[Operation]:
        return self.engine.operations

    @property
    def precision(self) -> Precision:
        return self.engine.precision

    def run(self, case: Case) -> Run:
        run = self._attempt(self.engine.run, case)
        return Run(None, readings=(), fault=run) if isinstance(run, Fault) else run

    def run_again(self, case: Case) -> Run | None:
        run = self._attempt(self.engine.run_again, case)
        return Run(None, readings=(), fault=run) if isinstance(run, Fault) else run

    def value(self, case: Case) -> float | Fault:
        return self._attempt(self.engine.value, case)

    def _attempt(self, method: Callable[[Case], T], case: Case) -> T | Fault:
        try:
            with limit_for(case.expression, self.seconds):
                return method(case)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            return fault_of(error, stage="forward", position=None)


def custom_engine(found: object) -> Engine | None:
    """The engine that something is or that it makes without arguments, ``None`` if there is none.

    Raises what making it raises, where it is a class of engines or can do nothing else.
    """
    if isinstance(found, type):
        return cast("Engine", found()) if _has_methods(found) else None
    if _has_methods(found):
        return cast("Engine", found)
    if not callable(found) or not takes(found, 0):
        return None
    made = found()
    return cast("Engine", made) if _has_methods(made) and not isinstance(made, type) else None


def _has_methods(found: object) -> bool:
    return all(callable(getattr(found, name, None)) for name in _METHODS) and hasattr(
        found, "operations"
    )
