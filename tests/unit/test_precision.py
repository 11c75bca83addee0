"""Floating-point formats, and verdicts on engines that compute in them."""

import math

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import Case, check, load_engine, parse
from gradcheck.expression import Constant
from gradcheck.kind import Kind
from gradcheck.operations import OPERATIONS
from gradcheck.oracles.certificate import certify
from gradcheck.precision import BFLOAT16, FLOAT16, FLOAT32, FLOAT64, Precision, TooLargeError

FLUSHED = Precision(
    name="flushed",
    digits=53,
    unit_roundoff=2.0**-53,
    smallest_subnormal=2.0**-1074,
    largest=FLOAT64.largest,
    flush_to_zero=True,
)


@given(
    st.floats(-1e38, 1e38)
    | st.floats(-1e5, 1e5)
    | st.floats(-1e-6, 1e-6)
    | st.floats(-1e-37, 1e-37)
    | st.floats(-1e-44, 1e-44)
)
def test_the_nearest_number_of_a_format_is_numpys(x):
    assert FLOAT32.nearest(x).hex() == float(np.float32(x)).hex()
    with np.errstate(over="ignore"):
        assert FLOAT16.nearest(x).hex() == float(np.float16(x)).hex()
    # ml_dtypes also rounds to float32 first.
    x = float(np.float32(x))
    assert BFLOAT16.nearest(x).hex() == float(ml_dtypes.bfloat16(x)).hex()
    assert FLOAT64.nearest(x).hex() == x.hex()


@pytest.mark.parametrize("precision", [FLOAT32, BFLOAT16, FLOAT16, FLOAT64], ids=lambda p: p.name)
def test_a_format_has_the_range_and_the_roundoff_that_it_declares(precision):
    assert precision.holds(precision.largest)
    assert precision.holds(precision.smallest_subnormal)
    assert precision.nearest(1.0 + 3.0 * precision.unit_roundoff) > 1.0
    if precision is not FLOAT64:
        assert not precision.holds(1.0 + precision.unit_roundoff)
        assert precision.nearest(2.0 * precision.largest) == math.inf
        assert not precision.holds(precision.smallest_subnormal / 2.0)


def test_numbers_below_the_normal_range_are_flushed_to_zero():
    assert FLUSHED.nearest(-(2.0**-1023)).hex() == "-0x0.0p+0"
    assert FLUSHED.nearest(2.0**-1022) == 2.0**-1022


def test_the_numbers_of_a_case_are_rounded_to_the_format():
    case = FLOAT32.nearest_case(Case(parse("a*0.1 + a**0.1"), (0.3,)))
    constants = [node.value for node in case.expression.nodes if isinstance(node, Constant)]
    assert constants == [float(np.float32(0.1))] * 2
    assert case.point == (float(np.float32(0.3)),)
    with pytest.raises(TooLargeError, match=r"1e\+39 is too large for float32"):
        FLOAT32.nearest_case(Case(parse("a"), (1e39,)))


def test_an_engine_may_allow_an_operation_more_roundoff():
    tanh, exp = OPERATIONS["tanh"], OPERATIONS["exp"]
    lenient = FLOAT64.with_allowances({"tanh": 32})
    assert (lenient.roundings(tanh), lenient.roundings(exp)) == (32, 8)
    assert lenient.with_allowances({"exp": 16}).roundings(tanh) == 32

    def width(precision):
        [*_, value] = certify(Case(parse("tanh(a)"), (0.5,)), precision).values
        return float(value.allowed_error)

    assert 3.9 < width(lenient) / width(FLOAT64) < 4.1


def test_flushing_to_zero_widens_the_allowed_error_below_the_normal_range():
    case = Case(parse("a*0.5"), (2.0**-1022,))
    lost = float(certify(case, FLUSHED).values[-1].allowed_error) / 2.0**-1022
    assert 1.0 <= lost < 1.0 + 2.0**-24  # a radius has 30 bits
    assert certify(case, FLOAT64).values[-1].allowed_error == 0


FLOAT32_ENGINE = """
import numpy as np

class Value:
    def __init__(self, data, operands=(), partials=()):
        self.data, self.grad = np.float32(data), np.float32(0)
        self.operands, self.partials = operands, partials

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, (self,), (PARTIAL,))

    def backward(self, above=np.float32(1)):
        self.grad = self.grad + above
        for operand, partial in zip(self.operands, self.partials):
            operand.backward(above * partial)
"""


@pytest.mark.parametrize(
    ("partial", "kind"),
    [
        ("1 - t*t", Kind.CORRECT),
        ("(1 - t*t) * np.float32(1 + 1e-5)", Kind.IMPRECISE_GRADIENT),
        ("1 - t", Kind.WRONG_GRADIENT),
    ],
)
def test_an_engine_in_float32_is_judged_by_the_bound_of_float32(tmp_path, partial, kind):
    (tmp_path / "mine.py").write_text(FLOAT32_ENGINE.replace("PARTIAL", partial))
    engine = load_engine(f"{tmp_path / 'mine.py'}:Value")
    assert engine.precision == FLOAT32
    verdict = check(Case(parse("tanh(a*b)"), (0.1, 0.7)), engine)
    assert verdict.kind is kind
    assert verdict.case.point == (float(np.float32(0.1)), float(np.float32(0.7)))


@pytest.mark.parametrize("partial", ["1 - t*t", "(1 - t)*(1 + t)"])
def test_an_engine_in_float16_is_recognised_and_not_accused(tmp_path, partial):
    half = FLOAT32_ENGINE.replace("float32", "float16").replace("PARTIAL", partial)
    (tmp_path / "mine.py").write_text(half)
    engine = load_engine(f"{tmp_path / 'mine.py'}:Value")
    assert engine.precision == FLOAT16
    assert check(Case(parse("tanh(a*b)"), (0.1, 0.7)), engine).kind is Kind.CORRECT


def test_a_wrong_derivative_in_float16_is_found(tmp_path):
    half = FLOAT32_ENGINE.replace("float32", "float16").replace("PARTIAL", "1 - t")
    (tmp_path / "mine.py").write_text(half)
    verdict = check(Case(parse("tanh(a*b)"), (0.1, 0.7)), f"{tmp_path / 'mine.py'}:Value")
    assert verdict.signature == "wrong-partial-of-tanh"
