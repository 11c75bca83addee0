"""atomic-autograd: 1/a at 1e-6 is 980392, where it is 1000000.

A division adds 1e-8 to its divisor, or 1e-16 in float64.
Right, by mpmath at 50 digits: 1/1e-6.
Known upstream: not searched.
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
