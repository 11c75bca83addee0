"""autograd: the gradient of expm1 is 0 where it is 4e-18.

The gradient is computed as expm1(x) + 1, and expm1(-40) is rounded to -1.
Right, by mpmath at 50 digits: exp(-40).
Known upstream: not found.
"""

# /// script
# dependencies = ["autograd==1.9.1"]
# ///

from report import report


def compute():
    import autograd.numpy as np
    from autograd import grad

    return float(grad(np.expm1)(-40.0))


if __name__ == "__main__":
    report("autograd", compute, right=4.248354255291589e-18)
