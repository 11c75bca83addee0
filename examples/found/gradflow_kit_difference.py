"""gradflow-kit: the gradient of a - b is (-1, 1), where it is (1, -1).

The two signs are exchanged. The package is imported as micrograd.
Right, by mpmath at 50 digits: d/da (a - b) = 1, d/db (a - b) = -1.
Known upstream: not searched.
"""

# /// script
# dependencies = ["gradflow-kit==0.1.3"]
# ///

from report import report


def compute():
    from micrograd import Node

    a, b = Node(3.0), Node(5.0)
    (a - b).backward()
    return a.grad, b.grad


if __name__ == "__main__":
    report("gradflow-kit", compute, right=(1.0, -1.0))
