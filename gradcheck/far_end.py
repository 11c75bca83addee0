"""The far end of a slope: what the engine's forward pass gives a step away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gradcheck.expression import Case
from gradcheck.oracles.certificate import Certificate
from gradcheck.oracles.slope import certified_value, certify_slope, slope
from gradcheck.witness import Witness


@dataclass(frozen=True)  # no slots: cached_property keeps its result in __dict__
class FarEnd:
    """The engine's values at a case and at another, where one input has moved by a step."""

    case: Case
    there: Case
    index: int
    step: float
    value: float
    value_there: float
    certificate: Certificate

    @cached_property
    def slope(self) -> Witness:
        """The slope between the two, beside the derivative at the case."""
        return Witness(
            slope(self.value, self.value_there, self.step),
            certify_slope(self.case, self.there, self.certificate, self.index, self.step),
        )

    def is_wrong(self) -> bool:
        """Whether the slope is proved wrong.

        It is not where both values are what they may be, by the mean value theorem: the bar is made
        of their allowed errors. So it is worked out only where one of them is not.
        """
        value = self.certificate.values[self.case.expression.output]
        value_there = certified_value(self.there, value.precision)
        if Witness(self.value, value).agrees and Witness(self.value_there, value_there).agrees:
            return False
        return self.slope.agrees is False
