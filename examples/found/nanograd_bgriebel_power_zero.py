"""nanograd-bgriebel: the gradient of a**0 at 0 is NaN, where it is 0.

The backward pass, in C++, computes 0 * a**-1, 0 times infinity.
Right, by mpmath at 50 digits: 0: a**0 is 1 for every a.
Known upstream: not searched.
"""

# /// script
# dependencies = ["nanograd-bgriebel==0.1.4"]
# ///

from report import report


def compute():
    from nanograd_bgriebel import Value

    a = Value(0.0)
    (a**0).backwards()
    return a.grad


if __name__ == "__main__":
    report("nanograd-bgriebel", compute, right=0.0)
