"""jax: the gradient of arcsinh is 0 where it is 1e-200.

The derivative is 1/sqrt(x*x + 1), and x*x overflows. arccosh has the same defect.
Right, by mpmath at 50 digits: 1/sqrt(x**2 + 1) at 1e200.
Known upstream: jax issue 40634 (open).
"""

# /// script
# dependencies = ["jax==0.10.2"]
# ///

from report import report


def compute():
    import jax

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003
    return float(jax.grad(jax.numpy.arcsinh)(1e200))


if __name__ == "__main__":
    report("jax", compute, right=1e-200)
