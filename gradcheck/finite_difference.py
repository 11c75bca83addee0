"""The far end of a slope: what the engine's forward pass gives a step away."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

from gradcheck.comparison import Comparison
from gradcheck.expression import Case
from gradcheck.oracles.certificate import Certificate
from gradcheck.oracles.slope import certify_slope, slope


@dataclass(frozen=True)  # no slots: cached_property keeps its result in __dict__
class FiniteDifference:
    """The engine's values at a case and ``there``, where input ``index`` has moved by a step."""

    case: Case
    there: Case
    index: int
    step: float
    value: float
    moved_value: float
    certificate: Certificate

    def __reduce__(self) -> tuple[type[FiniteDifference], tuple[object, ...]]:
        # Without what is worked out: another process can do so itself.
        return FiniteDifference, tuple(getattr(self, field.name) for field in fields(self))

    @cached_property
    def slope(self) -> Comparison:
        """The slope between the two, beside the derivative at the case."""
        bar = certify_slope(self.case, self.there, self.certificate, self.index, self.step)
        return Comparison(self._slope, bar)

    @property
    def _slope(self) -> float:
        return slope(self.value, self.moved_value, self.step)

    def is_wrong(self) -> bool:
        """Whether the slope is proved wrong; its bar is worked out only where it is not close."""
        if self.certificate.is_of_one_derivative and self._is_close():
            return False
        return self.slope.agrees is False

    def _is_close(self) -> bool:
        """Whether the slope is within the least reach of its bar, wherever the derivative is.

        To either side that is the allowed error of one value over the step.
        """
        value = self.certificate.faithful_values[self.case.expression.output]
        derivative = self.certificate.faithful_adjoints[self.index]
        return bool(abs(derivative - self._slope) * abs(self.step) <= value.rad())
