"""jax: the gradient of a**0.0 at 0 is NaN, where it is 0.

The derivative multiplies 0 by 0**-1, which is infinite. With the int 0 as the exponent it is
right.
Right, by mpmath at 50 digits: 0: a**0 is 1 for every a.
Known upstream: not found.
"""

# /// script
# dependencies = ["jax==0.10.2"]
# ///

from report import report


def compute():
    import jax

    return float(jax.grad(lambda a: a**0.0)(0.0))


if __name__ == "__main__":
    report("jax", compute, right=0.0, bits=24)
