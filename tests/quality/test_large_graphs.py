"""The loss of a network: thousands of operations, each parameter's gradient proved or blamed."""

import importlib.util
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from gradcheck import Case, Kind, check, load_engine, trace
from gradcheck.blame.nodes import MAX_NODES_TO_PROBE, MAX_USES_TO_ASK, Nodes
from gradcheck.engine.nn import MLP
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.formula import parse
from gradcheck.oracles.certificate import certify
from gradcheck.oracles.slope import slopes_to_take

EXAMPLE = Path(__file__).parents[2] / "examples" / "mlp_loss.py"


def example():
    spec = importlib.util.spec_from_file_location("mlp_loss", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def squares_of_outputs(*sizes):
    """The squares of a network's outputs for two points, added up."""
    rng = random.Random(0)
    model = MLP(2, sizes)
    names = [f"x{number}" for number, _ in enumerate(model.parameters())]
    points = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(2)]

    def outputs(**parameters):
        example().put_in(model, parameters.values())
        total = 0.0
        for point in points:
            [output] = model(point)
            total = total + output * output
        return total

    expression = trace(outputs, names)
    return Case(expression, tuple(rng.uniform(-1.0, 1.0) for _ in names))


@pytest.fixture(scope="module")
def network():
    """More inputs than are shown, more uses than are asked, and more work than slopes get."""
    return squares_of_outputs(16, 16, 1)


@pytest.mark.parametrize("name", ["gradcheck", "micrograd"])
def test_the_loss_of_a_network_is_proved_by_every_parameter(name, capsys):
    verdict = example().main(name, sizes=(4, 4, 1), points=10)
    assert {row.kind for row in verdict.rows} == {Kind.CORRECT}
    assert len(verdict.gradient) == 37
    assert capsys.readouterr().out.splitlines() == [
        f"{verdict.engine}: {verdict.case.expression.size} operations, "
        "37 of 37 gradients are proved to be right.",
        "Correct: proved, every number is within rounding error of the true one.",
    ]


@pytest.mark.parametrize(
    ("engine", "signature"),
    [
        ("sign_in_sum", "wrong-partial-of-add"),
        ("overwrites_in_product", "lost-contribution-of-mul"),
        ("truncates_sum", "wrong-value-of-add"),
    ],
)
def test_a_bug_in_a_large_graph_is_blamed(network, engine, signature):
    verdict = check(network, f"engine.broken:{engine}")
    assert verdict.signature == signature
    assert verdict.blame.positions


@pytest.mark.parametrize(
    ("engine", "signature"),
    [
        ("sign_in_sum", "wrong-partial-of-add"),
        ("overwrites_in_product", "lost-contribution-of-mul"),
        ("forgets_upstream_in_tanh", "forgotten-upstream-of-tanh"),
    ],
)
def test_a_bug_in_a_large_graph_is_blamed_without_a_look_at_its_nodes(engine, signature):
    case = squares_of_outputs(4, 4, 1)
    assert len(case.expression.nodes) > 2 * MAX_NODES_TO_PROBE
    opaque = EngineWithoutNodes(load_engine(f"engine.broken:{engine}"))
    assert check(case, opaque).signature == signature


def test_of_thousands_of_uses_some_of_each_operation_are_asked(network):
    def asked(case):
        engine = load_engine("engine:Value")
        uses = Nodes(case, engine, engine.run(case), certify(case)).every_use()
        return Counter(use.operation.name for use in uses.values())

    assert asked(network) == {"+": MAX_USES_TO_ASK, "*": MAX_USES_TO_ASK, "tanh": 66}
    few = squares_of_outputs(4, 4, 1)
    assert sum(asked(few).values()) == few.expression.size


def test_slopes_are_taken_as_far_as_they_are_worth_it_and_that_is_said(network):
    verdict = check(network, "engine:Value")
    slopes = slopes_to_take(network.expression)
    assert 1 < slopes < len(network.point)
    taken = [row.slope is not None for row in verdict.gradient]
    assert taken == [index < slopes for index in range(len(taken))]
    assert verdict.kind is Kind.CORRECT
    text = str(verdict)
    assert f"Slopes were taken for {slopes} of 337 inputs only, as the graph is large." in text
    small = check(Case(parse("a*b"), (2.0, 3.0)), "engine:Value")
    assert "Slopes were taken" not in str(small)


def test_an_expression_of_any_size_has_one_slope():
    expression = parse("; ".join(["n0 = a*a", *(f"n{i} = n{i - 1}*a" for i in range(1, 9)), "n8"]))
    assert slopes_to_take(expression) > 1000
    large = trace(lambda a: sum([a] * 60_000), ["a"])
    assert slopes_to_take(large) == 1


def test_a_graph_that_is_a_huge_tree_is_judged_as_a_graph():
    def doubled(a):
        for _ in range(1000):
            a = (a + a) * 0.5
        return a

    verdict = check(Case(trace(doubled, ["a"]), (3.0,)), "engine:Value")
    assert verdict.kind is Kind.CORRECT
    assert verdict.case.expression.formula_size == sys.maxsize


def test_of_many_inputs_those_that_matter_are_shown(network):
    verdict = check(network, "engine.broken:sign_in_sum")
    wrong = sum(row.kind.is_finding for row in verdict.gradient)
    assert wrong > 40
    table = str(verdict).splitlines()
    shown = [line for line in table if line.rstrip().endswith("wrong-gradient")]
    assert len(shown) == 23
    [left_out] = [line for line in table if line.startswith("Not shown: ")]
    assert f"{wrong - 23} wrong-gradient" in left_out
    assert f"{337 - wrong} correct" in left_out
    assert len(table) < 50
