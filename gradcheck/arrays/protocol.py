"""The protocol of an engine of arrays, and the numbers that it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.program import ArrayCase
from gradcheck.engines.faults import Fault
from gradcheck.precision import Precision


@dataclass(frozen=True, slots=True, eq=False)
class ArrayRun:
    """One forward and backward pass over an array case.

    ``value`` is the output, a single number. ``gradients`` has an array for each input, in whatever
    shape the engine gave it, or ``None`` for none. With a ``fault`` there are none.
    """

    value: float | None
    gradients: tuple[NDArray[np.float64] | None, ...] = ()
    fault: Fault | None = None


class ArrayEngine(Protocol):
    """An engine of arrays under test."""

    @property
    def spec(self) -> str:
        """The spec that the engine was loaded by."""

    @property
    def operations(self) -> frozenset[str]:
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
