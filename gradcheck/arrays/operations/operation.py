"""The row that defines an operation on arrays, and the values that its options have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.operations import Operation

Shape = tuple[int, ...]

Axis = int | Shape | None
"""One axis, several, or all of them."""


class Slice(NamedTuple):
    """A slice as a value that can be compared and hashed."""

    start: int | None = None
    stop: int | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Mask:
    """An array of booleans as a value that can be compared and hashed."""

    shape: Shape
    booleans: tuple[bool, ...]

    @property
    def array(self) -> NDArray[np.bool_]:
        """The mask as an array of NumPy."""
        return np.array(self.booleans, dtype=np.bool_).reshape(self.shape)


IndexPart = int | Slice | tuple[int, ...] | Mask

Index = tuple[IndexPart, ...]
"""An index: for each of the first axes a number, a slice, or an array of numbers.

A mask stands for as many axes as it has.
"""

Widths = tuple[tuple[int, int], ...]
"""The elements that are added before and after, for each axis."""

Option: TypeAlias = int | float | bool | Shape | Index | Widths | None

Options = tuple[tuple[str, Option], ...]
"""The options of an operation by name, such as ``(("axis", 0), ("keepdims", True))``."""


@dataclass(frozen=True, slots=True, eq=False)
class ArrayOperation:
    """One operation on arrays.

    ``meaning`` gets the elements made so far, the operands as arrays of nodes, and the options by
    keyword. It returns the array of nodes of the result, whose shape is that of the result. It
    raises ``ValueError`` or ``IndexError`` for shapes that do not fit. ``options`` are the names of
    the options. ``elementwise`` is the operation of the scalar table that is applied to every
    element, if that is all. With ``any_arity`` it takes any number of operands.
    """

    name: str
    meaning: Callable[..., Positions]
    arity: int = 1
    options: tuple[str, ...] = ()
    elementwise: Operation | None = None
    any_arity: bool = False

    def result(
        self, elements: Elements, operands: Sequence[Positions], options: Options
    ) -> Positions:
        """Return the array of nodes of the result. Raises ``ValueError`` for what does not fit.

        That is another number of operands, an option that there is not, and shapes.
        """
        self._require_fitting(len(operands), options)
        try:
            return self.meaning(elements, *operands, **dict(options))
        except IndexError as error:
            raise ValueError(str(error)) from None
        except TypeError:
            message = f"{self.name} needs a value that fits for: {', '.join(self.options)}"
            raise ValueError(message) from None

    def _require_fitting(self, count: int, options: Options) -> None:
        if count != self.arity and not (self.any_arity and count):
            message = f"{self.name} takes {self.arity} operands, not {count}"
            raise ValueError(message)
        unknown = [name for name, _ in options if name not in self.options]
        if unknown:
            known = ", ".join(self.options) or "no options"
            message = f"{self.name} takes {known}, not {unknown[0]}"
            raise ValueError(message)

    @property
    def word(self) -> str:
        """A name that is allowed in file names."""
        return self.name if self.elementwise is None else self.elementwise.word

    @property
    def elementwise_parameters(self) -> int:
        """The number of last operands that are plain numbers, such as the exponent of ``**``."""
        return 0 if self.elementwise is None else self.elementwise.parameters

    def __reduce__(self) -> tuple[Callable[[str], ArrayOperation], tuple[str]]:
        # The meaning is code; every process has it in the table.
        return _of_name, (self.name,)


def _of_name(name: str) -> ArrayOperation:
    from gradcheck.arrays.operations import array_operation  # noqa: PLC0415 - it imports this module

    return array_operation(name)


def index_of(index: Index) -> tuple[int | slice | list[int] | NDArray[np.bool_], ...]:
    """Return an index as NumPy takes it."""

    def as_numpy(part: IndexPart) -> int | slice | list[int] | NDArray[np.bool_]:
        match part:
            case int():
                return part
            case Slice(start, stop, step):
                return slice(start, stop, step)
            case Mask():
                return part.array
        return [*part]

    return tuple(map(as_numpy, index))
