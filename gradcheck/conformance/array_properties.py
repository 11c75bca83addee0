"""The properties of a correct gradient of arrays: programs as text, each with the shapes of inputs.

NumPy is not needed to list them.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcheck.operations import OPERATIONS

if TYPE_CHECKING:
    from gradcheck.arrays.program import ArrayCase

Shape = tuple[int, ...]

SHAPES: dict[str, Shape] = {
    "n": (),
    "u": (1,),
    "v": (3,),
    "x": (2, 3),
    "y": (2, 3),
    "w": (3, 2),
    "q": (2, 2),
    "row": (1, 3),
    "column": (2, 1),
    "one": (1, 1),
    "s": (2, 2, 3),
    "t": (1, 3, 2),
}
"""The shape of each input, by its name."""

_REDUCTIONS = ("sum", "mean", "prod", "max", "min", "logsumexp")

BROADCASTING = tuple(
    f"{left} {operator} {right}"
    for operator in "+-*/"
    for left, right in (
        *(("x", "y"), ("x", "v"), ("v", "x"), ("x", "n"), ("n", "x"), ("x", "row")),
        *(("x", "column"), ("row", "column"), ("x", "one"), ("u", "v"), ("s", "x")),
    )
)

REDUCTIONS = (
    *(
        f"{name}({operand}{options})"
        for name in _REDUCTIONS
        for operand, options in (
            *(("x", ""), ("x", ", axis=0"), ("x", ", axis=1"), ("x", ", axis=-1")),
            *(("s", ", axis=(0, 2)"), ("x", ", keepdims=True"), ("x", ", axis=1, keepdims=True")),
            *(("n", ""), ("row", ", axis=0")),
        )
    ),
    *("sum(q, axis=1) * q", "x / sum(x, axis=1, keepdims=True)", "mean(q, axis=0) + q"),
    *("softmax(x, axis=1)", "log_softmax(x, axis=-1)", "cumsum(x, axis=1)"),
)

MATMUL = (
    *("x @ w", "v @ v", "x @ v", "v @ w", "q @ q", "s @ w", "s @ t", "x @ t", "s @ v"),
    *("x @ transpose(x)", "(x @ w) @ q"),
)

MOVING = (
    *("reshape(x, (3, 2))", "reshape(x, (-1,))", "transpose(x)", "transpose(s, axes=(1, 2, 0))"),
    *("transpose(x) @ y", "squeeze(row, axis=0)", "expand_dims(v, axis=1)", "flip(x, axis=1)"),
    *("broadcast_to(row, (2, 3))", "broadcast_to(v, (2, 3))"),
    *("concatenate(x, y, axis=0)", "concatenate(x, y, column, axis=1)", "stack(x, y, axis=1)"),
    *("stack(x, x, axis=0)", "x[0]", "x[0, 1]", "x[1:]", "x[:, ::2]", "x[::-1]", "x[-1]"),
    *("x[[0, 0, 1]]", "x[:, [2, 0, 2]]", "v[[1, 1]]", "x[0] + x[1]"),
)

SHARING_ARRAYS = (
    *("x * x", "x + x", "(x + y) + x", "x * y + x * row", "n1 = x + v; n1 * n1"),
    *("n1 = x @ w; n1 * n1 + n1", "n1 = tanh(x); n1 * v + n1", "x + sum(x)", "x * x[0]"),
)

_ARRAY = "[1.0, 2.0, 4.0]"

WITH_CONSTANTS = tuple(
    f"{left} {operator} {right}"
    for operator in "+-*/"
    for left, right in (("x", "2.0"), ("2.0", "x"), ("x", _ARRAY), (_ARRAY, "x"))
)


_ON_ONE = tuple(
    o.name for o in OPERATIONS.values() if o.arity == 1 and o.name not in ("neg", "acosh")
)
"""Functions of one number that have a value at ``numbers_of``; ``acosh`` needs larger ones."""

EVERY_ELEMENT = (
    *("-x", "x ** 3.0", "acosh(x + 1.0)"),
    *(f"{name}(x)" for name in _ON_ONE),
    *("power(x, v)", "atan2(x, v)", "hypot(x, v)", "maximum(x, v)", "minimum(x, row)"),
)


ARRAY_PROPERTIES: dict[str, tuple[str, ...]] = {
    "on every element": EVERY_ELEMENT,
    "broadcasting": BROADCASTING,
    "constants as operands": WITH_CONSTANTS,
    "reductions": REDUCTIONS,
    "products of matrices": MATMUL,
    "moved elements": MOVING,
    "arrays used twice": SHARING_ARRAYS,
}
"""The formulas by what they have in common."""


def case_of_arrays(formula: str) -> ArrayCase:
    """Return the case of a formula of arrays with ``SHAPES``, and with weights for its result."""
    from gradcheck.arrays.notation import parse_program  # noqa: PLC0415 - needs NumPy
    from gradcheck.arrays.program import ArrayCase  # noqa: PLC0415

    names = {node.id for node in ast.walk(ast.parse(formula)) if isinstance(node, ast.Name)}
    shapes = {name: shape for name, shape in SHAPES.items() if name in names}
    program = parse_program(formula, shapes)
    numbers = tuple(map(tuple, numbers_of([*shapes.values()])))
    return ArrayCase(program, numbers, tuple(weights_of(program.shape)))


def numbers_of(shapes: Sequence[Shape]) -> list[list[float]]:
    """Return numbers for inputs: no two are the same, and all are positive."""
    count = itertools.count(1)
    return [[next(count) / 8.0 for _ in range(math.prod(shape))] for shape in shapes]


def weights_of(shape: Shape) -> list[float]:
    """Return weights for a result; no two are the same."""
    return [(1.5 + i) * (-1) ** i for i in range(math.prod(shape))]
