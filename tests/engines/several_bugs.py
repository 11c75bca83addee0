"""Engines with several planted bugs at once."""

from gradcheck.engine.broken.accumulation import overwrites_first_factor, overwrites_in_sum
from gradcheck.engine.broken.failures import fails_on_zero, nan_on_equal_factors
from gradcheck.engine.broken.partials import forgets_upstream_in_tanh, sign_in_product
from gradcheck.engine.broken.precision import off_by_a_trillionth
from gradcheck.engine.broken.values import clips_tanh


class Two(sign_in_product, off_by_a_trillionth):
    pass


class ForwardAndBackward(clips_tanh, overwrites_in_sum):
    pass


class Three(sign_in_product, overwrites_in_sum, forgets_upstream_in_tanh):
    pass


class NanAndLost(nan_on_equal_factors, overwrites_first_factor):
    pass


class CrashAndLost(fails_on_zero, overwrites_first_factor):
    pass
