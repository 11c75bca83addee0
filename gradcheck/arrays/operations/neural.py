"""Operations of networks: softmax, losses, and normalizations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import EllipsisType

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.arrays.operations.operation import ArrayOperation, Axis, Shape
from gradcheck.arrays.operations.reductions import (
    deviations,
    groups,
    mean,
    of_pairs,
    reduced,
    squares,
    total,
    variance,
)
from gradcheck.operations import OPERATIONS

EPSILONS = (1e-5, 1e-6, 1e-8, 1e-12)
"""The numbers that normalizations add to the variance, the usual one first."""

Selection = EllipsisType | tuple[NDArray[np.intp], NDArray[np.intp]]
"""An index into a matrix: all elements, or those at given rows and columns."""


@dataclass(frozen=True, slots=True)
class _Softmax:
    """The steps of a softmax along an axis, each an array of nodes.

    They are the largest element m, ``exp(x - m)``, the sum s of these, and ``x - m - log(s)`` with
    the three terms in any order.
    """

    exponentials: Positions
    added: Positions
    logarithm: Positions

    def zero(self, elements: Elements) -> Positions:
        """Return ``exp(x - m - log(s))``, added and subtracted.

        That is another formula in use for the softmax, which is part of the gradients here. Its
        relative error is that of the logarithm, which may be larger than 1 by far. So this zero
        allows for it, in the value and, as these are two nodes, in the gradient.
        """
        first, second = (elements.elementwise(OPERATIONS["exp"], self.logarithm) for _ in range(2))
        negated = elements.elementwise(OPERATIONS["neg"], second)
        return elements.elementwise(OPERATIONS["sum"], first, negated)

    def log_softmax(self, elements: Elements, axis: int) -> Positions:
        """Return the logarithm with ``zero``, as its gradient may be computed by either softmax."""
        zero = reduced(elements, self.zero(elements), total, axis=axis, keepdims=True)
        return elements.elementwise(OPERATIONS["sum"], self.logarithm, zero)

    def log_softmax_by_either_formula(
        self, elements: Elements, axis: int, chosen: Selection = ...
    ) -> Positions:
        """Return elements of ``log_softmax``, with the errors of ``log(softmax(x))`` allowed.

        That second formula loses the relative error of the softmax, which may be large beside the
        logarithm. Where the softmax underflows, it loses all digits. Its backward pass divides the
        gradient by the softmax and multiplies it by the softmax again. So ``log(softmax(x))`` is
        added and subtracted, each time from its own softmax: the value stays, and the bounds of the
        value and of the gradient allow these errors.
        """
        added = np.broadcast_to(self.added, self.exponentials.shape)[chosen]
        first, second = (
            elements.elementwise(
                OPERATIONS["log"],
                elements.elementwise(OPERATIONS["/"], self.exponentials[chosen], added),
            )
            for _ in range(2)
        )
        zero = reduced(elements, self.zero(elements), total, axis=axis, keepdims=True)
        zero = np.broadcast_to(zero, self.logarithm.shape)[chosen]
        negated = elements.elementwise(OPERATIONS["neg"], second)
        terms = self.logarithm[chosen], zero, first, negated
        return elements.elementwise(OPERATIONS["sum"], *terms)


def _steps(elements: Elements, x: Positions, axis: int) -> _Softmax:
    maximum = of_pairs(OPERATIONS["max"])
    largest = reduced(elements, x, maximum, axis=axis, keepdims=True, needs_elements=True)
    exponentials = elements.elementwise(
        OPERATIONS["exp"], elements.elementwise(OPERATIONS["-"], x, largest)
    )
    added = reduced(elements, exponentials, total, axis=axis, keepdims=True)
    negated = elements.elementwise(OPERATIONS["neg"], largest)
    lost = elements.elementwise(OPERATIONS["neg"], elements.elementwise(OPERATIONS["log"], added))
    logarithm = elements.elementwise(OPERATIONS["sum"], x, negated, lost)
    return _Softmax(exponentials, added, logarithm)


def _softmax(elements: Elements, x: Positions, *, axis: int) -> Positions:
    """Return ``exp(x - m) / sum(exp(x - m))`` along an axis, where m is the largest element.

    An engine need not subtract m, and need not go through these steps on its way back: the sum of
    what reaches m is zero. By ``s*(g - sum(g*s))`` it loses no more digits than step by step, as
    there the same two terms are subtracted, ``g*s`` and ``s*sum(g*s)``.

    A second formula is in use, ``exp(log_softmax(x))``. So that is added and subtracted, which
    allows its error in ``g*s``. Only the first of the two has the zero of the logarithm, whose
    gradient is ``sum(g*s)`` and allows the same error in ``s*sum(g*s)``.
    """
    steps = _steps(elements, x, axis)
    shares = elements.elementwise(OPERATIONS["/"], steps.exponentials, steps.added)
    first = elements.elementwise(OPERATIONS["exp"], steps.log_softmax(elements, axis))
    second = elements.elementwise(OPERATIONS["exp"], steps.logarithm)
    negated = elements.elementwise(OPERATIONS["neg"], second)
    return elements.elementwise(OPERATIONS["sum"], shares, first, negated)


def _log_softmax(elements: Elements, x: Positions, *, axis: int) -> Positions:
    """Return ``x - m - log(sum(exp(x - m)))`` along an axis, in any order, or ``log(softmax(x))``.

    The way back of the first is ``g - softmax*sum(g)``.
    """
    return _steps(elements, x, axis).log_softmax_by_either_formula(elements, axis)


def _cross_entropy(elements: Elements, x: Positions, *, labels: Shape) -> Positions:
    """Return the mean of ``-log_softmax(x)`` at the label of each row."""
    is_matrix = x.ndim == 2  # noqa: PLR2004 - examples and classes
    fit = is_matrix and 0 < len(labels) == len(x) and 0 <= min(labels) <= max(labels) < x.shape[1]
    if not fit:
        message = f"cross_entropy of shape {x.shape} with labels {labels}"
        raise ValueError(message)
    own = np.arange(len(x)), np.array(labels)
    logarithms = _steps(elements, x, 1).log_softmax_by_either_formula(elements, 1, own)
    losses = elements.elementwise(OPERATIONS["neg"], logarithms)
    return reduced(elements, losses, mean)


def _mse(elements: Elements, x: Positions, y: Positions) -> Positions:
    """Return the mean of the squared differences."""
    differences = elements.elementwise(OPERATIONS["-"], x, y)
    squared = squares(elements, differences.ravel().tolist())
    if not squared:
        message = "mse of no elements"
        raise ValueError(message)
    return np.array(mean(elements, squared), dtype=np.intp)


def _layer_norm(
    elements: Elements, x: Positions, *, axis: Axis = -1, eps: float = EPSILONS[0]
) -> Positions:
    return _normalized(elements, x, axis, eps)


def _batch_norm(elements: Elements, x: Positions, *, eps: float = EPSILONS[0]) -> Positions:
    """Normalize each channel, which is the second axis, as in training."""
    if x.ndim < 2:  # noqa: PLR2004 - examples and channels
        message = f"batch_norm of an array of {x.ndim} dimensions"
        raise ValueError(message)
    return _normalized(elements, x, (0, *range(2, x.ndim)), eps)


def _normalized(elements: Elements, x: Positions, axis: Axis, eps: float) -> Positions:
    """Return ``(x - mean) * (var + eps)**-0.5`` over some axes.

    The closed formula of the way back, ``(g - mean(g) - y*mean(g*y)) / sqrt(var + eps)``, adds the
    same terms as the steps do: ``y*mean(g*y)`` is what comes back through the variance. The steps
    also have its sum over all x, which is zero, and a power may be off by 4 ulp; so the closed
    formula is within their bound, and so are a root and a division by it. The power of -0.5 allows
    that ``(var + eps)**-1.5``, which some engines compute on their way back, is below the normal
    range. A result of ``x*f - m*f``, with f for the power, is within the error of m: its division
    may be off by 5 units. The variance may have been computed by either formula, see ``variance``.
    """
    if not x.size:
        message = "a normalization of no elements"
        raise ValueError(message)
    _, lists = groups(x, axis, keepdims=True)
    _, places = groups(np.arange(x.size).reshape(x.shape), axis, keepdims=True)
    result = np.empty(x.size, dtype=np.intp)
    for nodes, at in zip(lists, places, strict=True):
        result[at] = _standardized(elements, nodes, eps)
    return result.reshape(x.shape)


def _standardized(elements: Elements, nodes: Sequence[int], eps: float) -> list[int]:
    shifted = elements.apply(OPERATIONS["+"], variance(elements, nodes), elements.number(eps))
    factor = elements.apply(OPERATIONS["**"], shifted, elements.number(-0.5))
    return [elements.apply(OPERATIONS["*"], d, factor) for d in deviations(elements, nodes)]


NEURAL = (
    ArrayOperation("softmax", _softmax, options=("axis",)),
    ArrayOperation("log_softmax", _log_softmax, options=("axis",)),
    ArrayOperation("mse", _mse, 2),
    ArrayOperation("cross_entropy", _cross_entropy, options=("labels",)),
    ArrayOperation("layer_norm", _layer_norm, options=("axis", "eps")),
    ArrayOperation("batch_norm", _batch_norm, options=("eps",)),
)
"""Operations of networks."""
