"""Operations of networks: softmax, losses, and normalizations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.arrays.operations.operation import ArrayOperation, Axis, Shape
from gradcheck.arrays.operations.reductions import (
    groups,
    mean,
    of_pairs,
    reduced,
    squares,
    total,
    variance,
)
from gradcheck.operations import OPERATIONS

EPSILON = 1e-5
"""The number that a normalization adds to the variance by default."""


def _softmax(elements: Elements, x: Positions, *, axis: int) -> Positions:
    """Return ``exp(x - m) / sum(exp(x - m))`` along an axis, where m is the largest element.

    An engine need not subtract m, and need not go through these steps on its way back: the sum of
    what reaches m is zero. By ``s*(g - sum(g*s))`` it loses no more digits than step by step, as
    there the same two terms are subtracted, ``g*s`` and ``s*sum(g*s)``.
    """
    _, exponentials, added = _shifted(elements, x, axis)
    return elements.elementwise(OPERATIONS["/"], exponentials, added)


def _log_softmax(elements: Elements, x: Positions, *, axis: int) -> Positions:
    """Return ``x - m - log(sum(exp(x - m)))`` along an axis, the three terms in any order."""
    largest, _, added = _shifted(elements, x, axis)
    negated = elements.elementwise(OPERATIONS["neg"], largest)
    logarithm = elements.elementwise(OPERATIONS["log"], added)
    lost = elements.elementwise(OPERATIONS["neg"], logarithm)
    return elements.elementwise(OPERATIONS["sum"], x, negated, lost)


def _shifted(elements: Elements, x: Positions, axis: int) -> tuple[Positions, Positions, Positions]:
    """Return the largest element m along an axis, ``exp(x - m)``, and the sum of these."""
    maximum = of_pairs(OPERATIONS["max"])
    largest = reduced(elements, x, maximum, axis=axis, keepdims=True, needs_elements=True)
    exponentials = elements.elementwise(
        OPERATIONS["exp"], elements.elementwise(OPERATIONS["-"], x, largest)
    )
    return largest, exponentials, reduced(elements, exponentials, total, axis=axis, keepdims=True)


def _cross_entropy(elements: Elements, x: Positions, *, labels: Shape) -> Positions:
    """Return the mean of ``-log_softmax(x)`` at the label of each row.

    A second formula is in use, ``-log(softmax(x))``, each step rounded. Its value is off by the
    relative error of the softmax, which need not be small beside the logarithm; and on its way back
    the gradient is divided by the softmax and multiplied with it again. So that logarithm is added
    and subtracted, from a softmax each, which allows the errors of these steps both ways.
    """
    is_matrix = x.ndim == 2  # noqa: PLR2004 - examples and classes
    fit = is_matrix and 0 < len(labels) == len(x) and 0 <= min(labels) <= max(labels) < x.shape[1]
    if not fit:
        message = f"cross_entropy of shape {x.shape} with labels {labels}"
        raise ValueError(message)
    rows = np.arange(len(x))
    largest, exponentials, added = _shifted(elements, x, 1)
    own = exponentials[rows, [*labels]]
    added, largest = added[:, 0], largest[:, 0]
    logarithms = [
        elements.elementwise(OPERATIONS["log"], elements.elementwise(OPERATIONS["/"], own, added))
        for _ in range(2)
    ]
    terms = (
        largest,
        elements.elementwise(OPERATIONS["log"], added),
        elements.elementwise(OPERATIONS["neg"], x[rows, [*labels]]),
        logarithms[0],
        elements.elementwise(OPERATIONS["neg"], logarithms[1]),
    )
    return reduced(elements, elements.elementwise(OPERATIONS["sum"], *terms), mean)


def _mse(elements: Elements, x: Positions, y: Positions) -> Positions:
    """Return the mean of the squared differences."""
    differences = elements.elementwise(OPERATIONS["-"], x, y)
    squared = squares(elements, differences.ravel().tolist())
    if not squared:
        message = "mse of no elements"
        raise ValueError(message)
    return np.array(mean(elements, squared), dtype=np.intp)


def _layer_norm(
    elements: Elements, x: Positions, *, axis: Axis = -1, eps: float = EPSILON
) -> Positions:
    return _normalized(elements, x, axis, eps)


def _batch_norm(elements: Elements, x: Positions, *, eps: float = EPSILON) -> Positions:
    """Normalize each channel, which is the second axis, as in training."""
    if x.ndim < 2:  # noqa: PLR2004 - examples and channels
        message = f"batch_norm of an array of {x.ndim} dimensions"
        raise ValueError(message)
    return _normalized(elements, x, (0, *range(2, x.ndim)), eps)


def _normalized(elements: Elements, x: Positions, axis: Axis, eps: float) -> Positions:
    """Return ``(x - mean) / sqrt(var + eps)`` over some axes.

    The closed formula of the way back, ``(g - mean(g) - y*mean(g*y)) / sqrt(var + eps)``, adds the
    same terms as the steps do: ``y*mean(g*y)`` is what comes back through the variance. The steps
    also have its sum over all x, which is zero, and the power of 0.5 may be off by 4 ulp; so the
    closed formula is within their bound, also where it multiplies with ``1/sqrt(var + eps)``. The
    variance may have been computed by either formula, see ``variance``.
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
    spread = variance(elements, nodes)
    padded = elements.apply(OPERATIONS["+"], spread, elements.number(eps))
    deviation = elements.apply(OPERATIONS["**"], padded, elements.number(0.5))
    centre = mean(elements, nodes)
    return [
        elements.apply(OPERATIONS["/"], elements.apply(OPERATIONS["-"], node, centre), deviation)
        for node in nodes
    ]


NEURAL = (
    ArrayOperation("softmax", _softmax, options=("axis",)),
    ArrayOperation("log_softmax", _log_softmax, options=("axis",)),
    ArrayOperation("mse", _mse, 2),
    ArrayOperation("cross_entropy", _cross_entropy, options=("labels",)),
    ArrayOperation("layer_norm", _layer_norm, options=("axis", "eps")),
    ArrayOperation("batch_norm", _batch_norm, options=("eps",)),
)
"""Operations of networks."""
