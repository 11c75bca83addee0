"""Engines that bring their own adapter: objects with the methods of ``Engine``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from gradcheck.adapters.engine import Engine, Fault, Run
from gradcheck.adapters.shape import takes
from gradcheck.expression import Case
from gradcheck.operations import Operation
from gradcheck.precision import Precision

_METHODS = ("run", "run_again", "value")


@dataclass(frozen=True, slots=True)
class GivenEngine:
    """An engine under the spec that it was loaded by, so that it can be loaded again."""

    spec: str
    engine: Engine

    @property
    def operations(self) -> frozenset[Operation]:
        return self.engine.operations

    @property
    def precision(self) -> Precision:
        return self.engine.precision

    def run(self, case: Case) -> Run:
        return self.engine.run(case)

    def run_again(self, case: Case) -> Run | None:
        return self.engine.run_again(case)

    def value(self, case: Case) -> float | Fault:
        return self.engine.value(case)


def given_engine(found: object) -> Engine | None:
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
