"""Floating-point formats, and how accurately an engine promises to compute in them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gradcheck.errors import UserError
from gradcheck.expression import Build, Case, Constant, Expression
from gradcheck.operations import Operation


class TooLargeError(UserError, ValueError):
    """A number of a case exceeds the range of the engine's format; the message says which."""


@dataclass(frozen=True, slots=True)
class Precision:
    """A binary floating-point format, and how accurately an engine promises to compute in it.

    ``digits`` is the number of bits of a significand, and ``unit_roundoff`` the largest relative
    error of one rounding. With ``flush_to_zero`` an engine replaces numbers below
    ``smallest_normal`` by zero. ``allowances`` gives the units of roundoff that some operations, by
    name, may lose, where the engine promises less than the table of operations.

    >>> FLOAT32.nearest(0.1)
    0.10000000149011612
    """

    name: str
    digits: int
    unit_roundoff: float
    smallest_subnormal: float
    largest: float
    flush_to_zero: bool = False
    allowances: tuple[tuple[str, int], ...] = ()

    def __hash__(self) -> int:
        # A precision is part of the key of many caches, and a hash of all fields takes long.
        return hash(self.name)

    @property
    def smallest_normal(self) -> float:
        """The smallest positive number with full precision."""
        return math.ldexp(self.smallest_subnormal, self.digits - 1)

    @property
    def rounds_once(self) -> bool:
        """Whether an engine rounds each result once, to the nearest number, as IEEE 754 asks."""
        return self.unit_roundoff == 2.0**-self.digits and not self.flush_to_zero

    @property
    def holds_every_float(self) -> bool:
        """Whether every Python float is a number of the format."""
        return self.digits >= FLOAT64.digits and not self.flush_to_zero

    def roundings(self, operation: Operation) -> int:
        """Return how many units of roundoff an implementation of an operation may lose."""
        return dict(self.allowances).get(operation.name, operation.roundings)

    def with_allowances(self, allowances: Mapping[str, int]) -> Precision:
        """Return the precision with other allowances, in units of roundoff, for some operations."""
        if not allowances:
            return self
        return replace(self, allowances=tuple({**dict(self.allowances), **allowances}.items()))

    def nearest(self, number: float) -> float:
        """Return the nearest number of the format, or an infinity if it is too large.

        Ties go to the number with an even last digit, as in IEEE 754.
        """
        if self.holds_every_float or not math.isfinite(number):
            return number
        exponent = math.frexp(number)[1] - self.digits
        least = math.frexp(self.smallest_subnormal)[1] - 1
        spacing = math.ldexp(1.0, max(exponent, least))
        rounded = round(number / spacing) * spacing
        if abs(rounded) > self.largest:
            return math.copysign(math.inf, number)
        if self.flush_to_zero and abs(rounded) < self.smallest_normal:
            return math.copysign(0.0, number)
        return math.copysign(rounded, number)

    def holds(self, number: float) -> bool:
        """Tell whether a number belongs to the format."""
        return self.nearest(number) == number

    def nearest_case(self, case: Case) -> Case:
        """Return the case with every number, constants included, rounded to the format.

        Raises ``TooLargeError``.
        """
        if self.holds_every_float:
            return case
        return Case(
            self._nearest_expression(case.expression),
            tuple(map(self.nearest_in_range, case.point)),
            tuple(
                Build(self._nearest_expression(step.expression))
                if isinstance(step, Build)
                else step
                for step in case.steps
            ),
        )

    def _nearest_expression(self, expression: Expression) -> Expression:
        nodes = (
            self._nearest_constant(node) if isinstance(node, Constant) else node
            for node in expression.nodes
        )
        return Expression(tuple(nodes), expression.output)

    def _nearest_constant(self, constant: Constant) -> Constant:
        nearest = self.nearest_in_range(constant.value)
        return constant if nearest == constant.value else Constant(nearest)

    def nearest_in_range(self, number: float) -> float:
        """Return the nearest number of the format. Raises ``TooLargeError`` beyond its range."""
        nearest = self.nearest(number)
        if math.isinf(nearest):
            message = f"{number!r} is too large for {self.name}; the most is {self.largest!r}"
            raise TooLargeError(message)
        return nearest


FLOAT64 = Precision(
    name="float64",
    digits=53,
    unit_roundoff=2.0**-53,
    smallest_subnormal=2.0**-1074,
    largest=(2.0 - 2.0**-52) * 2.0**1023,
)

FLOAT32 = Precision(
    name="float32",
    digits=24,
    unit_roundoff=2.0**-24,
    smallest_subnormal=2.0**-149,
    largest=(2.0 - 2.0**-23) * 2.0**127,
)

# Libraries compute bfloat16 and float16 in float32, and round a second time. Together the two
# roundings can exceed half a unit by the relative error of the first, 2**-24, which is less than
# 2**-15 units of bfloat16, and less than 2**-12 of float16.
BFLOAT16 = Precision(
    name="bfloat16",
    digits=8,
    unit_roundoff=2.0**-8 * (1.0 + 2.0**-15),
    smallest_subnormal=2.0**-133,
    largest=(2.0 - 2.0**-7) * 2.0**127,
)

FLOAT16 = Precision(
    name="float16",
    digits=11,
    unit_roundoff=2.0**-11 * (1.0 + 2.0**-12),
    smallest_subnormal=2.0**-24,
    largest=(2.0 - 2.0**-10) * 2.0**15,
)
