"""The finite difference of an engine's forward pass, with respect to one input."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

from gradcheck.comparison import Comparison
from gradcheck.expression import Case
from gradcheck.oracles.certificate import Certificate
from gradcheck.oracles.slope import certify_slope, slope


@dataclass(frozen=True)  # no slots: cached_property keeps its result in __dict__
class FiniteDifference:
    """The engine's values at a case and at ``moved_case``, with a ``step`` added to one input."""

    case: Case
    moved_case: Case
    index: int
    step: float
    value: float
    moved_value: float
    certificate: Certificate

    def __reduce__(self) -> tuple[type[FiniteDifference], tuple[object, ...]]:
        # Without the cached result, which another process can compute itself.
        return FiniteDifference, tuple(getattr(self, field.name) for field in fields(self))

    @cached_property
    def slope(self) -> Comparison:
        """The slope between the two values, compared with the derivative at the case."""
        certified = certify_slope(
            self.case, self.moved_case, self.certificate, self.index, self.step
        )
        return Comparison(self._slope, certified)

    @property
    def _slope(self) -> float:
        return slope(self.value, self.moved_value, self.step)

    def is_wrong(self) -> bool:
        """Tell whether the slope is proved wrong; its error bar is computed only where needed."""
        if self.certificate.has_default_partials and self._is_close():
            return False
        return self.slope.agrees is False

    def _is_close(self) -> bool:
        """Tell whether the slope is within the smallest error bar that it can have.

        That is the allowed error of one value, divided by the step, to either side of the
        derivative.
        """
        value = self.certificate.faithful_values[self.case.expression.output]
        derivative = self.certificate.faithful_adjoints[self.index]
        return bool(abs(derivative - self._slope) * abs(self.step) <= value.rad())
