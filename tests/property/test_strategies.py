"""The strategies: what they draw, that their options are kept, and how they shrink."""

import math
from collections import Counter
from itertools import islice

import pytest
import sympy
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from gradcheck import Case, check, parse
from gradcheck.expression import Apply, Constant, Input
from gradcheck.formula import write
from gradcheck.generation.stream import random_expressions
from gradcheck.operations import DEFAULT_OPERATIONS, OPERATIONS, Operation, operations_named
from gradcheck.strategies import cases, expressions, points

ANY = settings(phases=[Phase.generate], max_examples=5_000)  # what occurs need not shrink


def applications(expression):
    return [node for node in expression.nodes if isinstance(node, Apply)]


def uses(expression):
    """How often each node is used."""
    return Counter(operand for node in applications(expression) for operand in node.operands)


def has_square(expression, name="*"):
    return any(
        node.operation.name == name and node.operands[0] == node.operands[1]
        for node in applications(expression)
        if len(node.operands) == 2
    )


def has_constant(expression, side):
    return any(
        isinstance(expression.nodes[node.operands[side]], Constant)
        and not isinstance(expression.nodes[node.operands[1 - side]], Constant)
        for node in applications(expression)
        if len(node.operands) == 2
    )


def float_constants(expression):
    constants = [node.value for node in expression.nodes if isinstance(node, Constant)]
    return [number for number in constants if isinstance(number, float)]


def shared_operation(expression):
    used = uses(expression)
    return any(
        isinstance(node, Apply) and used[position] > 1
        for position, node in enumerate(expression.nodes)
    )


def has_diamond(expression):
    """Whether two branches of which neither is in the other meet, and share an operation."""
    below = []  # of each node, the operations that it depends on, itself among them
    for position, node in enumerate(expression.nodes):
        if not isinstance(node, Apply):
            below.append(frozenset())
            continue
        below.append(frozenset([position]).union(*(below[operand] for operand in node.operands)))
        left, right = node.operands[0], node.operands[-1]
        apart = left not in below[right] and right not in below[left]
        if apart and left != right and below[left] & below[right]:
            return True
    return False


def chain_length(expression):
    lengths = []
    for node in expression.nodes:
        operands = node.operands if isinstance(node, Apply) else ()
        lengths.append(max((lengths[i] + 1 for i in operands), default=0))
    return lengths[expression.output]


FEATURES = {
    "a*a": has_square,
    "a+a": lambda e: has_square(e, "+"),
    "a shared operation": shared_operation,
    "a diamond": has_diamond,
    "an input on two paths": lambda e: any(uses(e)[i] > 1 for i in range(len(e.inputs))),
    "an unused input": lambda e: not all(e.used[: len(e.inputs)]),
    "an input that is the output": lambda e: isinstance(e.nodes[e.output], Input),
    "a constant on the left": lambda e: has_constant(e, 0),
    "a constant on the right": lambda e: has_constant(e, 1),
    "an int": lambda e: any(isinstance(n, Constant) and type(n.value) is int for n in e.nodes),
    "a float that is whole": lambda e: any(map(float.is_integer, float_constants(e))),
    "a very large constant": lambda e: any(abs(number) >= 1e20 for number in float_constants(e)),
    "a long chain": lambda e: chain_length(e) >= 10,
    "two branches that meet": lambda e: any(
        len(set(node.operands)) == 2
        and all(isinstance(e.nodes[operand], Apply) for operand in node.operands)
        for node in applications(e)
    ),
    "a wide sum": lambda e: sum(node.operation.name == "+" for node in applications(e)) >= 6,
    "all operations": lambda e: len(e.operations) == 3,
    "three inputs in use": lambda e: e.used[:3] == (True,) * 3 and len(e.inputs) == 3,
}


@pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES)
def test_expressions_have_every_shape_that_matters(feature):
    find(expressions(max_ops=15), feature, settings=ANY)


@pytest.mark.parametrize(
    ("feature", "options"),
    [
        ("a*a", {"operations": operations_named("+ tanh")}),
        ("a diamond", {"max_ops": 3}),
        ("a long chain", {"max_ops": 9}),
        ("three inputs in use", {"max_inputs": 2}),
    ],
)
def test_a_shape_that_the_options_exclude_is_not_found(feature, options):
    with pytest.raises(NoSuchExample):
        find(expressions(**options), FEATURES[feature], settings=settings(ANY, max_examples=500))


def test_long_runs_draw_every_shape_too():
    expressions = [
        e for e, _ in islice(random_expressions(DEFAULT_OPERATIONS, max_ops=15, seed="0"), 3000)
    ]
    missing = [name for name, feature in FEATURES.items() if not any(map(feature, expressions))]
    assert missing == []


POINTS = {
    "an exact zero": lambda point: 0.0 in point,
    "equal inputs": lambda point: point[0] == point[1] != 0.0,
    "the tail of tanh": lambda point: any(abs(number) > 15.0 for number in point),
    "a subnormal number": lambda point: any(0.0 < abs(x) < 2.0**-1022 for x in point),
    "a very small number": lambda point: any(2.0**-1022 <= abs(x) < 1e-7 for x in point),
    "a very large number": lambda point: any(abs(x) > 1e20 for x in point),
    "an ordinary number": lambda point: any(not (8 * x).is_integer() for x in point),
    "a negative number": lambda point: min(point) < 0.0,
}


@pytest.mark.parametrize("feature", POINTS.values(), ids=POINTS)
def test_points_have_every_kind_of_number_that_matters(feature):
    find(points(2), feature, settings=ANY)


@given(expressions())
def test_the_output_depends_on_every_operation(expression):
    assert all(
        used
        for node, used in zip(expression.nodes, expression.used, strict=True)
        if not isinstance(node, Input)
    )


@given(
    st.sets(st.sampled_from([*OPERATIONS]), min_size=1),
    st.integers(0, 6),
    st.integers(1, 5),
    st.sampled_from([0.25, 1.0, 100.0]),
    st.data(),
)
def test_the_options_are_kept(names, max_ops, max_inputs, magnitude, data):
    operations = operations_named(" ".join(names))
    expression = data.draw(
        expressions(
            operations=operations, max_ops=max_ops, max_inputs=max_inputs, magnitude=magnitude
        )
    )
    assert expression.operations <= set(operations)
    assert expression.size <= max_ops
    assert 1 <= len(expression.inputs) <= max_inputs
    applied = [node for node in expression.nodes if isinstance(node, Apply)]
    exponents = {i for node in applied if node.operation.parameters for i in node.operands[1:]}
    constants = [
        node.value
        for position, node in enumerate(expression.nodes)
        if isinstance(node, Constant) and position not in exponents
    ]
    assert all(abs(number) <= magnitude or abs(number) >= 1e20 for number in constants)


def test_the_largest_size_is_reached():
    assert find(expressions(), lambda e: e.size == 10, settings=ANY).size == 10
    assert find(expressions(max_ops=30), lambda e: e.size >= 25, settings=ANY).size >= 25


@given(points(3, magnitude=0.5))
def test_the_magnitude_of_points_is_kept_but_for_the_tail(point):
    assert all(abs(number) <= 0.5 or abs(number) >= 5.0 for number in point)


@given(cases(operations=operations_named("+ tanh"), max_ops=2, max_inputs=1, magnitude=0.5))
def test_cases_keep_the_options_too(case):
    assert OPERATIONS["*"] not in case.expression.operations
    assert case.expression.size <= 2
    assert len(case.point) == 1
    assert abs(case.point[0]) <= 0.5 or abs(case.point[0]) >= 5.0


@given(expressions())
def test_the_text_names_the_inputs_in_use_and_no_other(expression):
    in_use = {name for name, used in zip(expression.inputs, expression.used, strict=False) if used}
    assert set(parse(write(expression)).inputs) == in_use


@pytest.mark.parametrize(
    "options",
    [
        *({"operations": ()}, {"max_ops": -1}, {"max_ops": 1001}),
        *({"max_inputs": 0}, {"max_inputs": 27}),
    ],
)
def test_options_that_allow_no_expression_are_refused(options):
    with pytest.raises(ValueError, match="needs at least one operation"):
        expressions(**options)


def test_an_operation_may_have_more_operands_than_two():
    clamp = Operation("clamp", lambda low, x, high: sympy.Min(sympy.Max(low, x), high), arity=3)
    two = find(expressions(operations=(clamp,)), lambda expression: expression.size == 2)
    assert [len(node.operands) for node in applications(two)] == [3, 3]


@pytest.mark.parametrize("magnitude", [0.0, -1.0, math.inf, math.nan])
def test_a_magnitude_is_a_positive_number(magnitude):
    with pytest.raises(ValueError, match="positive"):
        points(2, magnitude=magnitude)
    with pytest.raises(ValueError, match="positive"):
        cases(magnitude=magnitude)


@pytest.mark.parametrize(
    ("condition", "smallest"),
    [
        (lambda e: True, "a"),
        (lambda e: e.size > 0, "a + a"),
        (has_square, "a*a"),
        (lambda e: OPERATIONS["tanh"] in e.operations, "tanh(a)"),
        (lambda e: OPERATIONS["tanh"] in e.operations and has_square(e), "tanh(a*a)"),
        (lambda e: len(e.inputs) == 2 and all(e.used[:2]), "a + b"),
        (lambda e: has_constant(e, 0), "2 + a"),
        (shared_operation, "n1 = a + a; n1 + n1"),
        (
            lambda e: shared_operation(e) and len(e.operations) == 2 and has_square(e),
            "n1 = a + a; n1*n1",
        ),
        (has_diamond, "n1 = a + a; n1 + n1 + (n1 + n1)"),
        (lambda e: chain_length(e) == 4, "n1 = a + a; n2 = n1 + n1; n3 = n2 + n2; n3 + n3"),
    ],
)
def test_a_condition_shrinks_to_the_smallest_expression_that_meets_it(condition, smallest):
    found = find(expressions(), condition)
    assert found.size == sum(write(found).count(sign) for sign in ("+", "*", "tanh"))
    assert write(found) == smallest


def test_sharing_survives_the_deletion_of_what_is_between():
    found = find(expressions(max_ops=20), lambda e: shared_operation(e) and len(e.inputs) == 3)
    assert found.size == 2


@settings(max_examples=300)
@given(cases())
def test_a_case_is_one_that_any_test_can_use(case):
    assert isinstance(case, Case)
    assert not check(case, "engine:Value", whole_formula=False).kind.is_finding
