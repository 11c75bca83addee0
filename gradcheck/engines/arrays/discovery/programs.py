"""Programs that show which operations on arrays an engine has, and in which forms."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import EPSILONS, Shape

_MASK = "[[True, False, True], [False, True, True]]"

REDUCTIONS = ("sum", "mean", "prod", "max", "min", "logsumexp")
"""Reductions whose names mean the same in all engines."""

FORMS: dict[str, tuple[str, ...]] = {
    **{
        name: (
            f"{name}(x)",
            f"{name}(x, axis=1)",
            f"{name}(x, axis=-1)",
            f"{name}(x, axis=(0, 1))",
            f"{name}(x, keepdims=True)",
            f"{name}(x, axis=1, keepdims=True)",
            f"{name}(n)",
        )
        for name in REDUCTIONS
    },
    "cumsum": ("cumsum(x, axis=1)", "cumsum(x, axis=-1)"),
    "softmax": ("softmax(x, axis=1)", "softmax(x, axis=-1)"),
    "log_softmax": ("log_softmax(x, axis=1)", "log_softmax(x, axis=-1)"),
    "reshape": ("reshape(x, (3, 2))", "reshape(x, (-1, 2))", "reshape(q, ())"),
    "transpose": ("transpose(x)", "transpose(s)", "transpose(v)", "transpose(s, (1, 0, 2))"),
    "squeeze": ("squeeze(o, axis=0)", "squeeze(p, axis=-1)"),
    "expand_dims": ("expand_dims(x, axis=1)",),
    "broadcast_to": ("broadcast_to(o, (2, 3))", "broadcast_to(v, (2, 3))"),
    "flip": ("flip(x, axis=1)", "flip(x, axis=-1)"),
    "concatenate": ("concatenate(x, x, axis=0)", "concatenate(x, x, axis=-1)"),
    "stack": ("stack(x, x, axis=0)", "stack(x, x, axis=-1)"),
    "matmul": ("x @ w", "x @ v", "s @ w", "w @ s"),
    "index": (
        *("x[0]", "x[1:]", "x[[0, 0, 1]]", "x[::-1]", "x[0, 1]", "x[:, 1:]", "x[1:, [0, 0]]"),
        *("x[[0, 1], [1, 1]]", f"x[{_MASK}]"),
    ),
    "maximum": ("maximum(x, x)", "maximum(x, v)"),
    "minimum": ("minimum(x, x)", "minimum(x, v)"),
}
"""Programs that show whether an operation is there, and which of its forms. The first has to work.

A form that raises an error in the forward pass is one that the engine does not have.
"""

OTHER_MEANINGS = ("transpose(s)", "w @ s")
"""Programs that are other operations in some engines, with a result of another shape.

Many a ``.T`` swaps the last two axes of a stack of matrices. NumPy's ``dot`` multiplies each matrix
with each one of a stack on the right.
"""

_OF_NORM = (
    "norm(x)",
    "norm(x, axis=1)",
    "norm(x, axis=-1)",
    "norm(x, axis=(0, 1))",
    "norm(x, keepdims=True)",
    "norm(x, axis=1, keepdims=True)",
    "norm(n)",
)

_OF_VAR = tuple(text.replace("norm", "var") for text in _OF_NORM)

COMPARED: dict[str, tuple[str, ...]] = {
    "norm": _OF_NORM,
    "var": (*_OF_VAR, *(f"{text[:-1]}, ddof=1)" for text in _OF_VAR[:-1])),
    "where": (
        f"where({_MASK}, x, y)",
        f"where({_MASK}, x, 2.0)",
        f"where({_MASK}, 2.0, x)",
        "where([True, False, True], x, v)",
        "where(x > y, x, 2.0)",
        "where(x > y, x, y)",
    ),
    "outer": ("outer(v, u)",),
    "mse": ("mse(x, y)", "mse(x, v)"),
    "cross_entropy": ("cross_entropy(f, (1, 0))",),
    "layer_norm": tuple(
        f"layer_norm({x}, axis={axis}, eps={eps})"
        for eps in EPSILONS
        for x, axis in (("e", -1), ("e3", -1), ("e3", (-2, -1)))
    ),
    "batch_norm": tuple(f"batch_norm({x}, eps={eps})" for eps in EPSILONS for x in ("e", "e3")),
    "cumprod": ("cumprod(x, axis=1)", "cumprod(x, axis=-1)"),
    "roll": ("roll(x, 1, axis=1)", "roll(x, -1, axis=-1)"),
    "pad": ("pad(x, ((1, 0), (0, 2)))", "pad(v, ((1, 0),))"),
    "tril": ("tril(x)", "tril(x, 1)", "tril(x, -1)", "tril(s)"),
    "triu": ("triu(x)", "triu(x, 1)", "triu(x, -1)", "triu(s)"),
    "diagonal": ("diagonal(x)", "diagonal(x, 1)", "diagonal(x, -1)", "diagonal(s)"),
    "split": ("split(x, 3, axis=1, part=1)", "split(x, 3, axis=-1, part=2)"),
    "conv1d": (
        "conv1d(c, k)",
        "conv1d(c, k, stride=2)",
        "conv1d(c, k, padding=1)",
        "conv1d(d, k, stride=2)",
    ),
    "conv2d": (
        "conv2d(c2, k2)",
        "conv2d(c2, k2, stride=2)",
        "conv2d(c2, k2, padding=1)",
        "conv2d(d2, k2, stride=2)",
        "conv2d(r2, m2)",
    ),
    **{
        name: tuple(
            f"{name}({x}, size={size}{stride})"
            for x, size in (
                *(("c2", (2, 2)), ("c", (2,)), ("d2", (2, 2)), ("d", (2,))),
                ("r2", (2, 2)),
            )
            for stride in ("", ", stride=1")
        )
        for name in ("max_pool", "avg_pool")
    },
}
"""Programs whose values have to be those of the meaning; at least one of them.

What authors mean by these names differs.
"""

SHAPES: dict[str, Shape] = {
    "x": (2, 3),
    "w": (3, 2),
    "v": (3,),
    "s": (2, 2, 3),
    "o": (1, 3),
    "p": (3, 1),
    "q": (1,),
    "n": (),
    "y": (2, 3),
    "f": (2, 3),
    "e": (2, 3),
    "e3": (2, 3, 2),
    "u": (2,),
    "c": (1, 2, 4),
    "d": (1, 2, 5),
    "k": (2, 2, 2),
    "c2": (1, 2, 4, 4),
    "d2": (1, 2, 3, 3),
    "k2": (2, 2, 2, 2),
    "r2": (1, 2, 2, 4),
    "m2": (2, 2, 1, 2),
}
"""The arrays of these programs."""

_FAR_APART = ((0.0, 40.0, 2.0), (1.0, 30.0, 0.0))


def numbers(name: str) -> NDArray[np.float64]:
    """Return an array: no two elements are the same.

    ``f`` has a number so much larger than the others that ``log(softmax(f) + 1e-12)`` is another
    function of it, and ``e`` numbers so small that it matters what is added to their variance.
    """
    if name == "f":
        return np.array(_FAR_APART)
    shape = SHAPES[name]
    counted = (np.arange(math.prod(shape), dtype=np.float64) + 1.0) / 4.0
    if name.startswith("e"):
        counted *= 2.0**-8
    return (counted[::-1] if name == "y" else counted).reshape(shape)
