"""The steps of the tour that the page docs/tour.md does not run."""

import math
import random

import graphviz
import pytest

from gradcheck import Case, Expression, Kind, check, parse
from gradcheck.comparison import Comparison
from gradcheck.engine import MLP, Layer, Neuron, Value, draw_dot, trace
from gradcheck.expression import Apply, Constant, Input
from gradcheck.operations import OPERATIONS
from gradcheck.oracles.certificate import certify
from gradcheck.oracles.slope import certify_slope, moved


def test_the_slope_of_a_parabola_at_3_is_close_to_14():
    case = Case(parse("3*x*x + -4*x + 5"), (3.0,))
    verdict = check(case, "engine:Value", step=0.001)
    [row] = verdict.gradient
    assert row.backprop == 14.0
    assert abs(row.slope - row.symbolic) <= row.slope_allowed_error
    assert row.slope == 14.00300000000243  # in exact arithmetic 14 + 3h


def test_a_slope_that_is_off_by_more_than_its_bar_does_not_agree():
    case = Case(parse("a*b + c"), (2.0, -3.0, 10.0))
    certified = certify_slope(case, moved(case, 0, 0.001), certify(case), 0, 0.001)
    assert Comparison(-3.0000000000001137, certified).agrees
    assert Comparison(-3.0000000001, certified).agrees is False


def walk():
    """The two graphs of the walk: d = a*b + c, and L = d*f."""
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    f = Value(-2.0, label="f")
    out = d * f
    out.label = "L"
    return {node.label: node for node in (a, b, c, d, e, f, out)}


def test_a_value_knows_what_it_was_made_of():
    nodes = walk()
    d = nodes["d"]
    assert d._prev == {nodes["e"], nodes["c"]}
    assert {repr(node) for node in d._prev} == {"Value(data=-6.0)", "Value(data=10.0)"}
    assert d._op == "+"
    assert (nodes["a"]._prev, nodes["a"]._op) == (set(), "")


def test_a_gradient_is_zero_until_a_backward_pass_reaches_the_node():
    assert [node.grad for node in walk().values()] == [0.0] * 7


@pytest.mark.parametrize(
    ("compute", "data", "grad"),
    [
        (lambda a: 2 * a, 4.0, 2.0),
        (lambda a: a * 2, 4.0, 2.0),
        (lambda a: a + 1, 3.0, 1.0),
        (lambda a: 1 + a, 3.0, 1.0),
        (lambda a: -a, -2.0, -1.0),
        (lambda a: a - 1, 1.0, 1.0),
        (lambda a: 1 - a, -1.0, -1.0),
        (lambda a: a - a, 0.0, 0.0),
        (lambda a: a / 4, 0.5, 0.25),
        (lambda a: 4 / a, 2.0, -1.0),
        (lambda a: a / a, 1.0, 0.0),
        (lambda a: a**3, 8.0, 12.0),
        (lambda a: a**0, 1.0, 0.0),
        (lambda a: a**-1, 0.5, -0.25),
        (lambda a: a.exp(), math.exp(2.0), math.exp(2.0)),
        (lambda a: a.relu(), 2.0, 1.0),
        (lambda a: (-a).relu(), 0.0, 0.0),
    ],
)
def test_what_micrograds_users_expect(compute, data, grad):
    a = Value(2.0)
    out = compute(a)
    out.backward()
    assert (out.data, a.grad) == (data, grad)


def test_a_constant_to_the_power_of_zero_at_zero_has_no_slope_and_raises_nothing():
    a = Value(0.0)
    (a**0).backward()
    assert a.grad == 0.0


def test_the_trace_has_the_nodes_and_the_edges():
    nodes = walk()
    found, edges = trace(nodes["d"])
    assert found == {nodes[name] for name in "abcde"}
    pairs = [("a", "e"), ("b", "e"), ("e", "d"), ("c", "d")]
    assert edges == {(nodes[operand], nodes[result]) for operand, result in pairs}


def test_the_drawing_has_a_record_for_each_value_and_a_node_for_each_operation():
    source = draw_dot(walk()["L"]).source
    assert "{ a | data 2.0000 | grad 0.0000 }" in source
    assert "{ L | data -8.0000 | grad 0.0000 }" in source
    assert source.count("shape=record") == 7
    assert [source.count(f'label="{op}"') for op in "*+"] == [2, 1]
    assert "rankdir=LR" in source


def test_the_drawing_is_a_graph_of_graphviz_in_the_format_asked_for():
    assert isinstance(draw_dot(Value(1.0)), graphviz.Digraph)
    assert draw_dot(Value(1.0)).format == "svg"
    assert draw_dot(Value(1.0), format="png").format == "png"


def test_a_square_is_drawn_with_both_edges():
    a = Value(3.0)
    assert draw_dot(a * a, rankdir="TB").source.count("n0 -> n1op") == 2


def test_labels_are_only_text_to_graphviz():
    assert r"\{a \| b\}" in draw_dot(Value(1.0, label="{a | b}")).source


def test_another_direction_is_a_clear_error():
    with pytest.raises(ValueError, match=r"'LR' .* or 'TB' .*, not 'up'"):
        draw_dot(Value(1.0), rankdir="up")


@pytest.mark.parametrize(
    ("module", "number"),
    [
        (Neuron(2, rng=random.Random(0)), 3),
        (Layer(2, 4, rng=random.Random(0)), 12),
        (MLP(2, [4, 1]), 17),
    ],
)
def test_neurons_layers_and_networks_have_parameters_to_set_to_zero(module, number):
    parameters = module.parameters()
    for parameter in parameters:
        parameter.grad = 1.0
    module.zero_grad()
    assert [parameter.grad for parameter in parameters] == [0.0] * number


def two_classes(number):
    """Points inside and outside a circle."""
    rng = random.Random(1)
    points = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(number)]
    return [(point, 1.0 if math.hypot(*point) < 0.7 else -1.0) for point in points]


def loss_of(model, data):
    """The sum of squared errors, out of + and * and tanh alone."""
    total = Value(0.0)
    for point, wanted in data:
        [output] = model(point)
        error = output + -wanted
        total = total + error * error
    return total


def train(model, data, *, steps):
    for _ in range(steps):
        model.zero_grad()
        loss_of(model, data).backward()
        for parameter in model.parameters():
            parameter.data -= 0.05 * parameter.grad


def is_separated(model, data):
    return all(model(point)[0].data * wanted > 0.0 for point, wanted in data)


@pytest.fixture(scope="module")
def trained():
    model, data = MLP(2, [6, 4, 1], seed=2), two_classes(24)
    train(model, data, steps=300)
    return model, data


def test_a_network_trains_until_it_separates_two_classes(trained):
    assert is_separated(*trained)


def test_a_network_that_is_not_trained_does_not_separate_them():
    assert not is_separated(MLP(2, [6, 4, 1], seed=2), two_classes(24))


def as_case(root, inputs):
    """A graph of Values as a case: the given leaves are inputs, all others constants."""
    nodes = [Input(f"w{i}") for i in range(len(inputs))]
    position_of = {leaf: i for i, leaf in enumerate(inputs)}
    pending = [root]
    while pending:
        value = pending[-1]
        missing = [operand for operand in value._operands if operand not in position_of]
        if missing:
            pending += missing
            continue
        pending.pop()
        if value not in position_of:
            operands = tuple(position_of[operand] for operand in value._operands)
            is_leaf = not value._op
            nodes.append(
                Constant(value.data) if is_leaf else Apply(OPERATIONS[value._op], operands)
            )
            position_of[value] = len(nodes) - 1
    return Case(
        Expression(tuple(nodes), output=position_of[root]), tuple(leaf.data for leaf in inputs)
    )


def test_the_loss_of_a_trained_network_is_a_case_like_any_other(trained):
    model, data = trained
    case = as_case(loss_of(model, data), model.parameters())
    assert case.expression.size > 2_000
    verdict = check(case, "engine:Value")
    assert verdict.kind is Kind.CORRECT
    assert len(verdict.gradient) == 51


def test_the_same_loss_on_a_broken_engine_is_not_proved():
    model = MLP(2, [2, 1], seed=2)
    case = as_case(loss_of(model, two_classes(3)), model.parameters())
    assert check(case, "engine.broken:overwrites_gradient").kind is Kind.WRONG_GRADIENT
