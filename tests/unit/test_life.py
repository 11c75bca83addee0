"""Life beyond one backward pass: which check finds what, and what a broken one leaves behind."""

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given

from gradcheck import Case, load_engine, parse
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.fuzz.events import LifeChecked
from gradcheck.fuzz.reporters.json_lines import event_as_data
from gradcheck.lifecycle.expressions import cases_for
from gradcheck.lifecycle.reproduction import reproduction
from gradcheck.lifecycle.result import Outcome, Raised
from gradcheck.lifecycle.run import CHECKS, run_check
from gradcheck.lifecycle.scenario import together
from gradcheck.lifecycle.store import save
from gradcheck.lifecycle.words import sentence
from gradcheck.oracles.certificate import certify
from strategies import cases

ENGINES = Path(__file__).parents[1] / "engines" / "life"
PASSED_TWICE = {"second-backward", "shared-outputs", "inner-first"}


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
    assert {found[check].says for check in {*PASSED_TWICE, "used-inputs"}} == {what}


@pytest.mark.parametrize(
    ("engine", "what"),
    [("adds", "it clears the whole graph"), ("clears_one", "it clears what it is called on")],
)
def test_zero_grad_may_be_for_a_graph_or_for_one_object(engine, what):
    assert result_of("zero-grad", object_engine(engine)).says == what


def test_an_engine_may_refuse_a_second_pass_over_a_graph():
    found = results(object_engine("refuses"))
    assert with_outcome(found, Outcome.REFUSED) == PASSED_TWICE
    assert with_outcome(found, Outcome.HOLDS) == set(CHECKS) - PASSED_TWICE
    assert found["inner-first"].says == "RuntimeError: the graph has been freed"


def test_our_own_engine_holds_throughout():
    assert with_outcome(results(load_engine("engine:Value")), Outcome.HOLDS) == set(CHECKS)


def test_micrograd_of_pypi_counts_inner_nodes_again_where_a_graph_is_passed_twice():
    found = broken(load_engine("micrograd.engine:Value"))
    # It keeps nodes in sets, so addresses decide whether a run of it shows another last digit.
    assert found - {"same-bits"} == PASSED_TWICE


def test_sixteen_turns_into_forty_eight():
    case = Case(parse("a*a*4.0"), (2.0,))
    result = run_check("second-backward", load_engine("micrograd.engine:Value"), [case])
    assert result.broken.evidence.gradients == (48.0,)
    assert sentence(result) == (
        "at a = 2.0, backward() of `a*a*4.0`, then again: the gradient by a is 48.0, "
        "and right is 32.0 (gradients add up) or 16.0 (gradients are replaced)"
    )


def test_a_choice_that_changes_from_graph_to_graph_is_none():
    result = result_of("second-backward", object_engine("faults", "AddsOnlyWhereItMultiplies"))
    assert result.outcome is Outcome.BROKEN
    assert sentence(result).endswith(", as in smaller graphs")


def test_an_engine_without_zero_grad_promises_nothing():
    result = result_of("zero-grad", load_engine("engine.broken:Twin"))
    assert (result.outcome, result.says) == (Outcome.NOT_APPLICABLE, "it has no zero_grad")


def test_the_zero_grad_of_a_network_beside_the_class_is_the_engines():
    assert broken(object_engine("modules")) == {"zero-grad"}


def test_an_engine_whose_graphs_do_not_stay_has_no_such_life():
    found = results(EngineWithoutNodes(load_engine("engine:Value")))
    assert with_outcome(found, Outcome.NOT_APPLICABLE) == set(CHECKS)


def test_what_is_wrong_after_one_pass_is_left_to_others():
    found = results(object_engine("faults", "NeverRight"))
    assert with_outcome(found, Outcome.NOT_APPLICABLE) == set(CHECKS)


def test_a_constant_has_no_graph():
    result = run_check("inner-first", load_engine("engine:Value"), [Case(parse("2.0"), ())])
    assert result.outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("name", "check", "what"),
    [
        ("CannotUseInputsAgain", "used-inputs", "the forward raised ValueError: used before"),
        ("ZeroGradRaises", "zero-grad", "the zero_grad raised AttributeError: no gradients"),
    ],
)
def test_an_error_where_nothing_excuses_it_is_a_fault(name, check, what):
    result = result_of(check, object_engine("faults", name))
    assert result.outcome is Outcome.BROKEN
    assert sentence(result).endswith(what)


def test_an_engine_that_comes_to_no_end_is_no_refusal():
    engine = object_engine("faults", "HangsTheSecondTime")
    engine = ObjectEngine(engine.spec, engine.make, seconds=0.02)
    result = result_of("second-backward", engine)
    assert isinstance(result.broken.evidence, Raised)
    assert result.broken.evidence.fault.is_hang
    assert "setitimer(signal.ITIMER_PROF, 0.022)" in reproduction(result, engine)


@pytest.mark.parametrize(
    ("file", "check"),
    [*((check.replace("-", "_"), check) for check in CHECKS), ("modules", "zero-grad")],
)
def test_a_script_fails_while_the_bug_is_there_and_passes_without_it(file, check, monkeypatch):
    engine = object_engine(file)
    script = reproduction(result_of(check, engine), engine)
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


def test_a_broken_check_is_saved_beside_the_engines_findings(tmp_path):
    engine = load_engine("micrograd.engine:Value")
    result = result_of("second-backward", engine)
    folder = save(result, engine, tmp_path)
    assert folder == tmp_path / "micrograd.engine.Value" / "life-second-backward"
    assert (folder / "repro.py").read_text() == reproduction(result, engine)
    assert sentence(result) in (folder / "README.md").read_text()


def test_what_holds_has_no_script():
    engine = load_engine("engine:Value")
    with pytest.raises(ValueError, match="second-backward is not broken"):
        reproduction(result_of("second-backward", engine), engine)


def test_a_check_is_an_event_for_programs():
    result = result_of("unchanged", load_engine("engine:Value"))
    assert event_as_data(LifeChecked(result, None)) == {
        "event": "life",
        "check": "unchanged",
        "outcome": "holds",
        "says": f"values stay as they were, in {result.lives} graphs",
        "graphs": result.lives,
        "path": None,
    }


@given(cases(max_ops=4))
def test_the_gradient_of_two_expressions_together_is_the_sum_of_theirs(case):
    both = Case(together(case.expression, case.expression), case.point)
    single, double = certify(case).adjoints, certify(both).adjoints
    for one, two in zip(single[: len(case.point)], double, strict=False):
        assert (2 * one.truth).overlaps(two.truth)


def test_an_engine_that_no_script_can_drive_is_judged_by_gradcheck_again():
    engine = load_engine("micrograd.engine:Value")
    script = reproduction(result_of("second-backward", engine), EngineWithoutNodes(engine))
    assert "'-m', 'gradcheck', 'fuzz', '--life'" in script
    assert "'micrograd.engine:Value'" in script
    compile(script, "repro.py", "exec")
