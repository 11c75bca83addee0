"""mygrad: the gradient of cbrt is infinite where it is 7e112.

The gradient is 1/(3 cbrt(x**2)), and x**2 underflows to 0. For 1e200 it overflows, and the
gradient is 0.
Right, by mpmath at 50 digits: 1/(3 cbrt(x)**2) at 1e-170.
Known upstream: not found.
"""

# /// script
# dependencies = ["mygrad==2.5.0"]
# ///

from report import report


def compute():
    import mygrad

    x = mygrad.tensor(1e-170)
    mygrad.cbrt(x).backward()
    return float(x.grad)


if __name__ == "__main__":
    report("mygrad", compute, right=7.181448966772946e112)
