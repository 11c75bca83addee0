"""A row of one's own is compared with its definition before it is used."""

import math

import pytest
import sympy

from gradcheck import Case, Operation, check
from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.oracles.own_rows import require_true_formulas
from gradcheck.oracles.rows import RowError


def mish(x):
    return x * sympy.tanh(sympy.log(1 + sympy.exp(x)))


def sinc(x):
    return sympy.sin(x) / x


def applied(operation):
    """The operation alone, on as many inputs as it has variables."""
    inputs = map(Input, "abc"[: operation.variables])
    parameters = [Constant(2.0)] * operation.parameters
    return Expression((*inputs, *parameters, Apply(operation, tuple(range(operation.arity)))))


LN2 = "0.6931471805599453"

RIGHT = {
    "a definition": Operation("mish", mish),
    "a result by another formula": Operation(
        "mish", mish, results=lambda: ("a*tanh(softplus(a))",)
    ),
    "a constant that is rounded": Operation(
        "log_2",
        lambda x: sympy.log(x) / sympy.log(2),
        contributions=lambda: ((f"g/({LN2}*a)",),),
    ),
    "a hole that is filled": Operation("sinc_", sinc, holes=(0.0,)),
    "a parameter": Operation(
        "scaled",
        lambda x, n: n * x,
        arity=2,
        parameters=1,
        contributions=lambda n: ((f"g*{n!r}",),),
        in_floats=lambda x, n: n * x,
    ),
    "a domain": Operation("root", sympy.sqrt, in_floats=math.sqrt),
}


@pytest.mark.parametrize("operation", RIGHT.values(), ids=RIGHT)
def test_a_row_that_agrees_with_its_definition_is_accepted(operation):
    require_true_formulas(applied(operation))


WRONG = {
    "a result": (
        Operation("mish", mish, results=lambda: ("a",)),
        "the result a at 0.75 is 0.75, and by the definition 0.61",
    ),
    "a contribution": (
        Operation("mish", mish, contributions=lambda: (("g*r",),)),
        "the contribution g\\*r to operand 1 at 0.75, for g = 0.75, is 0.45",
    ),
    "a contribution to the second operand": (
        Operation("plus", lambda x, y: x + y, arity=2, contributions=lambda: (("g",), ("-g",))),
        "the contribution -g to operand 2",
    ),
    "a formula that is none": (
        Operation("mish", mish, contributions=lambda: (("g*r +* 2",),)),
        "its row cannot be used: `g\\*r \\+\\* 2` is not a formula",
    ),
    "a partial": (
        Operation("mish", mish, partials=lambda x, _r: [x]),
        "partial 1 is 0.75, and the derivative of the definition",
    ),
    "a hole": (
        Operation("pole", lambda x: 1 / x, holes=(0.0,)),
        "`holes` has 0.0, where the limit of the definition is zoo",
    ),
    "a hole of two operands": (
        Operation("ratio", lambda x, y: x / y, arity=2, holes=(0.0,)),
        "only an operation on one operand can have `holes`",
    ),
    "a value in floats": (
        Operation("mish", mish, in_floats=lambda x: x),
        "`in_floats` at 0.75 is 0.75, and by the definition 0.61",
    ),
    "a definition of two operands": (
        Operation("ratio", lambda x, y: x / y),
        "its row cannot be used: .*missing 1 required positional argument",
    ),
    "a definition that balls are not taught": (
        Operation("bessel", lambda x: sympy.besselj(0, x)),
        "its row cannot be used: no ball arithmetic for besselj",
    ),
}


@pytest.mark.parametrize(
    "fields",
    [
        {"arity": 1.0},
        {"arity": 0},
        {"parameters": "x"},
        {"parameters": 1},
        {"roundings": -1},
        {"roundings": math.inf},
        {"roundings": "8"},
        {"absolute_error": math.nan},
        {"absolute_error": -1.0},
        {"derivative_ulps": -8},
        {"derivative_ulps": 0.5},
        {"derivative_error": 8.0},
        {"derivative_ulps": 4, "partials": lambda x, _r: [x]},
        {"method": 3},
    ],
    ids=" and ".join,
)
def test_a_field_that_is_no_such_number_is_refused(fields):
    with pytest.raises((TypeError, ValueError), match="mish: "):
        Operation("mish", mish, **fields)


@pytest.mark.parametrize(("operation", "message"), WRONG.values(), ids=WRONG)
def test_a_row_that_contradicts_its_definition_is_one_line(operation, message):
    with pytest.raises(RowError, match=f"operation {operation.name}: .*{message}") as caught:
        check(Case(applied(operation), (0.5,) * operation.variables), "engine:Value")
    assert "\n" not in str(caught.value)
