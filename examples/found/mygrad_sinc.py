"""mygrad: the gradient of sinc is 0 near 0, where it is -3.3e-9.

The gradient subtracts sin(pi x) from pi x cos(pi x), which are equal but for their last digits.
Right, by mpmath at 50 digits: diff(sin(pi x)/(pi x)) at 1e-9.
Known upstream: not found.
"""

# /// script
# dependencies = ["mygrad==2.5.0"]
# ///

from report import report


def compute():
    import mygrad

    x = mygrad.tensor(1e-9)
    mygrad.sinc(x).backward()
    return float(x.grad)


if __name__ == "__main__":
    report("mygrad", compute, right=-3.289868133696453e-09)
