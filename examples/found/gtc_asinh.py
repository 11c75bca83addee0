"""GTC: asinh(1e160) raises OverflowError, where it is 369.

The derivative computes x**2 of a Python float, which raises an error instead of overflowing.
Right, by mpmath at 50 digits: asinh(1e160) and 1/sqrt(x**2 + 1).
Known upstream: not found.
"""

# /// script
# dependencies = ["GTC==1.5.1"]
# ///

from report import report


def compute():
    import GTC

    a = GTC.ureal(1e160, 1.0)
    y = GTC.asinh(a)
    return y.x, GTC.rp.sensitivity(y, a)


if __name__ == "__main__":
    report("GTC", compute, right=(369.10676205960726, 1e-160))
