"""omnigrad: the gradient of softsign at 0 is 0, where it is 1.

The backward pass has a branch for x > 0 and one for x < 0.
Right, by mpmath at 50 digits: 1/(1 + abs(x))**2 at 0.
Known upstream: not searched.
"""

# /// script
# dependencies = ["omnigrad==0.2.3"]
# ///

from report import report


def compute():
    from omnigrad.diffengine import Value

    a = Value(0.0)
    a.softsign().backward()
    return a.grad


if __name__ == "__main__":
    report("omnigrad", compute, right=1.0)
