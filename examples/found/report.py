"""Report whether a defect is still there: what the scripts in this folder share."""

import math
import sys
from importlib import metadata

ULPS = 4
"""Units in the last place that a good library loses in one function."""

SMALLEST = {53: 2.0**-1074, 24: 2.0**-149}
"""The smallest positive number of each format, by the bits of its significand."""


def report(package, compute, *, right, bits=53):
    """Print one line, and exit with 1 if the defect is still there, and with 0 if it is fixed.

    ``compute`` returns a number, or a pair of them, and ``right`` is what it should return. The
    exit code is 2 if the package is not installed.
    """
    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        print(f"NOT INSTALLED  {package}: pip install {package}")
        sys.exit(2)
    try:
        came = compute()
    except Exception as error:  # noqa: BLE001 - an error is what some defects are
        came = type(error).__name__
    fixed = is_right(came, right, bits)
    outcome = "FIXED" if fixed else "STILL THERE"
    print(f"{outcome:<11}  {package} {version} gives {came}, right is {right}")
    sys.exit(0 if fixed else 1)


def is_right(came, right, bits):
    """Tell whether a number, or each of a pair, is within ``ULPS`` of the right one."""
    if isinstance(right, tuple):
        return isinstance(came, tuple) and all(
            is_right(*numbers, bits) for numbers in zip(came, right, strict=True)
        )
    ulp = max(2.0 ** (math.frexp(right)[1] - bits), SMALLEST[bits])
    return isinstance(came, float) and abs(came - right) <= ULPS * ulp
