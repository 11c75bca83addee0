"""GTC: tanh raises OverflowError at 1000, where it is 1.

The derivative squares cosh(x), and math.cosh raises an error instead of overflowing, from 711 on.
Right, by mpmath at 50 digits: tanh(1000), and 1/cosh(1000)**2, far below the smallest float.
Known upstream: not found.
"""

# /// script
# dependencies = ["GTC==1.5.1"]
# ///

from report import report


def compute():
    import GTC

    a = GTC.ureal(1000.0, 1.0)
    y = GTC.tanh(a)
    return y.x, GTC.rp.sensitivity(y, a)


if __name__ == "__main__":
    report("GTC", compute, right=(1.0, 0.0))
