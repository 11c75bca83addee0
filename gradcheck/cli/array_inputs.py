"""The inputs of an array program, as they are typed behind a formula."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from itertools import count

import click

_SHAPE = re.compile(r"(?!0x)\d+x(\d+(x\d+)*)?")
"""A shape, unlike a number such as 0x10."""

_MAGNITUDE = 3.0
"""The size of the numbers for a shape, the first of which are tenths."""


def is_array(text: str) -> bool:
    """Tell whether an input such as ``x=[[1, 2]]``, ``x=weights.npy`` or ``x=2x3`` is an array."""
    value = text.partition("=")[2]
    return "[" in text or text.endswith(".npy") or _SHAPE.fullmatch(value) is not None


def arrays_of(inputs: tuple[str, ...]) -> dict[str, object]:
    """Return the array, or the number, of each input by name. Raises ``UsageError``.

    For a shape it is an array of numbers that differ from each other, the same ones each time.

    >>> arrays_of(("x=[[1, 2]]", "b=3x"))
    {'x': [[1, 2]], 'b': array([0.1, 0.2, 0.3])}
    """
    from gradcheck.generation.numbers import ordinary

    numbers = (ordinary(index, _MAGNITUDE) for index in count())
    return {name: _array(text, numbers) for name, text in _named(inputs).items()}


def _named(inputs: tuple[str, ...]) -> dict[str, str]:
    """Return the text of each input by name."""
    named: dict[str, str] = {}
    for text in inputs:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier() or name in named:
            message = f"{text!r:.60} is not NAME=ARRAY, or its name is given twice"
            raise click.UsageError(message)
        named[name] = value
    return named


def _array(text: str, numbers: Iterator[float]) -> object:
    """Return a number, a nested list of numbers, the array in a file, or one of a shape."""
    import numpy as np

    try:
        if text.endswith(".npy"):
            return np.load(text, allow_pickle=False)
        if _SHAPE.fullmatch(text):
            shape = tuple(map(int, filter(None, text.split("x"))))
            return np.array([next(numbers) for _ in range(math.prod(shape))]).reshape(shape)
        return ast.literal_eval(text)
    except OSError as error:
        message = f"{text!r:.60} cannot be read: {error.strerror or error}"
    except (ValueError, EOFError, SyntaxError, RecursionError, MemoryError):
        message = f"{text!r:.60} is no array: " + (
            "a file of NumPy holds numbers, as np.save writes them"
            if text.endswith(".npy")
            else "write [[1, 2], [3, 4]], a file.npy, or a shape such as 2x3"
        )
    raise click.UsageError(message)
