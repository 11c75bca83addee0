"""autograd: the gradient of where has 4 elements where it has 2.

An array with the shape (2,) is broadcast against the condition. The gradient keeps the shape of the
result: what comes back to each element is not added up.
Right, by mpmath at 50 digits: 2, as the gradient has the shape of x.
Known upstream: not found.
"""

# /// script
# dependencies = ["autograd==1.9.1"]
# ///

from report import report


def compute():
    import autograd.numpy as np
    from autograd import grad

    condition = np.array([[True], [True]])
    gradient = grad(lambda x: np.sum(np.where(condition, x, 0.0)))
    return float(gradient(np.array([1.0, 2.0])).size)


if __name__ == "__main__":
    report("autograd", compute, right=2.0)
