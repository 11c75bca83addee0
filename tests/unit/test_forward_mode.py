"""Engines that carry derivatives forward, or compute in other numbers than real ones."""

from contextlib import nullcontext
from dataclasses import dataclass

import pytest

from gradcheck import Case, check, parse
from gradcheck.engines.functions import FunctionEngine
from gradcheck.kind import Kind, Reason
from gradcheck.precision import FLOAT64


@dataclass
class Dual:
    """A number with its derivative for each input."""

    value: float
    slopes: tuple[float, ...]

    def __mul__(self, other):
        slopes = zip(self.slopes, other.slopes, strict=True)
        return Dual(
            self.value * other.value, tuple(x * other.value + y * self.value for x, y in slopes)
        )

    def log(self):
        partial = 1.0 / self.value if self.value else float("inf")
        return Dual(-700.0, tuple(x * partial for x in self.slopes))


class Forward:
    """Derivatives carried forward."""

    def settings(self):
        return nullcontext()

    def number(self, x):
        return Dual(x, (0.0, 0.0))

    def value(self, function, point):
        return self.value_and_gradient(function, point)[0]

    def value_and_gradient(self, function, point):
        inputs = [Dual(x, tuple(map(float, (i == 0, i == 1)))) for i, x in enumerate(point)]
        out = function(*inputs)
        return out.value, out.slopes


class Wrong(Forward):
    """The same, with a NaN that no partial explains."""

    def value_and_gradient(self, function, point):
        value, slopes = super().value_and_gradient(function, point)
        return value, (float("nan"), *slopes[1:])


def engine(transform):
    functions = {"*": Dual.__mul__, "log": Dual.log}
    return FunctionEngine("forward", transform, functions, FLOAT64)


def test_a_partial_that_is_no_number_may_spoil_every_input_in_forward_mode():
    verdict = check(Case(parse("log(b)", inputs=["a", "b"]), (0.0, 0.0)), engine(Forward()))
    assert (verdict.kind, verdict.undecided) == (Kind.UNDECIDED, Reason.DOMAIN)


def test_a_nan_where_every_partial_is_a_number_is_wrong():
    case = Case(parse("b*b", inputs=["a", "b"]), (2.0, 3.0))
    assert check(case, engine(Forward())).kind is Kind.CORRECT
    assert check(case, engine(Wrong())).kind is Kind.NON_FINITE


class Complex(Forward):
    """A library whose powers of negative numbers are complex, as Python's are."""

    def number(self, x):
        return x

    def value_and_gradient(self, function, point):
        value = function(*point)
        return value, [0.5 / value for _ in point]


@pytest.mark.parametrize("stage", ["value", "gradient"])
def test_a_number_that_is_not_real_is_an_error_of_the_engine(stage):
    functions = {"sqrt": (lambda x: x**0.5) if stage == "value" else lambda x: abs(x) ** 0.5}
    of_complex = FunctionEngine("complex", Complex(), functions, FLOAT64)
    if stage == "gradient":
        of_complex.transform.value_and_gradient = lambda function, point: (function(*point), [1j])
    run = of_complex.run(Case(parse("sqrt(a)"), (-1.0,)))
    assert run.fault is not None
    assert "complex" in str(run.fault)
