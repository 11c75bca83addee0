"""tinymlp: the gradient of a**0 at 0 raises ZeroDivisionError, where it is 0.

The backward pass computes 0 * a**-1, and Python raises an error for 0**-1.
Right, by mpmath at 50 digits: 0: a**0 is 1 for every a.
Known upstream: not searched.
"""

# /// script
# dependencies = ["tinymlp==0.1.0"]
# ///

from report import report


def compute():
    from tinymlp import Value

    a = Value(0.0)
    (a**0).backward()
    return a.grad


if __name__ == "__main__":
    report("tinymlp", compute, right=0.0)
