"""autograd: the gradient of norm with keepdims has 8 elements where it has 4.

The axis that keepdims has kept is put back a second time, so that the gradient of a matrix has
three dimensions.
Right, by mpmath at 50 digits: 4, as the gradient has the shape of x.
Known upstream: not found.
"""

# /// script
# dependencies = ["autograd==1.9.1"]
# ///

from report import report


def compute():
    import autograd.numpy as np
    from autograd import grad

    gradient = grad(lambda x: np.sum(np.linalg.norm(x, axis=1, keepdims=True)))
    return float(gradient(np.array([[3.0, 4.0], [5.0, 12.0]])).size)


if __name__ == "__main__":
    report("autograd", compute, right=4.0)
