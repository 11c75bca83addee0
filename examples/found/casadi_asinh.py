"""casadi: the gradient of asinh is 0 where it is 1e-200.

The derivative is 1/sqrt(1 + x*x), and x*x overflows.
Right, by mpmath at 50 digits: 1/sqrt(x**2 + 1) at 1e200.
Known upstream: not found.
"""

# /// script
# dependencies = ["casadi==3.8.2"]
# ///

from report import report


def compute():
    import casadi

    x = casadi.SX.sym("x")
    gradient = casadi.gradient(casadi.asinh(x), x)
    return float(casadi.Function("f", [x], [gradient])(1e200))


if __name__ == "__main__":
    report("casadi", compute, right=1e-200)
