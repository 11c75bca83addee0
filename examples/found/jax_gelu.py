"""jax: the gradient of gelu is NaN for a large x, where it is 1.

The derivative multiplies 1 - tanh**2, which is 0, by a polynomial in x that overflows. In float32
that happens from 1.9e19 on.
Right, by mpmath at 50 digits: diff of x/(1 + exp(-2u)) at 1e20, with u = sqrt(2/pi) (x + 0.044715
x**3).
Known upstream: not found.
"""

# /// script
# dependencies = ["jax==0.10.2"]
# ///

from report import report


def compute():
    import jax

    return float(jax.grad(jax.nn.gelu)(1e20))


if __name__ == "__main__":
    report("jax", compute, right=1.0, bits=24)
