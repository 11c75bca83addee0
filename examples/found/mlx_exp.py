"""mlx: exp in float64 has the digits of float32.

The CPU backend converts float64 to float32 first. sin, cos, sigmoid and erf have the same defect,
and exp(100) is infinite.
Right, by mpmath at 50 digits: exp(0.3).
Known upstream: mlx issue 3047 (open).
"""

# /// script
# dependencies = ["mlx[cpu]==0.32.4"]
# ///

from report import report


def compute():
    import mlx.core as mx

    mx.set_default_device(mx.cpu)
    x = mx.array(0.3, dtype=mx.float64)
    return mx.exp(x).item(), mx.grad(mx.exp)(x).item()


if __name__ == "__main__":
    report("mlx", compute, right=(1.3498588075760032, 1.3498588075760032))
