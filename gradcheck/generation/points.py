"""The grammar of random points: the numbers at which an expression is judged."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from gradcheck.generation.choices import Choices
from gradcheck.generation.numbers import of_any_magnitude, ordinary
from gradcheck.operations import DEFAULT_OPERATIONS, Operation
from gradcheck.precision import FLOAT64, Precision

_ROUND = (0.0, 1.0, 2.0, -1.0, 0.5, 3.0, -2.0, -0.5, 0.25, 1.5)

_ROUND_WEIGHT = 11
"""Weight of a round number; a rare number has weight 1."""

_LARGE = (400.0,) * 4
"""Numbers at which exp(2x) overflows; many implementations of tanh use it."""

_LARGE_FOR_OTHERS = (400.0, 400.0, 800.0, -800.0)
"""Numbers at which exp(x) or exp(-x) overflows too, as in a logistic function."""

_RARE = (5.0, -9.0, 18.0, 1e-3, -1e-4, -1e-8, 2.0**-1022, -5e-324)
"""Numbers in the saturated tail of tanh, and very small or subnormal ones."""

_OF_ANY_MAGNITUDE_WEIGHT = 5

_NUMBERS_OF_A_KIND = 2**23
"""The count of ordinary numbers, and of numbers of any magnitude."""


class PointGrammar:
    """Random points of numbers in the range of a precision; the options are those of ``points``."""

    def __init__(
        self,
        operations: Sequence[Operation],
        *,
        magnitude: float = 3.0,
        precision: Precision = FLOAT64,
    ) -> None:
        require_magnitude(magnitude)
        magnitude = min(magnitude, precision.largest)
        small = [number for number in _ROUND if abs(number) <= magnitude]
        large = _LARGE if set(operations) <= set(DEFAULT_OPERATIONS) else _LARGE_FOR_OTHERS
        listed = [*(number for number in small for _ in range(_ROUND_WEIGHT)), *large, *_RARE]
        any_magnitude: Callable[[int], float] = partial(of_any_magnitude, precision=precision)
        # An ordinary number is as likely as all listed numbers together.
        in_range: Callable[[int], float] = partial(ordinary, magnitude=magnitude)
        self._numbers: list[float | Callable[[int], float]] = [
            *listed,
            *[any_magnitude] * _OF_ANY_MAGNITUDE_WEIGHT,
            *[in_range] * len(listed),
        ]

    def draw(self, choices: Choices, count: int) -> tuple[float, ...]:
        """Return ``count`` random numbers."""
        return tuple([self._number(choices) for _ in range(count)])

    def _number(self, choices: Choices) -> float:
        drawn = choices.one_of(self._numbers)
        return drawn if isinstance(drawn, float) else drawn(choices.below(_NUMBERS_OF_A_KIND))


def require_magnitude(magnitude: float) -> None:
    """Raise ``ValueError`` unless a magnitude is a positive finite number."""
    if not 0.0 < magnitude < math.inf:
        message = f"the magnitude of numbers is a positive finite number, not {magnitude}"
        raise ValueError(message)
