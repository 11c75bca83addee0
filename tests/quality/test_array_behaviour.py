"""Engines of arrays that misbehave in other ways than by wrong numbers."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gradcheck import array_case, check
from gradcheck.engine.broken.array_bugs import RIGHT
from gradcheck.engines.arrays.protocol import ArrayEngine
from gradcheck.engines.importing import EngineLoadError
from gradcheck.engines.isolation.loading import load_isolated
from gradcheck.findings.replay import ReplayOutcome, replay
from gradcheck.findings.store import save
from gradcheck.kind import Kind
from helpers.array_shapes import changed
from helpers.findings import finding_of

EXP = "return Tensor(e, (self,), lambda g: self.give(g * e))"

OVERWRITES = changed(
    (
        "np.maximum(self.data, 0.0), (self,)",
        "np.maximum(self.data, 0.0, out=self.data) + 0.0, (self,)",
    )
)
ADDS_TO_ITS_INPUT = changed(
    (EXP, "return Tensor(e, (self,), lambda g: (self.give(g * e), self.data.__iadd__(1.0)))")
)
RANDOM = changed(("1.0 - t * t", "1.0 - t * t * (np.random.random() > 0.5)"))
ENDS = changed((EXP, "return Tensor(e, (self,), lambda g: __import__('os')._exit(3))"))


def hanging(method, condition="np.ndim(self.data) == 2"):
    """Return the source with a method that comes to no end, by its first line."""
    line = f"    def {method}:\n"
    return changed((line, f"{line}        while {condition}:\n            pass\n"))


@pytest.mark.parametrize(
    ("source", "case", "operation"),
    [
        (OVERWRITES, array_case("relu(x)", x=[-1.0, 2.0]), "relu"),
        (ADDS_TO_ITS_INPUT, array_case("exp(x)", x=[1.0]), "exp"),
    ],
)
def test_an_operation_that_writes_into_an_input_is_a_finding(load, source, case, operation):
    verdict = check(case, load(source))
    assert (verdict.kind, verdict.signature) == (
        Kind.MUTATED_INPUT,
        f"mutated-input-of-{operation}",
    )
    assert check(case, load(RIGHT)).kind is Kind.CORRECT


@pytest.mark.parametrize(
    ("method", "formula"),
    [
        ("__matmul__(self, other)", "x @ x"),
        ("__mul__(self, other)", "x * x"),
        ("transpose(self, *axes)", "transpose(x)"),
    ],
)
def test_an_operation_that_hangs_is_found_by_looking_and_blamed(load, method, formula):
    case = array_case(formula, x=[[1.0, 2.0], [3.0, 4.0]])
    verdict = check(case, replace(load(hanging(method)), seconds=0.1))
    assert verdict.kind is Kind.HANG
    assert verdict.blame.operations == tuple(case.operations)
    assert check(case, load(RIGHT)).kind is Kind.CORRECT


def test_a_backward_pass_that_hangs_does_not_stop_the_search_for_operations(load):
    engine = load(hanging("backward(self)", "True"))
    assert engine.array_operations == load(RIGHT).array_operations


def test_a_class_that_hangs_when_a_tensor_is_made_is_a_mistake_in_one_line(load):
    with pytest.raises(EngineLoadError, match="making a Tensor of an array comes to no end"):
        load(hanging("__init__(self, data, parents=(), backward=None)", "np.ndim(data) == 2"))


FORGETS_DIMENSIONS = changed(
    ("self.data.sum(axis=axis, keepdims=keepdims)", "self.data.sum(axis=axis)"),
)


@pytest.mark.parametrize("formula", ["sum(x, keepdims=True)", "sum(x, keepdims=True)[0] * 2.0"])
def test_a_result_of_another_shape_is_a_wrong_value_also_if_its_numbers_are_right(load, formula):
    case = array_case(formula, x=[1.0, 2.0])
    verdict = check(case, load(FORGETS_DIMENSIONS))
    assert verdict.signature == "wrong-value-of-sum"
    assert verdict.blame.detail == "the result has shape (), and should be (1,)"
    assert check(case, load(RIGHT)).kind is Kind.CORRECT


def test_the_script_of_a_result_of_another_shape_fails_until_it_is_mended(load):
    load(RIGHT)
    verdict = check(array_case("sum(x, keepdims=True)", x=[1.0, 2.0]), load(FORGETS_DIMENSIONS))
    path = save(finding_of(verdict), Path("reports"))
    run = [sys.executable, str(path / "repro.py")]
    assert subprocess.run(run, check=False).returncode == 1
    load(RIGHT)
    assert subprocess.run(run, check=False).returncode == 0


def test_numbers_that_change_from_run_to_run_are_a_finding_of_their_own(load):
    case = array_case("tanh(x) * 2.0", x=[0.5, 1.0])
    engine = load(RANDOM)
    verdicts = [check(case, engine) for _ in range(50)]
    assert {v.signature for v in verdicts if v.is_finding} == {"nondeterministic"}
    [found, *_] = [verdict for verdict in verdicts if verdict.is_finding]
    path = save(finding_of(found), Path("reports"))
    assert replay(path, None).outcome is ReplayOutcome.STILL_THERE
    load(RIGHT)
    assert replay(path, None).outcome is ReplayOutcome.FIXED


def test_an_engine_of_arrays_that_ends_its_process_is_judged_in_child_processes(load):
    engine = load(ENDS, load_isolated)
    assert isinstance(engine, ArrayEngine)
    verdict = check(array_case("exp(x) * y", x=[1.0], y=[2.0]), engine)
    assert (verdict.kind, verdict.signature[:5]) == (Kind.CRASH, "crash")
    assert [operation.name for operation in verdict.blame.operations] == ["exp"]
    assert check(array_case("x * y", x=[1.0], y=[2.0]), engine).kind is Kind.CORRECT
