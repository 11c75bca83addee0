"""Wrong values, and gradients that are wrong because of them."""

from __future__ import annotations

import ctypes
import math

from .twin import Twin, planted


@planted("crash", "tanh(a)", of="tanh", a=400.0)
class tanh_overflows(Twin):
    """Tanh through exp(2x), which overflows from x = 355 on."""

    def tanh_of(self, x: float) -> float:
        growth = math.expm1(2.0 * x)
        return growth / (growth + 2.0)


@planted("wrong-value", "tanh(a)", of="tanh", a=1e-3)
class tanh_cancels(Twin):
    """Tanh through exp(-2|x|), which cancels near zero."""

    def tanh_of(self, x: float) -> float:
        decay = math.exp(-2.0 * abs(x))
        return math.copysign((1.0 - decay) / (1.0 + decay), x)


@planted("wrong-value", "tanh(a)", of="tanh", a=3.0)
class clips_tanh(Twin):
    """Tanh is clipped to 0.99."""

    def tanh_of(self, x: float) -> float:
        return min(max(math.tanh(x), -0.99), 0.99)


@planted("mutated-input", "tanh(a)", of="tanh", a=1.0)
class tanh_in_place(Twin):
    """Tanh writes its value into its operand too."""

    def tanh(self) -> Twin:
        self.data = self.tanh_of(self.data)
        return type(self)(self.data, (self,), "tanh")


@planted("wrong-partial", "tanh(a)", of="tanh", operands=(0,), a=5.0)
class no_tail(Twin):
    """The derivative of tanh is set to zero in the tail, from |x| = 4 on."""

    def tanh_partial(self, x: float, t: float) -> float:
        return 1.0 - t * t if abs(x) < 4.0 else 0.0


@planted("wrong-value", "a*0.1", of="*", a=1.0)
class single_precision_product(Twin):
    """Products are rounded to float32."""

    def product_of(self, a: float, b: float) -> float:
        return ctypes.c_float(a * b).value


@planted("wrong-value", "a + b", of="+", a=0.5, b=0.0)
class truncates_sum(Twin):
    """Sums are truncated to integers."""

    def sum_of(self, a: float, b: float) -> float:
        exact = a + b
        return float(math.trunc(exact)) if math.isfinite(exact) else exact


@planted("wrong-partial", "2.0*a", of="*", operands=(1,), a=0.0)
class detached_left_factor(Twin):
    """2*x is a node without operands: x gets no gradient from it."""

    def __rmul__(self, other: float) -> Twin:
        return self.node(self.product_of(other, self.data))


@planted("wrong-partial", "1.0 + a", of="+", operands=(1,), a=0.0)
class detached_left_term(Twin):
    """1 + x is a node without operands: x gets no gradient from it."""

    def __radd__(self, other: float) -> Twin:
        return self.node(self.sum_of(other, self.data))


@planted("wrong-value", "1.0 + a", of="+", a=0.0)
class drops_left_term(Twin):
    """1 + x is x: the constant is dropped, which sum() does not show."""

    def __radd__(self, other: float) -> Twin:
        return self
