"""mygrad: elu is 0 near 0, where it is -1e-20.

The value is exp(x) - 1 and not expm1(x). The gradient is exp(x) - 1 + 1, and so 0 at -40.
Right, by mpmath at 50 digits: expm1(-1e-20).
Known upstream: not found.
"""

# /// script
# dependencies = ["mygrad==2.5.0"]
# ///

from report import report


def compute():
    import mygrad
    from mygrad.nnet.activations import elu

    return float(elu(mygrad.tensor(-1e-20), 1.0))


if __name__ == "__main__":
    report("mygrad", compute, right=-1e-20)
