"""mygrad: the gradient of csch is NaN at 800, where it is 0.

The gradient divides cosh(x) by sinh(x)**2, infinity by infinity. sech has the same defect.
Right, by mpmath at 50 digits: -cosh(x)/sinh(x)**2 at 800 is -1e-347, below the smallest float.
Known upstream: not found.
"""

# /// script
# dependencies = ["mygrad==2.5.0"]
# ///

from report import report


def compute():
    import mygrad

    x = mygrad.tensor(800.0)
    mygrad.csch(x).backward()
    return float(x.grad)


if __name__ == "__main__":
    report("mygrad", compute, right=0.0)
