"""num-dual: the spherical Bessel function j2 is -1 near 0, where it is 7e-20.

The formula with sin and cos loses every digit near 0, and the series is used below 2.2e-16 only.
j1 has the same defect.
Right, by mpmath at 50 digits: (3/x**3 - 1/x) sin(x) - 3 cos(x)/x**2 and its derivative at 1e-9.
Known upstream: not found; pull request 113 mended negative x.
"""

# /// script
# dependencies = ["num-dual==0.15.1"]
# ///

from report import report


def compute():
    from num_dual import first_derivative

    return first_derivative(lambda x: x.sph_j2(), 1e-9)


if __name__ == "__main__":
    report("num-dual", compute, right=(6.666666666666667e-20, 1.3333333333333334e-10))
