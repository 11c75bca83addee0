"""Engines as their authors write them, each checked from its path alone, and each with a bug."""

import contextlib
import io
import sys

import pytest

from gradcheck import Case, check, load_engine, parse
from gradcheck.findings.script.reproduction import reproduction
from helpers.processes import run_python
from helpers.runs import last_event, options
from helpers.variations import VARIATIONS

SHOWS = {
    "tanh(a)*a + 2*b": (0.5, 1.25),
    "s = a*b; s*s + a*s + b": (0.5, 1.25),
    "(b + a) + a*a": (0.5, 1.25),
    "tanh(a)*tanh(b)": (0.5, 0.5),
    "log(a)*b": (0.5, 1.25),
}
"""Cases of which at least one shows each bug."""

every_engine = pytest.mark.parametrize("name", VARIATIONS)


@pytest.fixture(autouse=True)
def _no_package_of_another_test(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("with_siblings")]:
        monkeypatch.delitem(sys.modules, name)


@every_engine
def test_nothing_is_found_in_a_correct_engine(name, variations):
    engine = load_engine(str(variations / name))
    operations = tuple(sorted(engine.operations, key=lambda operation: operation.name))
    asked = options(operations=operations, max_ops=6, examples=50, fail_fast=True)
    with contextlib.redirect_stdout(io.StringIO()):
        last = last_event(engine, asked)
    assert last.findings == ()
    assert last.state.statistics.decided > 80


@every_engine
def test_a_bug_is_found_in_its_twin_and_shown_without_the_harness(name, tmp_path):
    file = tmp_path / name
    VARIATIONS[name].write(file, broken=True)
    script = reproduction(first_finding(load_engine(str(file))))
    assert outcome(script, file.parent).stderr.splitlines()[-1].startswith("AssertionError: ")
    VARIATIONS[name].write(file)
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
    return run_python("-c", script, folder=folder, MPLBACKEND="Agg")
