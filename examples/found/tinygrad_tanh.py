"""tinygrad: tanh is 0 near 0, where it is 1e-8.

tanh(x) is 2*sigmoid(2*x) - 1, and sigmoid(2e-8) is rounded to 0.5.
Right, by mpmath at 50 digits: tanh(1e-8).
Known upstream: not found.
"""

# /// script
# dependencies = ["tinygrad==0.14.0"]
# ///

from report import report


def compute():
    import os

    os.environ["DEV"] = "PYTHON"
    from tinygrad import Tensor

    return Tensor([1e-8]).tanh().item()


if __name__ == "__main__":
    report("tinygrad", compute, right=1e-08, bits=24)
