"""Wrong local partials, and gradients that are not passed on."""

from __future__ import annotations

import math

from .twin import Twin, planted


@planted("wrong-partial", "a*b", of="*", operands=(0, 1), a=0.0, b=1.0)
class swaps_factors(Twin):
    """The partial of * for each operand is its own value instead of the other one's."""

    def product_partials(self, a: float, b: float) -> tuple[float, float]:
        return a, b


@planted("forgotten-upstream", "tanh(a*b)", a=1.0, b=1.0)
class forgets_upstream(Twin):
    """No operation multiplies by its upstream gradient."""

    def send(self, index: int, partial: float) -> None:
        self.operands[index].grad += partial


class _ForgetsUpstream(Twin):
    """An operation sends its partials as if it were the output."""

    forgetful: str

    def send(self, index: int, partial: float) -> None:
        if self.operation == self.forgetful:
            self.operands[index].grad += partial
        else:
            super().send(index, partial)


@planted("forgotten-upstream", "n = a + b; n + n", of="+", a=0.0, b=0.0)
class forgets_upstream_in_sum(_ForgetsUpstream):
    """+ does not multiply by its upstream gradient."""

    forgetful = "+"


@planted("forgotten-upstream", "tanh(a*b)", of="*", a=1.0, b=1.0)
class forgets_upstream_in_product(_ForgetsUpstream):
    """* does not multiply by its upstream gradient."""

    forgetful = "*"


@planted("forgotten-upstream", "n = tanh(a); n + n", of="tanh", a=0.0)
class forgets_upstream_in_tanh(_ForgetsUpstream):
    """Tanh does not multiply by its upstream gradient."""

    forgetful = "tanh"


@planted("wrong-partial", "tanh(a)", of="tanh", operands=(0,), a=1.0)
class one_minus_t(Twin):
    """The derivative of tanh is 1 - t."""

    def tanh_partial(self, x: float, t: float) -> float:
        return 1.0 - t


@planted("wrong-partial", "tanh(a)", of="tanh", operands=(0,), a=1.0)
class one_minus_x_squared(Twin):
    """The derivative of tanh is 1 - x*x."""

    def tanh_partial(self, x: float, t: float) -> float:
        return 1.0 - x * x


@planted("wrong-partial", "tanh(a)", of="tanh", operands=(0,), a=0.0)
class derivative_of_the_logistic(Twin):
    """The derivative of tanh is t*(1 - t)."""

    def tanh_partial(self, x: float, t: float) -> float:
        return t * (1.0 - t)


@planted("wrong-partial", "tanh(a)", of="tanh", operands=(0,), a=1.0)
class one_plus_t_squared(Twin):
    """The derivative of tanh is 1 + t*t."""

    def tanh_partial(self, x: float, t: float) -> float:
        return 1.0 + t * t


@planted("wrong-partial", "tanh(a)", of="tanh", operands=(0,), a=1.0)
class partial_of_the_changed_value(Twin):
    """The derivative of tanh is computed at tanh(x) instead of x."""

    def tanh_partial(self, x: float, t: float) -> float:
        return 1.0 - math.tanh(t) ** 2


@planted("earlier-graph", "tanh(a)", of="tanh", a=1.0)
class stale_partial(Twin):
    """The derivative of tanh is stored with the operand, and kept when its number changes."""

    stored: float | None = None

    def tanh(self) -> Twin:
        if self.stored is None:
            self.stored = super().tanh_partial(self.data, self.tanh_of(self.data))
        return super().tanh()

    def send(self, index: int, partial: float) -> None:
        operand = self.operands[index]
        stored = operand.stored if isinstance(operand, stale_partial) else None
        super().send(index, stored if self.operation == "tanh" and stored else partial)


@planted("wrong-partial", "a*b", of="*", operands=(1,), a=1.0, b=0.0)
class sign_in_product(Twin):
    """The partial of * with respect to its second operand has the wrong sign."""

    def product_partials(self, a: float, b: float) -> tuple[float, float]:
        return b, -a


@planted("wrong-partial", "a + b", of="+", operands=(1,), a=0.0, b=0.0)
class sign_in_sum(Twin):
    """+ has the partials of a - b."""

    def sum_partials(self, a: float, b: float) -> tuple[float, float]:
        return 1.0, -1.0


@planted("wrong-partial", "tanh(a)", of="tanh", operands=(0,), a=0.0)
class twice_the_partial_of_tanh(Twin):
    """The derivative of tanh is twice as large."""

    def tanh_partial(self, x: float, t: float) -> float:
        return 2.0 * (1.0 - t * t)
