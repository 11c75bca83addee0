"""Engines with several planted bugs at once."""

from engine.broken.accumulation import overwrites_in_sum
from engine.broken.partials import forgets_upstream_in_tanh, sign_in_product
from engine.broken.precision import off_by_a_trillionth
from engine.broken.values import clips_tanh


class Two(sign_in_product, off_by_a_trillionth):
    pass


class ForwardAndBackward(clips_tanh, overwrites_in_sum):
    pass


class Three(sign_in_product, overwrites_in_sum, forgets_upstream_in_tanh):
    pass
