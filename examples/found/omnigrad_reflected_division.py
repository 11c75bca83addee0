"""omnigrad: 0/a raises ZeroDivisionError, where it is 0.

__rtruediv__ computes 1/(a/0).
Right, by mpmath at 50 digits: 0/1.
Known upstream: not searched.
"""

# /// script
# dependencies = ["omnigrad==0.2.3"]
# ///

from report import report


def compute():
    from omnigrad.diffengine import Value

    return (0.0 / Value(1.0)).data


if __name__ == "__main__":
    report("omnigrad", compute, right=0.0)
