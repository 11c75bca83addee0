"""gradflow-kit: 1/a at 4 is 4, where it is 0.25.

__rtruediv__ divides in the wrong order, and __rsub__ subtracts in the wrong order.
Right, by mpmath at 50 digits: 1/4.
Known upstream: not searched.
"""

# /// script
# dependencies = ["gradflow-kit==0.1.3"]
# ///

from report import report


def compute():
    from micrograd import Node

    return (1 / Node(4.0)).data


if __name__ == "__main__":
    report("gradflow-kit", compute, right=0.25)
