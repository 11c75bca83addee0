"""Bugs in the operations that are off by default: found, and blamed on the right one."""

import math
from functools import partial
from pathlib import Path

import pytest

from gradcheck import Case, check, load_engine, parse
from gradcheck.blame.cause import Cause
from gradcheck.engines.discovery.discover import object_engine
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.kind import Kind, Reason
from gradcheck.operations import DEFAULT_OPERATIONS, OPERATIONS

EVERYTHING = str(Path(__file__).parents[1] / "engines" / "everything.py")
Value = load_engine(EVERYTHING).make

WIDER = [operation for operation in OPERATIONS.values() if operation not in DEFAULT_OPERATIONS]


def used(operation):
    """The operation on what is inside of every domain and at no kink, below a product."""
    operands = ", ".join(("a", "b", "a", "b")[: operation.variables])
    call = {
        "-": "a - b",
        "/": "a/b",
        "neg": "-a",
        "**": "a**3.0",
        "acosh": "acosh(a + 1.0)",
        "leaky_relu": "leaky_relu(a, 0.25)",
        "elu": "elu(-a, 0.25)",
        "clamp": "clamp(a, -1.0, 1.0)",
    }.get(operation.name, f"{operation.name}({operands})")
    return f"s = {call}; b*s + s"


def with_a_bug_in(operation, damage):
    """An engine that does one operation and then damages what came of it."""

    def broken(original, self, *others):
        out = original(self, *others)
        damage(out)
        return out

    original = getattr(Value, operation.method)
    method = lambda self, *others: broken(original, self, *others)  # noqa: E731 - made a method
    return object_engine("broken", type("Value", (Value,), {operation.method: method}))


def halve_the_partials(out):
    out._partials = tuple(0.5 * partial for partial in out._partials)


def add_a_bit(out):
    out.data += 1e-9


SLOPING = [operation for operation in WIDER if operation.name not in {"sign", "floor"}]
"""Half of the derivative of the others is a wrong one."""


@pytest.mark.parametrize("wrapped", [lambda e: e, EngineWithoutNodes], ids=["nodes", "probing"])
@pytest.mark.parametrize("operation", SLOPING, ids=lambda o: o.name)
def test_a_wrong_partial_is_blamed_on_its_operation(operation, wrapped):
    engine = wrapped(with_a_bug_in(operation, halve_the_partials))
    verdict = check(Case(parse(used(operation)), (0.75, 0.5)), engine)
    assert verdict.kind is Kind.WRONG_GRADIENT
    assert (verdict.blame.cause, verdict.blame.operations) == (Cause.WRONG_PARTIAL, (operation,))


@pytest.mark.parametrize("operation", WIDER, ids=lambda o: o.name)
def test_a_wrong_value_is_blamed_on_its_operation(operation):
    verdict = check(Case(parse(used(operation)), (0.75, 0.5)), with_a_bug_in(operation, add_a_bit))
    assert verdict.kind in (Kind.WRONG_VALUE, Kind.IMPRECISE_VALUE)
    assert (verdict.blame.cause, verdict.blame.operations) == (Cause.WRONG_VALUE, (operation,))


@pytest.mark.parametrize("operation", WIDER, ids=lambda o: o.name)
def test_the_same_engine_is_right_without_the_bug(operation):
    engine = with_a_bug_in(operation, lambda out: None)
    assert check(Case(parse(used(operation)), (0.75, 0.5)), engine).kind is Kind.CORRECT


def power_by_its_formula(self, exponent):
    partial = exponent * self.data ** (exponent - 1.0)
    return self._made(self.data**exponent, (self,), (partial,))


def logistic_by_its_formula(self):
    result = 1.0 / (1.0 + math.exp(-self.data))
    return self._made(result, (self,), (result * (1.0 - result),))


def difference_that_forgets_a_sign(self, other):
    return self._made(self.data - other.data, (self, other), (-1.0, -1.0))


FORMULAS_THAT_BREAK = {
    "a power of zero at zero": ("__pow__", power_by_its_formula, "a**0", 0.0, "ZeroDivisionError"),
    "the logistic function far out": (
        *("sigmoid", logistic_by_its_formula, "sigmoid(a)"),
        *(-720.0, "OverflowError"),
    ),
    "a minus a": ("__sub__", difference_that_forgets_a_sign, "a - a", 1.5, "-2.0"),
}


@pytest.mark.parametrize(
    ("method", "function", "formula", "x", "said"),
    FORMULAS_THAT_BREAK.values(),
    ids=FORMULAS_THAT_BREAK,
)
def test_what_breaks_inside_of_the_domain_is_a_finding(method, function, formula, x, said):
    case = Case(parse(formula), (x,))
    broken = check(case, object_engine("broken", type("Value", (Value,), {method: function})))
    assert broken.kind in (Kind.CRASH, Kind.WRONG_GRADIENT)
    [operation] = case.expression.operations
    assert broken.blame.operations == (operation,)
    assert said in f"{broken.run.fault} {broken.gradient[0].backprop}"
    assert check(case, EVERYTHING).kind is Kind.CORRECT


OUTSIDE = {
    "log(a)": -1.0,
    "log(a)*2": 0.0,
    "sqrt(a)": -1.0,
    "1/a": 0.0,
    "a**0.5": -1.0,
    "a**(-1)": 0.0,
    "log(a)*0": -1.0,
}


@pytest.mark.parametrize(("formula", "x"), OUTSIDE.items())
def test_outside_of_a_domain_nothing_is_decided_whatever_the_engine_does(formula, x):
    for engine in (EVERYTHING, object_engine("kind", Kindly)):
        verdict = check(Case(parse(formula), (x,)), engine)
        assert (verdict.kind, verdict.undecided) == (Kind.UNDECIDED, Reason.DOMAIN)


class Kindly(Value):
    """Returns something where others raise an error."""

    def log(self):
        return self._made(0.0, (self,), (0.0,))

    sqrt = log

    def __pow__(self, exponent):
        return self.log()

    def __truediv__(self, other):
        return self.log()

    __rtruediv__ = __truediv__


AT_A_KINK = {
    "relu(a)": (0.0, (0.0, 0.5, 1.0), (-0.1, 1.1)),
    "abs(a)": (0.0, (-1.0, 0.0, 1.0), (-1.1, 2.0)),
    "max(a, 2)": (2.0, (0.0, 0.5, 1.0), (-1.0, 2.0)),
    "3*min(a, -1)": (-1.0, (0.0, 1.0), (-0.5, 1.5)),
}


def with_partial(name, first):
    method = OPERATIONS[name].method
    original = getattr(Value, method)

    def apply(self, *others):
        out = original(self, *others)
        out._partials = (first, *out._partials[1:])
        return out

    return object_engine("kinked", type("Value", (Value,), {method: apply}))


@pytest.mark.parametrize(("formula", "numbers"), AT_A_KINK.items(), ids=AT_A_KINK)
def test_at_a_kink_what_lies_between_the_two_sides_is_right_and_nothing_else(formula, numbers):
    x, right, wrong = numbers
    [name] = {o.name for o in parse(formula).operations} & {"relu", "abs", "max", "min"}
    judge = partial(check, Case(parse(formula), (x,)))
    assert all(judge(with_partial(name, number)).kind is Kind.AT_KINK for number in right)
    assert all(judge(with_partial(name, number)).kind is Kind.WRONG_GRADIENT for number in wrong)
