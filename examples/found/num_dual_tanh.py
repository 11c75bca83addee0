"""num-dual: tanh is NaN at 711, where it is 1.

tanh(x) is sinh(x)/cosh(x), infinity by infinity. The derivative is NaN from 356 on.
Right, by mpmath at 50 digits: tanh(711), and 1/cosh(711)**2 = 3e-617, below the smallest float.
Known upstream: not found.
"""

# /// script
# dependencies = ["num-dual==0.15.1"]
# ///

from report import report


def compute():
    from num_dual import first_derivative

    return first_derivative(lambda x: x.tanh(), 711.0)


if __name__ == "__main__":
    report("num-dual", compute, right=(1.0, 0.0))
