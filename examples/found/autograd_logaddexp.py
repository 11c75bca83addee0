"""autograd: the gradient of logaddexp(x, x) is 0.49999976 where it is 0.5.

The gradient is exp(x - logaddexp(x, y)). At 1e10 the logarithm is rounded to 6 digits after the
point.
Right, by mpmath at 50 digits: 1/(1 + exp(y - x)) at x = y.
Known upstream: not found.
"""

# /// script
# dependencies = ["autograd==1.9.1"]
# ///

from report import report


def compute():
    import autograd.numpy as np
    from autograd import grad

    return float(grad(lambda x: np.logaddexp(x, 1e10))(1e10))


if __name__ == "__main__":
    report("autograd", compute, right=0.5)
