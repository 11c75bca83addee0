"""jax: the gradient of log_ndtr is 2981 where it is 10000.

The derivative is exp of -x*x/2 - log_ndtr(x), a difference of two numbers near 5e7 in float32.
Right, by mpmath at 50 digits: npdf(x)/ncdf(x) at -1e4.
Known upstream: not found.
"""

# /// script
# dependencies = ["jax==0.10.2"]
# ///

from report import report


def compute():
    import jax

    return float(jax.grad(jax.scipy.special.log_ndtr)(-1e4))


if __name__ == "__main__":
    report("jax", compute, right=10000.000099999997, bits=24)
