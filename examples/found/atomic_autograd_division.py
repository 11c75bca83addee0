"""atomic-autograd: 1/a at 1e-6 is 980392, where it is 1000000.

1e-8 is added to every divisor, and its square root to the divisor of the gradient.
Right, by mpmath at 50 digits: 1/1e-6.
Known upstream: not found.
"""

# /// script
# dependencies = ["atomic-autograd==0.1.1"]
# ///

from report import report


def compute():
    import numpy as np
    from atomic import Tensor

    a = Tensor(1e-6, requires_grad=True)
    return float(np.asarray((1.0 / a).data))


if __name__ == "__main__":
    report("atomic-autograd", compute, right=1000000.0, bits=24)
