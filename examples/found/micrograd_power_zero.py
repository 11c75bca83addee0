"""micrograd: the gradient of a**0 at 0 raises ZeroDivisionError, where it is 0.

The backward pass computes 0 * a**-1, and Python raises an error for 0**-1. Engines that copy the
line have the defect too, such as tonygrad 2.0.0, bitgrad 0.1.2, scalargrad 1.0.5 and propgrad
0.1.1.
Right, by mpmath at 50 digits: 0: a**0 is 1 for every a.
Known upstream: not found.
"""

# /// script
# dependencies = ["micrograd==0.1.0"]
# ///

from report import report


def compute():
    from micrograd.engine import Value

    a = Value(0.0)
    (a**0).backward()
    return float(a.grad)


if __name__ == "__main__":
    report("micrograd", compute, right=0.0)
