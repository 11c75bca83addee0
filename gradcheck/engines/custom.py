"""Custom engines: objects that implement the methods of ``Engine`` themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from gradcheck.engines.evaluation import SECONDS, limit_for
from gradcheck.engines.faults import Fault, fault_of
from gradcheck.engines.interface import takes
from gradcheck.engines.protocol import Engine, Run
from gradcheck.expression import Case
from gradcheck.operations import Operation
from gradcheck.precision import Precision

T = TypeVar("T")

_METHODS = ("run", "run_on_used_inputs", "value")


@dataclass(frozen=True, slots=True, repr=False)
class CustomEngine:
    """A custom engine under the spec that it was loaded by, so that it can be loaded again.

    An exception that it raises is a fault, and more than ``seconds`` for a case is a hang.
    """

    spec: str
    engine: Engine
    seconds: float = SECONDS

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec}>"

    @property
    def operations(self) -> frozenset[Operation]:
        return self.engine.operations

    @property
    def precision(self) -> Precision:
        return self.engine.precision

    def run(self, case: Case) -> Run:
        run = self._attempt(self.engine.run, case)
        return Run(None, readings=(), fault=run) if isinstance(run, Fault) else run

    def run_on_used_inputs(self, case: Case) -> Run | None:
        run = self._attempt(self.engine.run_on_used_inputs, case)
        return Run(None, readings=(), fault=run) if isinstance(run, Fault) else run

    def value(self, case: Case) -> float | Fault:
        return self._attempt(self.engine.value, case)

    def _attempt(self, method: Callable[[Case], T], case: Case) -> T | Fault:
        try:
            with limit_for(len(case.expression.nodes), self.seconds):
                return method(case)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            return fault_of(error, stage="forward", position=None)


def custom_engine(found: object) -> Engine | None:
    """Return the custom engine that ``found`` is, or that it makes when called without arguments.

    Return ``None`` for anything else. Raises what the call raises.
    """
    if isinstance(found, type):
        return cast("Engine", found()) if _is_engine(found) else None
    if _is_engine(found):
        return cast("Engine", found)
    if not callable(found) or not takes(found, 0):
        return None
    made = found()
    return cast("Engine", made) if _is_engine(made) and not isinstance(made, type) else None


def _is_engine(found: object) -> bool:
    return all(callable(getattr(found, name, None)) for name in _METHODS) and hasattr(
        found, "operations"
    )
