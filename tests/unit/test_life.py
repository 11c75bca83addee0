"""Life beyond one backward pass: which check finds what, and what a broken one leaves behind."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from sympy import log

from gradcheck import Case, GradientMismatch, Kind, assert_gradients, check, load_engine, parse
from gradcheck.blame.cause import Cause
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.protocol import Run
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.expression import Backward, Build, Repeat, Reset, ZeroGrad
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.fuzz.events import LifeChecked
from gradcheck.fuzz.reporters.json_lines import event_as_data
from gradcheck.kind import Reason
from gradcheck.lifecycle.run import LifecycleOutcome as Outcome
from gradcheck.lifecycle.run import run_check
from gradcheck.lifecycle.standard_cases import cases_for, standard_cases
from gradcheck.lifecycle.steps import CHECKS, allowed_gradients, check_of, sum_of
from gradcheck.operations import Operation, operations_named
from gradcheck.oracles.certificate import certify
from gradcheck.precision import FLOAT32
from gradcheck.strategies import cases

ENGINES = Path(__file__).parents[1] / "engines" / "life"
PASSED_TWICE = {Cause.SECOND_BACKWARD, Cause.SHARED_OUTPUTS, Cause.INNER_FIRST}


def object_engine(file, name="Value"):
    return load_engine(f"{ENGINES / file}.py:{name}")


def result_of(check, engine):
    return run_check(check, engine, cases_for(engine.operations))


def results(engine):
    cases_to_judge = cases_for(engine.operations)
    return {check: run_check(check, engine, cases_to_judge) for check in CHECKS}


def with_outcome(found, outcome):
    return {check for check, result in found.items() if result.outcome is outcome}


def broken(engine):
    return with_outcome(results(engine), Outcome.BROKEN)


@pytest.mark.parametrize("check", CHECKS)
def test_each_bug_is_found_by_the_check_for_it_and_by_no_other(check):
    found = results(object_engine(check.replace("-", "_")))
    assert with_outcome(found, Outcome.BROKEN) == {check}
    assert with_outcome(found, Outcome.HOLDS) == set(CHECKS) - {check}


@pytest.mark.parametrize(
    ("engine", "what"),
    [("adds", "gradients add up"), ("replaces", "gradients are replaced")],
)
def test_gradients_may_add_up_or_be_replaced(engine, what):
    found = results(object_engine(engine))
    assert with_outcome(found, Outcome.HOLDS) == set(CHECKS)
    assert {
        found[check].says.partition(",")[0] for check in {*PASSED_TWICE, Cause.USED_INPUTS}
    } == {what}


@pytest.mark.parametrize(
    ("engine", "what"),
    [("adds", "it clears the whole graph"), ("clears_one", "it clears what it is called on")],
)
def test_zero_grad_may_be_for_a_graph_or_for_one_object(engine, what):
    says = result_of(Cause.ZERO_GRAD, object_engine(engine)).says
    assert says.startswith(f"{what}, in ")


@pytest.mark.parametrize("operations", ["+ * tanh", "all", "neg", "**"])
def test_there_are_enough_standard_cases_and_in_each_the_output_needs_every_input(operations):
    expressions = [case.expression for case in cases_for(operations_named(operations))]
    assert all(e.size and all(e.used[: len(e.inputs)]) for e in expressions)
    assert len(expressions) >= {"neg": 5, "**": 15}.get(operations, 40)


def test_an_engine_that_nobody_can_judge_has_no_standard_cases():
    outside = Operation("outside_everywhere", lambda x: log(-1 - x * x))
    assert cases_for([outside]) == []


def test_an_engine_may_refuse_a_second_pass_over_a_graph():
    found = results(object_engine("refuses"))
    assert with_outcome(found, Outcome.REFUSED) == PASSED_TWICE
    assert with_outcome(found, Outcome.HOLDS) == set(CHECKS) - PASSED_TWICE
    assert found[Cause.INNER_FIRST].says == "RuntimeError: the graph has been freed"


@pytest.mark.parametrize("names", ["max", "sum prod"])
def test_operations_without_a_graph_that_the_engine_has_leave_the_check_to_all_of_them(names):
    result = run_check(
        Cause.SECOND_BACKWARD, load_engine("engine:Value"), operations=operations_named(names)
    )
    assert result.outcome is Outcome.HOLDS


def test_our_own_engine_holds_throughout():
    assert with_outcome(results(load_engine("engine:Value")), Outcome.HOLDS) == set(CHECKS)


def test_micrograd_of_pypi_counts_inner_nodes_again_where_a_graph_is_passed_twice():
    found = broken(load_engine("micrograd.engine:Value"))
    # It keeps nodes in sets, so addresses decide whether a run of it shows another last digit.
    assert found - {Cause.SAME_BITS} == PASSED_TWICE


def test_sixteen_turns_into_forty_eight():
    case = Case(parse("a*a*4.0"), (2.0,))
    result = run_check(Cause.SECOND_BACKWARD, load_engine("micrograd.engine:Value"), [case])
    assert result.verdict.gradient[0].backprop == 48.0
    assert result.says == (
        "at a = 2.0, backward() of `a*a*4.0`, then again: the gradient with respect to a is 48.0; "
        "correct is 32.0 (gradients add up) or 16.0 (gradients are replaced)"
    )


def test_a_choice_that_changes_from_graph_to_graph_is_none():
    result = result_of(Cause.SECOND_BACKWARD, object_engine("faults", "AddsOnlyWhereItMultiplies"))
    assert result.outcome is Outcome.BROKEN
    assert result.says.endswith(", as in smaller graphs")


def test_an_engine_without_zero_grad_promises_nothing():
    result = result_of(Cause.ZERO_GRAD, load_engine("engine.broken:Twin"))
    assert (result.outcome, result.says) == (Outcome.NOT_APPLICABLE, "it has no zero_grad")


def test_the_zero_grad_of_a_network_beside_the_class_is_the_engines():
    assert broken(object_engine("modules")) == {Cause.ZERO_GRAD}


def test_an_engine_whose_graphs_do_not_stay_has_no_such_life():
    found = results(EngineWithoutNodes(load_engine("engine:Value")))
    assert with_outcome(found, Outcome.NOT_APPLICABLE) == set(CHECKS)


# DoublesGradients is within the bound in the tail of tanh, which is wide: no such case is judged.
@pytest.mark.parametrize("name", ["NeverRight", "DoublesGradients"])
def test_an_engine_that_gets_one_pass_wrong_is_left_to_other_checks(name):
    found = results(object_engine("faults", name))
    assert with_outcome(found, Outcome.NOT_APPLICABLE) == set(CHECKS)


def test_a_wrong_value_is_left_to_others_too():
    engine = load_engine("engine.broken:tanh_cancels")
    case = Case(parse("tanh(a)"), (1e-9,))
    assert check(case, engine).kind is Kind.WRONG_VALUE
    outcomes = {each: run_check(each, engine, [case]).outcome for each in CHECKS}
    assert set(outcomes.values()) == {Outcome.NOT_APPLICABLE}


def test_a_constant_has_no_graph():
    result = run_check(Cause.INNER_FIRST, load_engine("engine:Value"), [Case(parse("2.0"), ())])
    assert result.outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("name", "check", "what"),
    [
        ("CannotUseInputsAgain", Cause.USED_INPUTS, "the forward raised ValueError: used before"),
        ("ZeroGradRaises", Cause.ZERO_GRAD, "the zero_grad raised AttributeError: no gradients"),
    ],
)
def test_an_error_where_nothing_excuses_it_is_a_fault(name, check, what):
    result = result_of(check, object_engine("faults", name))
    assert result.outcome is Outcome.BROKEN
    assert result.says.endswith(what)
    assert result.verdict.kind is Kind.CRASH


def test_an_engine_that_comes_to_no_end_is_no_refusal():
    engine = object_engine("faults", "HangsTheSecondTime")
    engine = ObjectEngine(engine.spec, engine.make, seconds=0.2)
    result = result_of(Cause.SECOND_BACKWARD, engine)
    assert result.verdict.kind is Kind.HANG
    # On a busy machine it has perhaps not computed at all, and then counts as waiting.
    waits = result.verdict.run.fault.is_waiting
    limit = "dump_traceback_later(0.202" if waits else "setitimer(signal.ITIMER_PROF, 0.202)"
    assert limit in reproduction(result.verdict)


@pytest.mark.parametrize(
    ("file", "check"),
    [*((check.replace("-", "_"), check) for check in CHECKS), ("modules", Cause.ZERO_GRAD)],
)
def test_a_script_fails_while_the_bug_is_there_and_passes_without_it(file, check, monkeypatch):
    engine = object_engine(file)
    script = reproduction(result_of(check, engine).verdict)
    monkeypatch.setattr(sys, "path", [str(ENGINES), *sys.path])
    monkeypatch.delitem(sys.modules, file, raising=False)
    with pytest.raises(AssertionError):
        exec(compile(script, "repro.py", "exec"), {})
    mended, imports = re.subn(f"from {file} import Value", "from adds import Value", script)
    assert imports == 1
    mended = mended.replace("from modules import Module", NETWORK)
    exec(compile(mended, "repro.py", "exec"), {})


NETWORK = """
class Module:
    def zero_grad(self):
        for parameter in self.parameters():
            parameter.grad = 0.0
"""


def test_a_check_is_an_event_for_programs():
    result = result_of(Cause.UNCHANGED, load_engine("engine:Value"))
    assert event_as_data(LifeChecked(result, None)) == {
        "event": "life",
        "check": "unchanged",
        "outcome": "holds",
        "says": f"values stay as they were, in {result.graphs} graphs",
        "graphs": result.graphs,
        "path": None,
    }


@given(cases(max_ops=4))
def test_the_gradient_of_two_expressions_together_is_the_sum_of_theirs(case):
    both = Case(sum_of(case.expression, case.expression), case.point)
    single, double = certify(case).adjoints, certify(both).adjoints
    for one, two in zip(single[: len(case.point)], double, strict=False):
        assert (2 * one.truth).overlaps(two.truth)


def with_steps(formula, *steps):
    expression = parse(formula)
    return Case(expression, (2.0, 3.0, 0.5)[: len(expression.inputs)], steps)


SQUARE = parse("a*a")
BACK = Backward(SQUARE.output)

STEPS = {
    Cause.SECOND_BACKWARD: with_steps("a*a", BACK, BACK),
    Cause.ZERO_GRAD: with_steps("a*a", BACK, ZeroGrad(Reset.INPUTS), Build(SQUARE), BACK),
    Cause.USED_INPUTS: with_steps("a*a", BACK, Build(parse("a + a")), BACK),
    Cause.SHARED_OUTPUTS: with_steps("n = a*b; n*n + tanh(n)", Backward(3), Backward(4)),
    Cause.INNER_FIRST: with_steps("n = a*b; n*n", Backward(2), Backward(3)),
    Cause.UNCHANGED: with_steps("a*a", BACK),
    Cause.SAME_BITS: with_steps("a*a", BACK, Repeat(3)),
}


@pytest.mark.parametrize(("cause", "case"), STEPS.items(), ids=STEPS)
def test_the_steps_say_which_check_it_is(cause, case):
    assert check_of(case) is cause


@pytest.mark.parametrize("cause", CHECKS)
def test_every_standard_case_belongs_to_its_check(cause):
    operations = load_engine("engine:Value").operations
    found = standard_cases(cause, cases_for(operations), list(Reset))
    assert {check_of(case) for case in found} == {cause}


ENDS = {
    "twice": (with_steps("a*a", BACK, BACK), {8.0, 4.0}),
    "cleared": (STEPS[Cause.ZERO_GRAD], {4.0}),
    "one object cleared": (
        with_steps("a*a", BACK, ZeroGrad(Reset.OUTPUT), Build(SQUARE), BACK),
        {4.0, 8.0},
    ),
    "cleared in the end": (with_steps("a*a", BACK, ZeroGrad(Reset.INPUTS)), {0.0}),
    "twice after it was cleared": (
        with_steps("a*a", BACK, ZeroGrad(Reset.INPUTS), Build(SQUARE), BACK, BACK),
        {8.0, 4.0},
    ),
    "another graph": (STEPS[Cause.USED_INPUTS], {6.0, 2.0}),
    "a graph that is only built": (with_steps("a*a", BACK, Build(parse("a + a"))), {4.0}),
}


@pytest.mark.parametrize(("case", "gradients"), ENDS.values(), ids=ENDS)
def test_the_steps_say_how_gradients_may_end(case, gradients):
    ends = [certify(Case(end, case.point)) for end in allowed_gradients(case).values()]
    assert {float(end.adjoints[0].truth) for end in ends} == gradients


@pytest.mark.parametrize("case", STEPS.values(), ids=STEPS)
def test_a_case_with_steps_is_judged_as_any_other(case):
    verdict = check(case, "engine:Value")
    assert (verdict.kind, verdict.signature) == (Kind.CORRECT, "correct")
    assert_gradients(case, "engine:Value")


@pytest.mark.parametrize("cause", CHECKS)
def test_what_is_found_has_the_check_as_its_signature(cause):
    engine = object_engine(cause.replace("-", "_"))
    found = result_of(cause, engine).verdict
    again = check(found.case, engine)
    assert again.signature == found.signature == cause
    assert again.kind is found.kind
    assert again.kind.is_finding
    with pytest.raises(GradientMismatch, match="At fault is the engine as a whole: "):
        assert_gradients(found.case, engine)


def test_the_rows_show_what_came_beside_the_nearest_that_may_come():
    [row] = check(
        with_steps("a*a*4.0", Backward(3), Backward(3)), "micrograd.engine:Value"
    ).gradient
    assert (row.backprop, row.symbolic, row.kind) == (48.0, 32.0, Kind.WRONG_GRADIENT)


def test_a_case_has_to_agree_with_smaller_standard_ones():
    engine = object_engine("faults", "AddsOnlyWhereItMultiplies")
    small, large = (with_steps(f, Backward(1), Backward(1)) for f in ("a*a", "tanh(a)"))
    assert check(small, engine).kind is Kind.CORRECT
    verdict = check(large, engine)
    assert verdict.signature == "second-backward"
    assert verdict.conclusion[0].endswith("(gradients add up), as in smaller graphs.")


@pytest.mark.parametrize(
    ("engine", "case", "reason"),
    [
        (EngineWithoutNodes(load_engine("engine:Value")), "a*a", Reason.NO_LIFECYCLE),
        (object_engine("faults", "NeverRight"), "a*a", Reason.WRONG_ALONE),
    ],
)
def test_a_case_that_says_nothing_of_an_engine_is_undecided(engine, case, reason):
    verdict = check(with_steps(case, BACK, BACK), engine)
    assert (verdict.kind, verdict.undecided) == (Kind.UNDECIDED, reason)
    assert verdict.conclusion == (f"Undecided: {reason}.",)


def test_a_refusal_is_an_answer():
    verdict = check(STEPS[Cause.SECOND_BACKWARD], object_engine("refuses"))
    assert verdict.kind is Kind.CORRECT
    assert "RuntimeError: the graph has been freed, which is allowed" in verdict.conclusion[0]


def test_a_changed_node_is_named_with_both_numbers():
    engine = object_engine("unchanged")
    verdict = check(with_steps("tanh(a*b)", Backward(3)), engine)
    assert verdict.conclusion[0] == "Wrong-value: the value of `a*b` was 6.0 and is 0.0."
    assert (verdict.value.backprop, verdict.value.symbolic) == (0.0, 6.0)


@pytest.mark.parametrize(
    "steps",
    [
        (Backward(7),),
        (Backward(1),),  # a constant
        (Build(parse("a + b")), Backward(2)),
        (Repeat(2), BACK),
        (BACK, Repeat(1)),
        (BACK, Repeat(10**9)),
        (BACK,) * 101,
    ],
    ids=repr,
)
def test_steps_that_cannot_be_done_are_no_case(steps):
    with pytest.raises(ValueError, match="step"):
        Case(parse("a*1.5"), (2.0,), steps)


def test_a_case_of_a_narrow_engine_has_its_numbers_in_every_graph():
    case = with_steps("a*0.1", Backward(2), Build(parse("a*0.3")), Backward(2))
    nearest = FLOAT32.nearest_case(case)
    [built] = [step.expression for step in nearest.steps if isinstance(step, Build)]
    assert built.constants == {1: FLOAT32.nearest(0.3)}
    assert nearest.expression.constants == {1: FLOAT32.nearest(0.1)}


def test_an_engine_that_no_script_can_drive_is_judged_by_gradcheck_again():
    engine = EngineWithoutNodes(load_engine("micrograd.engine:Value"))
    verdict = replace(check(STEPS[Cause.SECOND_BACKWARD], engine), run=Run(None, ()))
    script = reproduction(verdict)
    assert "'-m', 'gradcheck', 'replay'" in script
    compile(script, "repro.py", "exec")
