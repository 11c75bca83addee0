"""ad: log(1e-163) raises ZeroDivisionError, where it is -375.

The second derivative is computed although nobody asked for it: -1/x**2, where x**2 underflows to
0.
Right, by mpmath at 50 digits: log(1e-163) and 1/x.
Known upstream: not found.
"""

# /// script
# dependencies = ["ad==1.5.1"]
# ///

from report import report


def compute():
    import ad
    import ad.admath

    a = ad.adnumber(1e-163)
    y = ad.admath.log(a)
    return y.x, y.d(a)


if __name__ == "__main__":
    report("ad", compute, right=(-375.3213701580294, 1.0000000000000001e163))
