"""Explain a wrong gradient of one operation on arrays, as a teacher would say it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gradcheck.array_checks.verdict import ArrayVerdict
from gradcheck.arrays.operations import Shape, Slice
from gradcheck.arrays.program import ArrayApply, ArrayInput
from gradcheck.blame.cause import Cause
from gradcheck.precision import FLOAT64

Explanation = tuple[Cause, str]

_BROADCAST = ("matmul", "broadcast_to")
"""Operations that broadcast, besides those on every element."""


def explanation(verdict: ArrayVerdict) -> Explanation:
    """Return the cause of a wrong gradient, and what is wrong in this case, empty if unknown."""
    for x in verdict.case.program.inputs:
        if x.name in verdict.wrong_shapes:
            return _of_shape(verdict, x, verdict.wrong_shapes[x.name])
    for x, got in zip(verdict.case.program.inputs, verdict.run.gradients, strict=True):
        true = verdict.true_gradient(x.name)
        if got is not None and verdict.is_wrong(x.name):
            return next(_explanations(verdict, x, got, true), (Cause.WRONG_PARTIAL, ""))
    return Cause.WRONG_PARTIAL, ""


def _of_shape(verdict: ArrayVerdict, x: ArrayInput, shape: Shape) -> Explanation:
    said = f"the gradient of {x.name} has shape {shape}, and should be {x.shape}"
    extra = len(shape) - len(x.shape)
    axes = [
        axis
        for axis, size in enumerate(shape)
        if axis < extra or (x.shape[axis - extra] == 1 and size != 1)
    ]
    if extra < 0 or not axes or not _broadcasts(verdict):
        return Cause.WRONG_SHAPE, said
    which = "axis" if len(axes) == 1 else "axes"
    listed = " and ".join(map(str, axes))
    said += f": the contributions of the broadcast {which} {listed} are not summed"
    return Cause.NOT_SUMMED, said


def _explanations(
    verdict: ArrayVerdict, x: ArrayInput, got: NDArray[np.float64], true: NDArray[np.float64]
) -> Iterator[Explanation]:
    """Yield the explanations of a wrong gradient that its numbers bear out."""
    repeated = _repeated_index(verdict)
    if repeated is not None:
        where = ", ".join(map(str, np.argwhere(got != true)[0].tolist()))
        yield (
            Cause.OVERWRITTEN_INDEX,
            f"element [{where}] of the gradient of {x.name} is written over: index {repeated} "
            "occurs twice, and its contributions have to be added",
        )
    if np.array_equal(got, verdict.gradient_without_weights(x.name)):
        yield Cause.FORGOTTEN_UPSTREAM, ""
    for what, expected in (
        ("has the wrong sign", -true),
        ("is twice what it should be", 2.0 * true),
        ("is half of what it should be", true / 2.0),
        ("is zero", np.zeros_like(true)),
    ):
        if np.array_equal(got, expected):
            yield Cause.WRONG_PARTIAL, f"the gradient of {x.name} {what}"
    if true.ndim > 1 and true.shape == got.T.shape and np.array_equal(got, true.T):
        yield Cause.WRONG_PARTIAL, f"the gradient of {x.name} is transposed"
    if true.size > 1 and _is_sum_of_all(got, true):
        yield (
            Cause.NOT_SUMMED if _broadcasts(verdict) else Cause.WRONG_PARTIAL,
            f"each element of the gradient of {x.name} is the sum of all of them: the gradient is "
            "summed over too many axes",
        )


def _broadcasts(verdict: ArrayVerdict) -> bool:
    """Tell whether the last operation broadcasts its operands."""
    last = verdict.case.program.nodes[-1]
    assert isinstance(last, ArrayApply)
    return last.operation.elementwise is not None or last.operation.name in _BROADCAST


def _is_sum_of_all(got: NDArray[np.float64], true: NDArray[np.float64]) -> bool:
    """Tell whether every element is the sum of all true ones, each of them rounded.

    The rounded sum of n numbers is off by at most about ``n*u`` times the sum of their sizes
    (Higham, Accuracy and Stability of Numerical Algorithms, section 4.2), the true one as much.
    """
    bound = 2.0 * true.size * FLOAT64.unit_roundoff * float(np.abs(true).sum())
    return bool(np.all(np.abs(got - true.sum()) <= bound))


def _repeated_index(verdict: ArrayVerdict) -> int | None:
    """Return a number that occurs twice in an index of the last operation, if there is one."""
    last = verdict.case.program.nodes[-1]
    assert isinstance(last, ArrayApply)
    index = dict(last.options).get("index")
    for part in index if isinstance(index, tuple) else ():
        if isinstance(part, tuple) and not isinstance(part, Slice):
            for number in part:
                if part.count(number) > 1:
                    return int(number)
    return None
