"""tinygrad: atan has 3 digits near 0.

atan(x) is asin(x/sqrt(1 + x*x)), and asin is pi/2 minus a polynomial, which loses the small
result.
Right, by mpmath at 50 digits: atan(1e-4).
Known upstream: pull request 17885 (closed) mentions the precision of atan.
"""

# /// script
# dependencies = ["tinygrad==0.14.0"]
# ///

from report import report


def compute():
    import os

    os.environ["DEV"] = "PYTHON"
    from tinygrad import Tensor

    return Tensor([1e-4]).atan().item()


if __name__ == "__main__":
    report("tinygrad", compute, right=9.999999966666667e-05, bits=24)
