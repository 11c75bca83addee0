"""jax: the gradient of sinc is 0 near 0, where it is -3.3e-9.

The derivative is that of sin(u)/u by the quotient rule, a difference of two numbers that are
equal but for their last digits.
Right, by mpmath at 50 digits: diff(sin(pi x)/(pi x)) at 1e-9.
Known upstream: jax issues 34139 and 10750, and 40629.
"""

# /// script
# dependencies = ["jax==0.10.2"]
# ///

from report import report


def compute():
    import jax

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003
    return float(jax.grad(jax.numpy.sinc)(1e-9))


if __name__ == "__main__":
    report("jax", compute, right=-3.289868133696453e-09)
