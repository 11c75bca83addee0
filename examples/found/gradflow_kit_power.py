"""gradflow-kit: the gradient of a**2 at 3 is 0, where it is 6.

The power has no backward pass, nor has the negation.
Right, by mpmath at 50 digits: 2 a at 3.
Known upstream: not searched.
"""

# /// script
# dependencies = ["gradflow-kit==0.1.3"]
# ///

from report import report


def compute():
    from micrograd import Node

    a = Node(3.0)
    (a**2).backward()
    return a.grad


if __name__ == "__main__":
    report("gradflow-kit", compute, right=6.0)
