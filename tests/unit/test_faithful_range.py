"""The floats that a reproduction script accepts."""

import math

import pytest

from gradcheck import Case, parse
from gradcheck.comparison import Comparison
from gradcheck.findings.script.faithful_range import faithful_range
from gradcheck.oracles.certificate import certify


@pytest.mark.parametrize(
    ("formula", "point"),
    [
        ("relu(a)", (0.0,)),  # the range ends beside zero, where floats are dense
        ("relu(a)*b", (0.0, 1e300)),
        ("relu(a)*b", (0.0, 5e-324)),
        ("abs(a)", (0.0,)),
        ("a*b", (2.0, 3.0)),
        ("a*1.0", (1.7976931348623157e308,)),
        ("tanh(a*b)", (0.3, 0.7)),
        ("a*a*0.1", (1e-160,)),
    ],
)
def test_the_range_ends_with_the_last_floats_that_agree(formula, point):
    certificate = certify(Case(parse(formula), point))
    for certified in (certificate.values[-1], certificate.adjoints[0]):
        low, high = faithful_range(certified)

        def agrees(number, certified=certified):
            return Comparison(number, certified).agrees

        assert agrees(low)
        assert agrees(high)
        assert not agrees(math.nextafter(low, -math.inf))
        assert not agrees(math.nextafter(high, math.inf))
