"""autograd: the gradient of sinc is 0 near 0, where it is -3.3e-9.

The gradient subtracts sin(pi x) from pi x cos(pi x), which are equal but for their last digits.
Right, by mpmath at 50 digits: diff(sin(pi x)/(pi x)) at 1e-9.
Known upstream: not found.
"""

# /// script
# dependencies = ["autograd==1.9.1"]
# ///

from report import report


def compute():
    import autograd.numpy as np
    from autograd import grad

    return float(grad(np.sinc)(1e-9))


if __name__ == "__main__":
    report("autograd", compute, right=-3.289868133696453e-09)
