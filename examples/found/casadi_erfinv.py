"""casadi: erfinv has 6 digits for a negative x near -1.

A rational approximation is polished by two steps of Newton's method, but not where x < -0.7.
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
