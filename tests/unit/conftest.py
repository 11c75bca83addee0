"""Balls as exact fractions, so that a bound can be compared with one that is worked out by hand."""

from fractions import Fraction

import pytest

# Arb keeps the radius of a ball in 30 bits and rounds it up at each step, the few steps of a bound
# included. A bound may be so much wider than its formula, and is not allowed to be narrower.
HAIR = Fraction(1, 2**24)


def exactly(number):
    mantissa, exponent = number.man_exp()
    return int(mantissa) * Fraction(2) ** int(exponent)


@pytest.fixture
def reaches():
    """Whether a ball ends at this distance to both sides of a number, give or take a hair."""

    def reaches(ball, centre, distance):
        middle, radius = exactly(ball.mid()), exactly(ball.rad())
        sides = (centre - (middle - radius), middle + radius - centre)
        return all(distance <= side <= distance * (1 + HAIR) for side in sides)

    return reaches
