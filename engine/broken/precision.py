"""Small relative errors in one partial."""

from __future__ import annotations

from .twin import Twin, planted


@planted("wrong-partial", "tanh(a)", of="tanh", operands=(0,), a=0.0)
class off_by_a_thousandth(Twin):
    """The derivative of tanh is too large by one part in a thousand."""

    def tanh_partial(self, x: float, t: float) -> float:
        return (1.0 - t * t) * (1.0 + 1e-3)


@planted("wrong-partial", "a*b", of="*", operands=(1,), a=1.0, b=0.0)
class off_by_a_millionth(Twin):
    """The partial of * for its second operand is too large by one part in a million."""

    def product_partials(self, a: float, b: float) -> tuple[float, float]:
        return b, a * (1.0 + 1e-6)


@planted("wrong-partial", "a + b", of="+", operands=(0,), a=0.0, b=0.0)
class off_by_a_billionth(Twin):
    """The partial of + for its first operand is too large by one part in 10**9."""

    def sum_partials(self, a: float, b: float) -> tuple[float, float]:
        return 1.0 + 1e-9, 1.0


@planted("wrong-partial", "tanh(a)", of="tanh", operands=(0,), a=0.0)
class off_by_a_trillionth(Twin):
    """The derivative of tanh is too large by one part in 10**12."""

    def tanh_partial(self, x: float, t: float) -> float:
        return (1.0 - t * t) * (1.0 + 1e-12)
