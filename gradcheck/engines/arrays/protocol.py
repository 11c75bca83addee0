"""The protocol of an engine of arrays, and the numbers that it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Engine
from gradcheck.precision import Precision

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcheck.arrays.operations import Shape
    from gradcheck.arrays.program import ArrayCase
    from gradcheck.engines.arrays.writing import ArrayCode


@dataclass(frozen=True, slots=True, eq=False)
class ArrayRun:
    """One forward and backward pass over an array case.

    ``value`` is the output, a single number. ``gradients`` has an array for each input, in the
    shape that the engine gave it, or ``None`` for none. ``inputs`` are the numbers that the inputs
    have after the backward pass. With a ``fault`` there are neither. ``wrong_shape`` is that of the
    program's result, before it becomes one number, if it is another one than it should be.
    """

    value: float | None
    gradients: tuple[NDArray[np.float64] | None, ...] = ()
    inputs: tuple[NDArray[np.float64], ...] = ()
    fault: Fault | None = None
    wrong_shape: Shape | None = None


@runtime_checkable
class ArrayEngine(Protocol):
    """An engine of arrays under test. It is hashable."""

    def __hash__(self) -> int: ...

    @property
    def spec(self) -> str:
        """The spec that the engine was loaded by."""

    @property
    def array_operations(self) -> frozenset[str]:
        """The names of the array operations that the engine has."""

    @property
    def missing_forms(self) -> frozenset[str]:
        """The forms of these operations that the engine does not have."""

    @property
    def precision(self) -> Precision:
        """The floating-point format of the engine; its cases have numbers of that format only."""

    def run(self, case: ArrayCase) -> ArrayRun:
        """Evaluate the case and run the backward pass. Never raises for what the engine does."""

    def value(self, case: ArrayCase) -> float | Fault:
        """Evaluate the case without a backward pass. Never raises for what the engine does."""

    def code(self, case: ArrayCase) -> ArrayCode | None:
        """Return the case in Python, ``None`` for a library that has an adapter."""


def what_is_missing(case: ArrayCase, engine: ArrayEngine) -> str:
    """Return a sentence with what a case needs and an engine does not have, or an empty one.

    Operations come first, and forms of operations only if all of these are there.
    """
    from gradcheck.arrays.forms import forms  # noqa: PLC0415 - needs NumPy

    missing = sorted({operation.name for operation in case.operations} - engine.array_operations)
    missing = missing or sorted(forms(case.program) & engine.missing_forms)
    return f"{engine.spec} has no {', '.join(missing)}" if missing else ""


AnyEngine = Engine | ArrayEngine
"""An engine under test, of numbers or of arrays."""
