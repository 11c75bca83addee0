"""omnigrad: the gradient of the gamma function is twice what it is.

The difference of two values that are 2h apart is divided by h. The value comes from a numerical
integral, so the script looks at three digits.
Right, by mpmath at 50 digits: gamma(2) psi(0, 2).
Known upstream: not searched.
"""

# /// script
# dependencies = ["omnigrad==0.2.3"]
# ///

from report import report


def compute():
    from omnigrad.diffengine import Value

    a = Value(2.0)
    a.gamma_actual().backward()
    return round(a.grad, 3)


if __name__ == "__main__":
    report("omnigrad", compute, right=0.423)
