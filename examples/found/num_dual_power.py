"""num-dual: x**1.5 is NaN at 0, where it is 0.

The power is computed as x**(1.5 - 3) times x*x*x, infinity times 0.
Right, by mpmath at 50 digits: 0**1.5 = 0, and 1.5 * 0**0.5 = 0.
Known upstream: not found.
"""

# /// script
# dependencies = ["num-dual==0.15.1"]
# ///

from report import report


def compute():
    from num_dual import first_derivative

    return first_derivative(lambda x: x**1.5, 0.0)


if __name__ == "__main__":
    report("num-dual", compute, right=(0.0, 0.0))
