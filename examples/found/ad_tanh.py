"""ad: tanh raises OverflowError at 400, where it is 1.

The derivatives compute the square and the cube of cosh(x), which overflow. At 350 the cube does,
and the second derivative is computed although nobody asked for it.
Right, by mpmath at 50 digits: tanh(400), and 1/cosh(400)**2 = 3e-347, below the smallest float.
Known upstream: not found.
"""

# /// script
# dependencies = ["ad==1.5.1"]
# ///

from report import report


def compute():
    import ad
    import ad.admath

    a = ad.adnumber(400.0)
    y = ad.admath.tanh(a)
    return y.x, y.d(a)


if __name__ == "__main__":
    report("ad", compute, right=(1.0, 0.0))
