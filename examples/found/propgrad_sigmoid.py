"""propgrad: sigmoid is 0 at -60, where it is 9e-27.

Below -50 the value is set to 0, and with it the gradient.
Right, by mpmath at 50 digits: 1/(1 + exp(60)) and its derivative.
Known upstream: not searched.
"""

# /// script
# dependencies = ["propgrad==0.1.1"]
# ///

from report import report


def compute():
    from propgrad.engine import Value

    a = Value(-60.0)
    y = a.sigmoid()
    y.backward()
    return y.data, a.grad


if __name__ == "__main__":
    report("propgrad", compute, right=(8.75651076269652e-27, 8.75651076269652e-27))
