"""Explain a wrong gradient of one operation on arrays, as a teacher would say it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradcheck.array_checks.verdict import ArrayVerdict
from gradcheck.arrays.elements import MATRIX_DIMENSIONS
from gradcheck.arrays.operations import Shape, Slice
from gradcheck.arrays.program import ArrayApply, ArrayCase, ArrayInput, ArrayProgram, as_array
from gradcheck.blame.cause import Cause
from gradcheck.oracles.certificate import certify
from gradcheck.precision import FLOAT64

Explanation = tuple[Cause, str]

_TWICE = 2

_MOST_TIMES = 9
"""The largest factor by which a gradient is said to be too large or too small."""

_BROADCAST = ("matmul", "broadcast_to", "mse")
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
    if verdict.is_without_weights(x.name, got):
        yield Cause.FORGOTTEN_UPSTREAM, ""
    if got.any():
        yield from _of_broadcasting(verdict, x, got)
    if (plain := _in_words(got, true)) is not None:
        yield Cause.WRONG_PARTIAL, f"the gradient of {x.name} {plain}"
    if true.size > 1 and _is_near(got, true.sum(), np.abs(true).sum(), true.size):
        cause = Cause.NOT_SUMMED if _broadcasts(verdict) else Cause.WRONG_PARTIAL
        yield (
            cause,
            f"each element of the gradient of {x.name} is the sum of all of them: the gradient is "
            "summed over too many axes",
        )
    if _factor_as_it_is(verdict, x, got):
        yield (
            Cause.WRONG_PARTIAL,
            f"the gradient of {x.name} takes the other factor as it is, and should take it "
            "transposed",
        )
    if sorted(got.ravel().tolist()) == sorted(true.ravel().tolist()):
        yield (
            Cause.WRONG_PARTIAL,
            f"the gradient of {x.name} has the right numbers, at the wrong elements",
        )


def _factor_as_it_is(verdict: ArrayVerdict, x: ArrayInput, got: NDArray[np.float64]) -> bool:
    """Tell whether a gradient of a product of two matrices lacks a transposition."""
    case = verdict.case
    first, *others = case.arrays.values()
    last = case.program.nodes[-1]
    assert isinstance(last, ArrayApply)
    is_product = last.operation.name == "matmul" and len(others) == 1
    if (
        not is_product
        or {first.shape, others[0].shape} != {got.shape}
        or got.ndim != MATRIX_DIMENSIONS
    ):
        return False
    names = [*case.arrays]
    is_first = names[last.operands[0]] == x.name
    other = case.arrays[names[last.operands[1 if is_first else 0]]]
    product = case.seed @ other if is_first else other @ case.seed
    sizes = np.abs(case.seed) @ np.abs(other) if is_first else np.abs(other) @ np.abs(case.seed)
    return _is_near(got, product, sizes, len(got))


def _in_words(got: NDArray[np.float64], true: NDArray[np.float64]) -> str | None:
    """Return what a wrong gradient is of the right one, if that can be said in a few words."""
    for words, expected in (
        ("is zero", np.zeros_like(true)),
        ("has the wrong sign", -true),
        ("is transposed", true.T),
        ("is cut off to whole numbers: its buffer has a type of integers", np.trunc(true)),
        ("is rounded to float32, though the engine has float64", true.astype(np.float32)),
    ):
        if np.array_equal(got, expected):
            return words
    if np.array_equal(np.abs(got), np.abs(true)):
        return "has the wrong sign at some elements"
    for times in range(_TWICE, _MOST_TIMES + 1):
        if _is_near(got, times * true, times * np.abs(true), 1):
            return f"is {'twice' if times == _TWICE else f'{times} times'} what it should be"
        if _is_near(times * got, true, np.abs(true), 1):
            return f"is {'half' if times == _TWICE else f'1/{times}'} of what it should be"
    return None


def _of_broadcasting(
    verdict: ArrayVerdict, x: ArrayInput, got: NDArray[np.float64]
) -> Iterator[Explanation]:
    """Yield what was done in place of a sum over the axes along which an array is repeated."""
    case, shape = verdict.case, verdict.case.program.shape
    if not _broadcasts(verdict) or shape == x.shape or not math.prod(shape):
        return
    whole = _gradient_before_sum(case, x)
    if whole is None:
        return
    extra = len(shape) - len(x.shape)
    same = [size == shape[extra + axis] for axis, size in enumerate(x.shape)]
    axes = (*range(extra), *(extra + axis for axis, is_same in enumerate(same) if not is_same))
    count = math.prod(shape[axis] for axis in axes)
    which = f"{'axis' if len(axes) == 1 else 'axes'} {' and '.join(map(str, axes))}"
    sizes = np.abs(whole).sum(axis=axes).reshape(x.shape)
    if _is_near(got, whole.mean(axis=axes).reshape(x.shape), sizes, count):
        yield (
            Cause.NOT_SUMMED,
            f"the gradient of {x.name} is the mean over the broadcast {which}, and should be the "
            "sum",
        )
    first = whole[tuple(0 if axis in axes else slice(None) for axis in range(len(shape)))]
    if _is_near(got, first.reshape(x.shape), sizes, count):
        yield (
            Cause.NOT_SUMMED,
            f"the gradient of {x.name} is the first contribution along the broadcast {which}, and "
            "should be the sum of all",
        )


def _gradient_before_sum(case: ArrayCase, x: ArrayInput) -> NDArray[np.float64] | None:
    """Return the gradient of an input as if it had the shape of the result, in floats.

    ``None`` if it is used more than once.
    """
    last = case.program.nodes[-1]
    assert isinstance(last, ArrayApply)
    place = next(i for i, each in enumerate(case.program.inputs) if each.name == x.name)
    if last.operands.count(place) != 1 or last.operation.elementwise is None:
        return None
    shape = case.program.shape
    repeated = np.broadcast_to(case.arrays[x.name], shape)
    nodes = list(case.program.nodes)
    nodes[place] = replace(x, shape=shape)
    values = list(case.values)
    values[place] = tuple(repeated.ravel().tolist())
    wider = ArrayCase(ArrayProgram(tuple(nodes)), tuple(values), case.weights)
    adjoints = certify(wider.elements, FLOAT64).adjoints
    start = sum(map(len, values[:place]))
    found = (float(adjoints[start + i].truth.mid()) for i in range(repeated.size))
    return as_array(shape, tuple(found))


def _broadcasts(verdict: ArrayVerdict) -> bool:
    """Tell whether the last operation broadcasts its operands."""
    last = verdict.case.program.nodes[-1]
    assert isinstance(last, ArrayApply)
    return bool(last.operation.elementwise) or last.operation.name in _BROADCAST


def _is_near(
    got: NDArray[np.float64],
    expected: NDArray[np.float64],
    sizes: NDArray[np.float64],
    count: int,
) -> bool:
    """Tell whether numbers are as expected, where each is a sum of some rounded ones.

    The rounded sum of n numbers is off by at most about ``n*u`` times the sum of their sizes
    (Higham, Accuracy and Stability of Numerical Algorithms, section 4.2). It is rounded here and in
    the engine, and so is the product before it.
    """
    bound = 4.0 * count * FLOAT64.unit_roundoff * sizes
    return bool(np.all(np.abs(got - expected) <= bound))


def _repeated_index(verdict: ArrayVerdict) -> int | None:
    """Return a number that occurs twice in an index of the last operation, if there is one."""
    program = verdict.case.program
    last = program.nodes[-1]
    assert isinstance(last, ArrayApply)
    index = dict(last.options).get("index")
    # Several arrays may name an element once, and yet have a number twice.
    taken = program.elements[1][-1].ravel().tolist()
    if index is None or len(set(taken)) == len(taken):
        return None
    for part in index if isinstance(index, tuple) else ():
        if isinstance(part, tuple) and not isinstance(part, Slice):
            for number in part:
                if part.count(number) > 1:
                    return int(number)
    return None
