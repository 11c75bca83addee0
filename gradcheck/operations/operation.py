"""The row that defines an operation."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sympy


Contributions = Sequence[Sequence[str]]
"""For each operand that is not a parameter, the formulas in use for its contribution."""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation.

    ``definition`` returns the SymPy expression of the result, given those of the operands. The last
    ``parameters`` operands are always constants, such as the exponent of ``**``. ``method`` is the
    name of the method in an engine's class, by default that of the operation. ``precedence`` is
    Python's for an infix or prefix operation, and ``None`` for one written as a call. If it
    ``compares``, its first two operands are written as a comparison: ``where(c > d, a, b)``. With
    ``any_arity`` it takes any number of operands; ``arity`` is then 2, and ``of`` gives the others.

    How accurate a good implementation is:

    - ``roundings`` is the relative error of the result, in units of roundoff: 0 means exact, and 1
      correctly rounded, as IEEE 754 requires of ``+`` and ``*``. ``absolute_error``, in the same
      units, is added to it.
    - ``is_composed`` says that the result may also be computed as the definition is written, each
      step rounded, and sums in any order. ``results`` are other formulas for the result; the
      function gets what that of ``contributions`` gets.
    - A partial may be computed as SymPy writes the derivative, each step rounded. With
      ``derivative_ulps`` it has to be that close to the true partial instead, in units of the last
      place, with ``derivative_error`` as an absolute error beside it, in units of roundoff. So no
      cancellation or overflow in SymPy's formula excuses an engine.
    - ``partials`` are given where implementations compute the derivatives by formulas that lose
      more digits than SymPy's. It returns these formulas, given the operands and then the result.
    - ``contributions`` are the formulas by which implementations compute what the operation adds to
      the gradient of each operand, as text: of ``g``, the upstream gradient, of the operands ``a``,
      ``b``, …, and of the result ``r``. The function gets the parameters, or the number of operands
      if that may be any. An engine may use any of these formulas, and that of the derivative.

    Where it is defined: ``holes`` are operands at which the definition has no value and its limit
    is meant, such as 0 for ``sin(x)/x``. ``in_floats`` computes the result in plain floats, with an
    error or a NaN outside of the domain. ``is_at_edge`` tells where there is a value and no
    derivative, and ``is_at_kink`` where the partials of two sides differ. These three guide the
    choice of random numbers, and speed the proofs up.

    >>> import sympy
    >>> from gradcheck.operations import OPERATIONS
    >>> OPERATIONS["tanh"].definition(sympy.Symbol("x"))
    tanh(x)
    >>> Operation("cube", definition=lambda x: x**3).arity
    1
    """

    name: str
    definition: Callable[..., sympy.Expr]
    arity: int = 1
    parameters: int = 0
    roundings: int = 8
    method: str = ""
    precedence: int | None = None
    partials: Callable[..., Sequence[sympy.Expr]] | None = None
    contributions: Callable[..., Contributions] | None = None
    results: Callable[..., Sequence[str]] | None = None
    compares: bool = False
    any_arity: bool = False
    is_composed: bool = False
    absolute_error: float = 0.0
    derivative_ulps: int | None = None
    derivative_error: float = 0.0
    holes: Sequence[float] = ()
    in_floats: Callable[..., float] | None = None
    is_at_edge: Callable[..., bool] | None = None
    is_at_kink: Callable[..., bool] | None = None
    _row: Operation | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.method:
            object.__setattr__(self, "method", self.name)
        self._require_fields()
        needs_ulps = self.derivative_error and self.derivative_ulps is None
        if needs_ulps or (self.partials is not None and self.derivative_ulps is not None):
            message = f"{self.name}: give derivative_error with derivative_ulps, or else partials"
            raise ValueError(message)

    def _require_fields(self) -> None:
        """Raise ``ValueError`` or ``TypeError`` for a field that is not as it has to be."""
        counts = {"arity": 1, "parameters": 0, "roundings": 0, "derivative_ulps": 1}
        for field_name, least in (*counts.items(), ("absolute_error", 0), ("derivative_error", 0)):
            number = getattr(self, field_name)
            if number is None and field_name == "derivative_ulps":
                continue
            is_count = field_name in counts
            is_number = type(number) is int or (type(number) is float and not is_count)
            if not (is_number and least <= number < math.inf):
                what = "whole number" if is_count else "number"
                message = f"{self.name}: {field_name}={number!r}; give a {what} from {least} on"
                raise ValueError(message)
        for field_name in ("name", "method"):
            if not isinstance(getattr(self, field_name), str):
                message = f"{self.name}: the {field_name} of an operation is text"
                raise TypeError(message)
        if self.parameters >= self.arity:
            message = f"{self.name}: parameters={self.parameters}; one operand has to be none"
            raise ValueError(message)

    def __reduce__(self) -> tuple[Callable[[str, int], Operation], tuple[str, int]]:
        # The definition is code; every process has it in the table.
        return _of_name, (self.name, self.arity)

    @property
    def variables(self) -> int:
        """The number of operands before the parameters, which need not be constants."""
        return self.arity - self.parameters

    @property
    def row(self) -> Operation:
        """The operation in the table, which may take another number of operands."""
        return self._row or self

    def of(self, count: int) -> Operation:
        """Return the operation on that many operands; all calls return the same object.

        Raises ``ValueError`` for an operation that does not take that many.

        >>> from gradcheck.operations import OPERATIONS
        >>> OPERATIONS["sum"].of(5).arity, OPERATIONS["sum"].of(2) is OPERATIONS["sum"]
        (5, True)
        """
        return self if count == self.arity else _of(self.row, count)

    def is_among(self, operations: frozenset[Operation]) -> bool:
        """Tell whether an engine with these operations has this one.

        One that takes four operands is taken to accept any larger number.
        """
        most = self.any_arity and self.arity > _MANY and self.row.of(_MANY) in operations
        return self in operations or most

    @property
    def apply(self) -> Callable[..., object]:
        """The function that applies the operation to an engine's objects."""
        if self.method.startswith("__"):
            by_operator: Callable[..., object] = getattr(operator, self.method)
            return by_operator
        return by_method(self.method, self.arity)

    @property
    def word(self) -> str:
        """A name that is allowed in file names: ``add``, ``mul``, ``tanh``."""
        return (
            self.name if self.name.isidentifier() else self.method.strip("_").removeprefix("true")
        )


_MANY = 4
"""A number of operands that stands for all larger ones."""


def with_arities(operation: Operation) -> tuple[Operation, ...]:
    """Return the operation, also on one, three and four operands if it takes any number."""
    if not operation.any_arity:
        return (operation,)
    return (operation, *map(operation.of, (1, 3, _MANY)))


def missing_names(wanted: Iterable[Operation], known: frozenset[Operation]) -> list[str]:
    """Return the names of the operations that an engine with those ``known`` does not have.

    >>> from gradcheck.operations import OPERATIONS
    >>> maximum = OPERATIONS["max"]
    >>> missing_names([maximum, maximum.of(3)], frozenset([maximum]))
    ['max of 3 operands']
    """
    missing = (operation for operation in wanted if not operation.is_among(known))
    return sorted(f"{o.name} of {o.arity} operands" if o.row in known else o.name for o in missing)


@cache
def _of(row: Operation, count: int) -> Operation:
    if count == row.arity:
        return row
    if not row.any_arity or count < 1:
        number = "one or more" if row.any_arity else row.arity
        message = f"{row.name} takes {number} operands, not {count}"
        raise ValueError(message)
    return replace(row, arity=count, _row=row)


def _of_name(name: str, arity: int) -> Operation:
    from gradcheck.operations import OPERATIONS, UnknownOperationError  # noqa: PLC0415 - see below

    # The table imports this module.
    if name in OPERATIONS:
        return OPERATIONS[name].of(arity)
    message = f"nothing registers the operation {name} here: name its module with --operations"
    raise UnknownOperationError(message)


def by_method(name: str, arity: int) -> Callable[..., object]:
    """Return a function that calls a method of its first operand with the other operands."""
    if arity == 1:
        return operator.methodcaller(name)

    def call(made: object, *others: object) -> object:
        returned: object = getattr(made, name)(*others)
        return returned

    return call
