"""jax: the gradient of expm1 is 0 where it is 4e-18.

The derivative is computed as expm1(x) + 1, and expm1(-40) is rounded to -1. elu and selu have the
same defect.
Right, by mpmath at 50 digits: exp(-40).
Known upstream: jax issues 39794, 39795 (elu), 39796 (selu), all open.
"""

# /// script
# dependencies = ["jax==0.10.2"]
# ///

from report import report


def compute():
    import jax

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003
    return float(jax.grad(jax.numpy.expm1)(-40.0))


if __name__ == "__main__":
    report("jax", compute, right=4.248354255291589e-18)
