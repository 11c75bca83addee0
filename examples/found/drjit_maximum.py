"""drjit: maximum ends the process.

With LLVM 14 or 15, maximum becomes the instruction fmaximum, which the code generator for x86-64
does not know. minimum has the same defect. With another LLVM it may be right. The three lines run
in a child process.
Right, by mpmath at 50 digits: max(0.5, 0.25) = 0.5, and its derivative is 1.
Known upstream: llvm-project issue 53353.
"""

# /// script
# dependencies = ["drjit==1.5.0"]
# ///

from report import report

LINES = """
import drjit
from drjit.llvm.ad import Float64

x = drjit.opaque(Float64, 0.5)
drjit.enable_grad(x)
y = drjit.maximum(x, 0.25)
drjit.backward(y)
print(y[0], drjit.grad(x)[0])
"""


def compute():
    import subprocess
    import sys

    came = subprocess.run(
        [sys.executable, "-c", LINES], capture_output=True, text=True, check=False
    )
    if came.returncode != 0:
        return f"exit code {came.returncode}"
    value, gradient = came.stdout.split()
    return float(value), float(gradient)


if __name__ == "__main__":
    report("drjit", compute, right=(0.5, 1.0))
