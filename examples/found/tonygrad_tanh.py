"""tonygrad: tanh raises OverflowError at 400, where it is 1.

tanh is computed as (exp(2x) - 1)/(exp(2x) + 1), and math.exp raises an error instead of
overflowing. Near 0 the difference loses the digits: tanh(1e-10) is 1.00000008e-10. The formula is
that of a video lecture, and many small engines copy it.
Right, by mpmath at 50 digits: tanh(400), and 1/cosh(400)**2 = 3e-347, below the smallest float.
Known upstream: a comment on pull request 74 of karpathy/micrograd says so of the formula.
"""

# /// script
# dependencies = ["tonygrad==2.0.0"]
# ///

from report import report


def compute():
    from tonygrad.engine import Value

    a = Value(400.0)
    y = a.tanh()
    y.backward()
    return y.data, a.grad


if __name__ == "__main__":
    report("tonygrad", compute, right=(1.0, 0.0))
