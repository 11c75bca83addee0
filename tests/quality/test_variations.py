"""Engines as their authors write them, each checked from its path alone, and each with a bug."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gradcheck import Case, check, load_engine, parse
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.run import run

FOLDER = Path(__file__).parents[1] / "engines" / "variations"

A_CONTRIBUTION_IS_LOST = ("operand.grad += partial", "operand.grad = partial")

BUGS = {
    "arrays_without_dimensions.py": ("other.grad = other.grad + out.grad", "other.grad = out.grad"),
    "backprop.py": ("other.grad += self.data * out.grad", "other.grad += self.data"),
    "backward_all.py": A_CONTRIBUTION_IS_LOST,
    "gradient_is_an_object.py": ("Value(1.0 - t * t)", "Value(1.0 - t)"),
    "gradient_none.py": ("1.0 - t * t", "1.0 + t * t"),
    "holds_val.py": ("other.val * out.gradient", "self.val * out.gradient"),
    "holds_value.py": ("(1 - t * t) * out.grad", "(1 - t * t)"),
    "label_second.py": ("other.grad += out.grad", "other.grad = out.grad"),
    "ln_and_pow.py": ("1.0 / self.data", "1.0 / self.data**2"),
    "module_functions.py": ("1.0 - t * t", "1.0 - x.data * x.data"),
    "needs_requires_grad.py": ("(operand.grad or 0.0) + ", ""),
    "no_numbers.py": ("self.data * other.data", "self.data * other.data + 1.0"),
    "no_numbers_left.py": A_CONTRIBUTION_IS_LOST,
    "numpy_scalars.py": ("(1 - t * t) * out.grad", "(1 - t * t)"),
    "operation_second.py": ("other.grad += out.grad", "other.grad -= out.grad"),
    "overrides_equality.py": ("any(node is other for", "any(node == other for"),
    "parents_second.py": ("reversed(order)", "order"),
    "prints_and_trains.py": A_CONTRIBUTION_IS_LOST,
    "read_only.py": ("operand._grad += partial", "operand._grad = partial"),
    "seeded_by_caller.py": ("self.grad += (1 - t * t)", "self.grad = (1 - t * t)"),
    "unusual_names.py": ("other.sensitivity += out", "other.sensitivity -= out"),
    "whole_gradients.py": ("(1 - t * t) * out.grad", "-(1 - t * t) * out.grad"),
    "with_siblings/engine.py": A_CONTRIBUTION_IS_LOST,
}
"""Of each engine one place, and what is written there in its twin."""

SHOWS = {
    "tanh(a)*a + 2*b": (0.5, 1.25),
    "s = a*b; s*s + a*s + b": (0.5, 1.25),
    "(b + a) + a*a": (0.5, 1.25),
    "tanh(a)*tanh(b)": (0.5, 0.5),
    "log(a)*b": (0.5, 1.25),
}
"""Cases of which at least one shows each bug."""

every_engine = pytest.mark.parametrize("name", BUGS)


@pytest.fixture(autouse=True)
def _same_surroundings(monkeypatch):
    """Loading puts a folder on the path and a package in the table of modules."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in [name for name in sys.modules if name.startswith("with_siblings")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def twin(tmp_path):
    """The engine of a name with its bug, in a folder of its own."""

    def write(name):
        right, wrong = BUGS[name]
        file = tmp_path / name
        if file.parent != tmp_path:
            shutil.copytree((FOLDER / name).parent, file.parent)
        source = (FOLDER / name).read_text()
        assert source.count(right) == 1
        file.write_text(source.replace(right, wrong))
        return file

    return write


def test_every_variation_is_tried():
    files = {file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*.py")}
    assert files - {"with_siblings/__init__.py", "with_siblings/partials.py"} == set(BUGS)


@every_engine
def test_nothing_is_found_in_a_correct_engine(name):
    engine = load_engine(str(FOLDER / name))
    options = Options(
        operations=tuple(sorted(engine.operations, key=lambda operation: operation.name)),
        max_ops=6,
        seed=0,
        seconds=None,
        expressions=50,
        output=Path("nowhere"),
        fail_fast=True,
    )
    with contextlib.redirect_stdout(io.StringIO()):
        *_, last = run(engine, options, InlineExecutor(engine, options), stopped=lambda: False)
    assert last.findings == ()
    assert last.state.statistics.decided > 80


@every_engine
def test_a_bug_is_found_in_its_twin_and_shown_without_the_harness(name, twin):
    file = twin(name)
    script = reproduction(first_finding(load_engine(str(file))))
    assert outcome(script, file.parent).stderr.splitlines()[-1].startswith("AssertionError: ")
    file.write_text((FOLDER / name).read_text())
    assert outcome(script, file.parent).returncode == 0, script


def first_finding(engine):
    for formula, point in SHOWS.items():
        expression = parse(formula)
        if expression.operations <= engine.operations:
            verdict = check(Case(expression, point), engine)
            if verdict.kind.is_finding:
                return verdict
    pytest.fail("no finding")


def outcome(script, folder):
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    environment.pop(
        "COVERAGE_PROCESS_CONFIG", None
    )  # it would make each script several times as slow
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
