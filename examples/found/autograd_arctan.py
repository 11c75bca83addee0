"""autograd: the gradient of arctan raises OverflowError, where it is 0.

The gradient computes x**2 of a Python float, which raises an error instead of overflowing.
arcsinh, arccosh, reciprocal and scipy's erf have the same defect.
Right, by mpmath at 50 digits: 1/(1 + x**2) at 1e200 is 1e-400, below the smallest float.
Known upstream: not found.
"""

# /// script
# dependencies = ["autograd==1.9.1"]
# ///

from report import report


def compute():
    import autograd.numpy as np
    from autograd import grad

    return float(grad(np.arctan)(1e200))


if __name__ == "__main__":
    report("autograd", compute, right=0.0)
