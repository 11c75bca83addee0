"""pytensor: a gradient in float64 has the digits of float32.

With the Python linker and the optimizer fast_run, 1/3 of b/a at a = 3 is computed in float32. The
default linker is right.
Right, by mpmath at 50 digits: 1/3.
Known upstream: pytensor issue 2430 (open).
"""

# /// script
# dependencies = ["pytensor==3.0.7"]
# ///

from report import report


def compute():
    import pytensor
    from pytensor.compile.mode import Mode

    a, b = pytensor.tensor.dscalars("a", "b")
    outputs = [b / a, pytensor.grad(b / a, b)]
    function = pytensor.function([a, b], outputs, mode=Mode("py", "fast_run"))
    return float(function(3.0, 0.0)[1])


if __name__ == "__main__":
    report("pytensor", compute, right=0.3333333333333333)
