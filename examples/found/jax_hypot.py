"""jax: the gradient of hypot is (0.6, 1.25) where it is (0.6, 0.8).

The value is y*sqrt(1 + (x/y)**2), and the gradient of that divides by y*y, which overflows. Near
0 it underflows: at (3e-160, 4e-160) the gradient is (nan, -inf). In float32 that happens at 1e19
and at 1e-19.
Right, by mpmath at 50 digits: (x/sqrt(x**2 + y**2), y/sqrt(x**2 + y**2)) at 3e200, 4e200.
Known upstream: not found.
"""

# /// script
# dependencies = ["jax==0.10.2"]
# ///

from report import report


def compute():
    import jax

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003
    x, y = jax.grad(jax.numpy.hypot, argnums=(0, 1))(3e200, 4e200)
    return float(x), float(y)


if __name__ == "__main__":
    report("jax", compute, right=(0.6, 0.8))
