"""scalargrad: sigmoid raises OverflowError at -800, where it is 0.

It is computed as 1/(1 + exp(-x)), and math.exp raises an error instead of overflowing.
Right, by mpmath at 50 digits: 1/(1 + exp(800)) = 4e-348, below the smallest float.
Known upstream: not searched.
"""

# /// script
# dependencies = ["scalargrad==1.0.5"]
# ///

from report import report


def compute():
    from scalargrad import Scalar

    a = Scalar(-800.0)
    y = a.sigmoid()
    y.backward()
    return y.data, a.grad


if __name__ == "__main__":
    report("scalargrad", compute, right=(0.0, 0.0))
