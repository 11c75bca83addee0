"""casadi: erfinv has 6 digits for a negative x near -1.

For a positive x the approximation is followed by steps of Newton's method. For a negative x the
result is worse: at 0.99999 it has 12 digits.
Right, by mpmath at 50 digits: erfinv(-0.99999).
Known upstream: not found.
"""

# /// script
# dependencies = ["casadi==3.8.2"]
# ///

from report import report


def compute():
    import casadi

    x = casadi.SX.sym("x")
    return float(casadi.Function("f", [x], [casadi.erfinv(x)])(-0.99999))


if __name__ == "__main__":
    report("casadi", compute, right=-3.123413274341571)
