"""The verdict on an engine of arrays at an array case."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.program import ArrayCase, as_array
from gradcheck.arrays.protocol import ArrayRun
from gradcheck.kind import Kind
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.arrays.blame import ArrayBlame


@dataclass(frozen=True)  # no slots: cached_property keeps its results in __dict__
class ArrayVerdict:
    """Everything proved about an engine of arrays at a case.

    ``elements`` is the verdict on the single elements. An input whose gradient has another shape
    has no elements that can be compared.
    """

    case: ArrayCase
    run: ArrayRun
    elements: Verdict
    blame: ArrayBlame | None = None

    @cached_property
    def wrong_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of gradients that do not have that of their input, by its name."""
        gradients = zip(self.case.program.inputs, self.run.gradients, strict=False)
        return {
            x.name: gradient.shape
            for x, gradient in gradients
            if gradient is not None and gradient.shape != x.shape
        }

    @cached_property
    def kind(self) -> Kind:
        """The gravest kind of all the numbers."""
        return Kind.WRONG_SHAPE if self.wrong_shapes else self.elements.kind

    def true_gradient(self, name: str) -> NDArray[np.float64]:
        """Return the true gradient of an input, each element as the nearest float."""
        start = 0
        for x in self.case.program.inputs:
            count = math.prod(x.shape)
            if x.name == name:
                rows = self.elements.gradient[start : start + count]
                return as_array(x.shape, tuple(row.symbolic for row in rows))
            start += count
        raise KeyError(name)

    @property
    def signature(self) -> str:
        """The cause and the operation at fault; failures with the same signature are one bug."""
        return self.kind.value if self.blame is None else self.blame.signature

    @property
    def is_finding(self) -> bool:
        """Whether the engine is proved to be at fault."""
        return self.kind.is_finding
