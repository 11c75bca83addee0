"""jax: the gradient of digamma is 0 where it is 1e-160.

polygamma(1, x) is 0 from 1e154 on. In float32 it is 0 from 1e19 on.
Right, by mpmath at 50 digits: psi(1, 1e160).
Known upstream: not found; issue 37635 (open) is about negative x.
"""

# /// script
# dependencies = ["jax==0.10.2"]
# ///

from report import report


def compute():
    import jax

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003
    return float(jax.grad(jax.scipy.special.digamma)(1e160))


if __name__ == "__main__":
    report("jax", compute, right=1e-160)
