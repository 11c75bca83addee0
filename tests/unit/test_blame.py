"""Who is at fault: the operation, and the reason."""

import math
from pathlib import Path

import pytest

from gradcheck import Case, check, load_engine, parse
from gradcheck.blame.cause import Blame, Cause
from gradcheck.blame.probe import ask
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.operations import OPERATIONS

ENGINES = Path(__file__).parents[1] / "engines"
ADD, MULTIPLY, TANH, RELU = (OPERATIONS[name] for name in ("+", "*", "tanh", "relu"))

both_ways = pytest.mark.parametrize("way", [lambda engine: engine, EngineWithoutNodes])
"""With a look at the engine's nodes, and without."""


def blame(engine, formula, *point):
    if isinstance(engine, str):
        engine = load_engine(engine)
    return check(Case(parse(formula), point), engine).blame


def own(name, engine="Value"):
    return load_engine(f"{ENGINES / name}.py:{engine}")


def broken(name):
    return load_engine(f"engine.broken:{name}")


@both_ways
def test_a_wrong_local_partial_is_distinguished_from_the_operations_around_it(way):
    found = blame(way(broken("off_by_a_trillionth")), "n = tanh(a*b); n*n + n + a", 0.3, 0.7)
    assert (found.cause, found.operations) == (Cause.WRONG_PARTIAL, (TANH,))


@both_ways
def test_the_operand_with_the_wrong_partial_is_named(way):
    found = blame(way(broken("sign_in_product")), "tanh(a*b + c)", 0.5, 0.25, 1.0)
    assert found.sentence == "*: its derivative is wrong, with respect to its second operand"


@both_ways
def test_a_number_that_hides_one_wrong_partial_does_not_hide_it_from_blame(way):
    assert blame(way(broken("swaps_factors")), "a*2", 0.0).operands == (0, 1)


@both_ways
@pytest.mark.parametrize(
    ("engine", "formula", "operation"),
    [
        ("counts_square_once", "a*a", MULTIPLY),
        ("counts_double_once", "tanh(a + a)*b", ADD),
        ("overwrites_first_factor", "a*b + a", MULTIPLY),
        ("overwrites_first_factor", "a*0.0 + (tanh(a) + b)*b", MULTIPLY),
        ("overwrites_in_tanh", "tanh(a) + a", TANH),
    ],
)
def test_a_lost_contribution_is_blamed_on_the_operation_that_loses_it(
    way, engine, formula, operation
):
    inputs = len(parse(formula).inputs)
    found = blame(way(broken(engine)), formula, *(0.5, 0.75)[:inputs])
    assert (found.cause, found.operations) == (Cause.LOST_CONTRIBUTION, (operation,))


@both_ways
@pytest.mark.parametrize("formula", ["a*a", "a + a", "tanh(a) + tanh(a)", "tanh(a)*a + a"])
def test_what_every_operation_does_wrong_is_blamed_on_none_of_them(way, formula):
    found = blame(way(broken("overwrites_gradient")), formula, 0.5)
    assert (found.cause, found.operations) == (Cause.LOST_CONTRIBUTION, ())
    assert found.sentence == "the engine as a whole: a contribution is lost"


@both_ways
@pytest.mark.parametrize("formula", ["n = tanh(a); n + (n + n)", "n = a*a; n*(n*b) + n"])
def test_a_wrong_order_is_not_taken_for_a_wrong_local_partial(way, formula):
    inputs = len(parse(formula).inputs)
    found = blame(way(broken("breadth_first")), formula, *(0.5, 0.75)[:inputs])
    assert found == Blame(Cause.WRONG_ORDER, positions=found.positions)


@both_ways
def test_depth_is_distinguished_from_order_where_the_deep_contribution_is_tiny(way):
    formula = "n = a*(-1e-08); m = n + n; s = a + m*m; s + s"
    found = blame(way(broken("halves_when_deep")), formula, 1e9)
    assert found.cause is Cause.WRONG_AT_DEPTH


@both_ways
@pytest.mark.parametrize("formula", ["s = a + 2; s*(s*a)", "s = a + a; s*a + s"])
def test_all_that_an_operation_sends_to_one_node_may_be_lost(way, formula):
    found = blame(way(broken("forgets_shared_sum_in_product")), formula, 1.0)
    assert (found.cause, found.operations) == (Cause.LOST_CONTRIBUTION, (MULTIPLY,))


@both_ways
def test_a_wrong_value_is_blamed_on_the_first_operation_that_makes_one(way):
    found = blame(way(own("doubled_product")), "tanh(a*b + a)", 0.5, 0.25)
    assert (found.cause, found.operations) == (Cause.WRONG_VALUE, (MULTIPLY,))


@both_ways
def test_a_forward_pass_that_is_wrong_beside_the_point_is_blamed_too(way):
    assert blame(way(own("wrong_off_the_grid")), "a*b", 1.0, 1.0).operations == (MULTIPLY,)


@both_ways
def test_a_correct_slope_is_not_searched_for_the_cause(way):
    engine = way(own("wrong_off_the_grid"))
    assert blame(engine, "a + b*c", 1.0, 1.0, 1.0).operations == (MULTIPLY,)


@both_ways
def test_an_error_is_blamed_on_the_operation_that_raises_it(way):
    found = blame(way(broken("tanh_overflows")), "tanh(a) + a*a", 400.0)
    assert found.sentence == "tanh: it raises an error, OverflowError"
    assert found.signature == "crash-OverflowError-of-tanh"


@both_ways
def test_an_error_that_no_operation_raises_alone_is_blamed_on_none(way):
    found = blame(way(broken("fails_when_deep")), "tanh(a*(a + a*(a + a*(a + a*a))))", 0.5)
    assert (found.cause, found.operations) == (Cause.CRASH, ())


@both_ways
def test_an_engine_that_can_do_nothing_is_blamed_as_a_whole(way):
    found = blame(way(own("misbehaving", "NoBackward")), "a*b", 0.5, 0.25)
    assert (found.cause, found.operations, found.error) == (Cause.CRASH, (), "TypeError")


def test_where_it_is_not_certain_blame_says_so_and_lists_the_candidates():
    found = blame(EngineWithoutNodes(own("loses_what_meets")), "a*2 + tanh(a)", 0.5)
    assert set(found.operations) == {ADD, MULTIPLY}
    assert not found.is_certain
    assert "(not certain which)" in found.sentence
    assert found.signature.endswith("-of-add-or-mul")


def test_an_engine_that_shows_its_nodes_leaves_fewer_candidates():
    found = blame(own("loses_what_meets"), "a*2 + tanh(a)", 0.5)
    assert (found.cause, found.operations) == (Cause.LOST_CONTRIBUTION, (MULTIPLY,))


def test_a_certain_blame_explains_an_uncertain_one_but_not_the_other_way_round():
    certain = Blame(Cause.LOST_CONTRIBUTION, (ADD,))
    uncertain = Blame(Cause.LOST_CONTRIBUTION, (ADD, MULTIPLY))
    assert certain.explains(uncertain)
    assert not uncertain.explains(certain)
    assert not Blame(Cause.LOST_CONTRIBUTION, (TANH,)).explains(uncertain)
    assert not Blame(Cause.WRONG_PARTIAL, (ADD,)).explains(uncertain)


@pytest.mark.parametrize("engine", [own("plain"), load_engine("engine:Value")])
@both_ways
def test_nothing_is_blamed_in_a_correct_engine(way, engine):
    assert blame(way(engine), "n = tanh(a*b); n*n + n + a", 0.3, 0.7) is None


@both_ways
def test_an_operation_is_blamed_in_a_graph_too_large_to_probe(way):
    formula = "*".join(["tanh(a)"] * 40)
    found = blame(way(broken("twice_the_partial_of_tanh")), formula, 1.0)
    assert TANH in found.operations


def backward_pass(name):
    return own("backward_passes", name)


@both_ways
def test_what_all_operations_forget_is_blamed_on_none_of_them(way):
    for formula in ("tanh(a*b)", "(a*b)*a + b", "tanh(tanh(a)*b)"):
        found = blame(way(broken("forgets_upstream")), formula, 0.5, 0.75)
        assert (found.cause, found.operations) == (Cause.FORGOTTEN_UPSTREAM, ())


@both_ways
@pytest.mark.parametrize(
    ("engine", "formula"),
    [("ReadsTheLastTanh", "tanh(tanh(a))"), ("TanhAddsWhatIsThere", "tanh(a) + tanh(a)")],
)
def test_a_cause_that_does_not_fit_the_number_is_not_concluded(way, engine, formula):
    found = blame(way(backward_pass(engine)), formula, 1.0)
    assert (found.cause, found.operations) == (Cause.UNCLEAR, (TANH,))


@both_ways
@pytest.mark.parametrize(
    ("engine", "formula", "point"),
    [("AllAddWhatIsThere", "a*a", (-1.0,)), ("TanhAddsWhatIsThere", "tanh(a) + b*a", (0.0, -1.0))],
)
def test_a_cause_that_fits_the_number_by_chance_is_not_concluded(way, engine, formula, point):
    assert blame(way(backward_pass(engine)), formula, *point).cause is Cause.UNCLEAR


@both_ways
def test_what_does_not_fit_the_number_is_not_concluded_of_the_engine_as_a_whole(way):
    found = blame(way(backward_pass("AllAddWhatIsThere")), "a + a", 0.5)
    assert (found.cause, found.operations) == (Cause.UNCLEAR, ())


@both_ways
def test_what_is_forgotten_for_one_operand_only_is_still_forgotten(way):
    found = blame(way(backward_pass("ForgetsForOneOperand")), "tanh(a*b)", 0.5, 0.75)
    assert (found.cause, found.operations) == (Cause.FORGOTTEN_UPSTREAM, (MULTIPLY,))


def test_a_gradient_that_is_skipped_is_a_lost_contribution():
    found = blame(backward_pass("SkipsSmallGradients"), "tanh(a)*0.0001", 0.5)
    assert found.cause is Cause.LOST_CONTRIBUTION


@pytest.mark.parametrize("formula", ["a*b", "tanh(a*b)", "n = a*b; tanh(n) + n"])
def test_cleared_inner_gradients_do_not_hide_the_cause(formula):
    found = blame(backward_pass("ClearsAndHasAWrongSign"), formula, 0.5, 0.75)
    assert (found.cause, found.operations) == (Cause.WRONG_PARTIAL, (MULTIPLY,))


def test_nothing_is_blamed_where_inner_gradients_are_cleared():
    assert blame(backward_pass("ClearsInnerNodes"), "n = a*b; tanh(n) + n", 0.5, 0.75) is None


@pytest.mark.parametrize("first", [0.0, -0.0])
def test_an_answer_for_zero_is_not_reused_for_minus_zero(first):
    engine = backward_pass("KnowsTheSignOfZero")
    for number in (first, -first):
        is_right = ask(engine, Case(parse("tanh(a)"), (number,))).is_right
        assert is_right == (math.copysign(1.0, number) > 0.0)


@both_ways
@pytest.mark.parametrize("formula", ["n = a + b; tanh(n) + n", "n = a*b; n*tanh(n)", "tanh(a)*b"])
def test_only_the_operation_that_changes_its_operand_is_named(way, formula):
    found = blame(way(broken("tanh_in_place")), formula, 0.5, 0.75)
    assert (found.cause, found.operations) == (Cause.MUTATED_INPUT, (TANH,))


@both_ways
@pytest.mark.parametrize(
    "formula",
    ["n = a*b; relu(n) + n", "n = a*b; m = n + n; relu(n)*m + n", "n = a*b; n*relu(n) + n"],
)
def test_an_operation_that_overwrites_its_operand_is_to_blame_and_not_the_operand(way, formula):
    found = blame(way(own("in_place")), formula, -2.0, 1.0)
    assert (found.cause, found.operations) == (Cause.MUTATED_INPUT, (RELU,))
    assert found.sentence == (
        "relu: it overwrites the value of its operand, which has to stay as it was"
    )
    assert blame(way(own("in_place", "Healthy")), formula, -2.0, 1.0) is None


@both_ways
def test_an_operand_that_was_wrong_from_the_beginning_is_to_blame_itself(way):
    found = blame(way(own("in_place", "WrongProduct")), "n = a*b; relu(n) + n", -2.0, 1.0)
    assert (found.cause, found.operations) == (Cause.WRONG_VALUE, (MULTIPLY,))


def test_inputs_that_every_operation_changes_are_blamed_on_none():
    found = blame(own("misbehaving", "MutatesInputs"), "tanh(a*b)", 0.5, 0.75)
    assert (found.cause, found.operations) == (Cause.MUTATED_INPUT, ())


@pytest.mark.parametrize("formula", ["a*b", "tanh(a*b)"])
def test_an_operation_that_crashes_on_used_inputs_leaves_something_behind(formula):
    found = blame(backward_pass("ReleasesFactors"), formula, 0.5, 0.75)
    assert (found.cause, found.operations) == (Cause.EARLIER_GRAPH, (MULTIPLY,))


def test_where_no_operation_alone_leaves_something_behind_it_is_not_certain_which():
    found = blame(backward_pass("KeepsWhatMet"), "tanh(a*b)", 0.5, 0.75)
    assert (found.cause, set(found.operations)) == (Cause.EARLIER_GRAPH, {MULTIPLY, TANH})
    assert not found.is_certain


@both_ways
def test_a_wrong_order_of_one_operation_is_no_cause_for_certain(way):
    found = blame(way(backward_pass("OperandsFirst")), "tanh(a + b)", 0.5, 0.75)
    assert (found.cause, found.operations) == (Cause.UNCLEAR, ())


@both_ways
@pytest.mark.parametrize("formula", ["tanh(a)", "a + b", "tanh(a)*b + b"])
def test_zeros_that_send_nothing_are_not_taken_for_a_wrong_local_partial(way, formula):
    point = (0.0, 0.0)[: len(parse(formula).inputs)]
    found = blame(way(broken("skips_zeros")), formula, *point)
    assert (found.cause, found.operations) == (Cause.LOST_CONTRIBUTION, ())


def test_a_crash_is_explained_by_the_same_error_only():
    crash = Blame(Cause.CRASH, (ADD,), error="TypeError")
    assert crash.explains(Blame(Cause.CRASH, (ADD, TANH), error="TypeError"))
    assert not crash.explains(Blame(Cause.CRASH, (ADD, TANH), error="ValueError"))


def test_an_unclear_gradient_is_explained_by_what_makes_gradients_wrong_only():
    unclear = Blame(Cause.UNCLEAR, (ADD, TANH))
    assert Blame(Cause.LOST_CONTRIBUTION, (ADD,)).explains(unclear)
    assert not Blame(Cause.CRASH, (ADD,)).explains(unclear)
    assert not Blame(Cause.EARLIER_GRAPH, (ADD,)).explains(unclear)


def test_the_engine_as_a_whole_explains_the_same_cause_only():
    whole = Blame(Cause.LOST_CONTRIBUTION)
    assert whole.explains(Blame(Cause.LOST_CONTRIBUTION, (ADD, TANH)))
    assert not whole.explains(Blame(Cause.UNCLEAR, (ADD, TANH)))


@both_ways
def test_an_error_that_every_operation_raises_is_blamed_on_none(way):
    for formula in ("a*b", "tanh(a)*b", "a + b"):
        found = blame(way(broken("changes_a_dict_in_its_loop")), formula, 0.5, 0.75)
        assert found.signature == "crash-RuntimeError"


def test_an_operation_on_one_constant_twice_is_no_use_of_a_node_twice():
    found = blame(own("everything"), "n = sqrt(a); c = 2.0; c - c", 0.0)
    assert found.cause is Cause.CRASH


def test_a_wrong_value_is_blamed_where_it_stops_another_operation():
    found = blame(own("epsilon"), "(a/b)**0.5", -1.0, -5e-9)
    assert (found.cause, [o.name for o in found.operations]) == (Cause.WRONG_VALUE, ["/"])
    assert (
        check(Case(parse("(a/b)**0.5"), (-1.0, -5e-9)), own("epsilon", "Exact")).kind == "correct"
    )


def test_an_engine_that_rounds_its_inputs_is_blamed_where_there_are_several():
    found = blame(own("in_place", "Coarse"), "a*b", 0.1, 0.3)
    assert found.cause is Cause.MUTATED_INPUT
