"""Every bug's script fails against the broken engine, and passes against the healthy one."""

from pathlib import Path

import pytest

from gradcheck import Case, check, parse
from gradcheck.expression import Apply, Expression, Input
from gradcheck.findings.script.engine_import import engine_import
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.notation import SCRIPT_NAMES
from gradcheck.operations import OPERATIONS
from gradcheck.selftest.zoo import planted_bugs
from helpers.processes import run_python
from helpers.script_names import names_besides

ROOT = Path(__file__).parents[2]
ENGINES = ROOT / "tests" / "engines"
ZOO = planted_bugs()

every_bug = pytest.mark.parametrize("bug", ZOO, ids=[bug.name for bug in ZOO])


def run(script, folder=ROOT):
    return run_python("-c", script, folder=folder)


def script_for(bug):
    return reproduction(check(bug.smallest, bug.engine))


@every_bug
def test_a_script_fails_while_the_bug_is_there(bug):
    result = run(script_for(bug))
    assert result.returncode != 0, result.stderr
    if bug.cause not in ("crash", "hang"):
        assert result.stderr.splitlines()[-1].startswith("AssertionError: ")


@every_bug
def test_a_script_passes_when_the_bug_is_fixed(bug):
    script = script_for(bug)
    mended = script.replace(
        f"from gradcheck.engine.broken import {bug.name}\n",
        f"from gradcheck.engine import Value as {bug.name}\n",
    )
    assert mended != script
    result = run(mended)
    assert (result.returncode, result.stderr) == (0, "")


@every_bug
def test_no_input_can_have_a_name_that_a_script_uses_itself(bug):
    script = script_for(bug)
    assert names_besides(bug.smallest.expression.inputs, script) <= SCRIPT_NAMES


def test_a_script_shows_the_crash():
    verdict = check(Case(parse("tanh(a)"), (400.0,)), "engine.broken:tanh_overflows")
    result = run(reproduction(verdict))
    assert result.stderr.splitlines()[-1] == "OverflowError: math range error"


def test_a_script_looks_as_if_written_by_hand():
    verdict = check(Case(parse("a*a"), (3.0,)), "engine.broken:overwrites_in_product")
    assert reproduction(verdict).endswith(
        """\
from gradcheck.engine.broken import overwrites_in_product

a = overwrites_in_product(3.0)
out = a * a
out.backward()

# True number, from SymPy and ball arithmetic: 6.0. Rounding cannot change it.
assert float(a.grad) == 6.0, f"a.grad is {a.grad}, not 6.0"
"""
    )


@pytest.mark.parametrize(
    "name", ["NoGradient", "TextGradient", "ReturnsText", "NoBackward", "MutatesInputs", "NanValue"]
)
def test_an_engine_that_misbehaves_makes_its_script_fail(name):
    verdict = check(Case(parse("a*b"), (2.0, 3.0)), f"{ENGINES / 'misbehaving.py'}:{name}")
    script = reproduction(verdict)
    assert run(script).returncode == 1
    healthy = f"from gradcheck.engine import Value as {name}"
    assert run(script.replace(f"from misbehaving import {name}", healthy)).returncode == 0


def test_a_forward_pass_that_is_wrong_beside_the_point_shows_in_two_values():
    engine = f"{ENGINES / 'wrong_off_the_grid.py'}:Value"
    script = reproduction(check(Case(parse("a*b"), (1.0, 1.0)), engine))
    assert run(script).returncode == 1
    assert (
        run(script.replace("wrong_off_the_grid import", "gradcheck.engine import")).returncode == 0
    )


SINGLE = """
import numpy as np

class Value:
    def __init__(self, data, operands=(), partials=()):
        self.data, self.grad = np.float32(data), np.float32(0)
        self.operands, self.partials = operands, partials

    def __mul__(self, other):
        product = self.data * other.data
        off = np.float32(0.001) if product % 1 else 0
        return Value(product + off, (self, other), (other.data, self.data))

    def backward(self, above=np.float32(1)):
        self.grad = self.grad + above
        for operand, partial in zip(self.operands, self.partials):
            operand.backward(above * partial)
"""


def test_the_two_values_are_a_step_of_the_engines_own_precision_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    engine = tmp_path / "mine.py"
    engine.write_text(SINGLE)
    script = reproduction(check(Case(parse("a*b"), (1.0, 1.0)), "mine.py:Value"))
    assert run(script, tmp_path).stderr.splitlines()[-1].startswith("AssertionError: slope is ")
    engine.write_text(SINGLE.replace("0.001", "0"))
    assert run(script, tmp_path).returncode == 0


def test_names_that_python_forbids_are_replaced():
    names = ("a b", "class", "n3", "out", "Value", "__import__('os').abort()", "x0", "ä")
    nodes = [*map(Input, names), Apply(OPERATIONS["*"], (0, 1))]
    for index in range(2, len(names)):
        nodes.append(Apply(OPERATIONS["*"], (len(nodes) - 1, index)))
    case = Case(Expression(tuple(nodes)), tuple(float(i) for i in range(1, len(names) + 1)))
    script = reproduction(check(case, "engine.broken:swaps_factors"))
    assert "\nx1 = swaps_factors(1.0)\nx2 = swaps_factors(2.0)\n" in script
    assert "os" not in script.partition("from gradcheck.engine.broken")[2].replace("swaps", "")
    assert run(script).stderr.splitlines()[-1].startswith("AssertionError: ")


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        ("my_engine.py", ("from my_engine import Value",)),
        ("folder/my_engine.py", ("from my_engine import Value",)),
        ("package/inner/my_engine.py", ("from package.inner.my_engine import Value",)),
        ("01-engine.py", ("import importlib", "", "Value = importlib")),
        ("class.py", ('importlib.import_module("class")',)),
        ("\N{SNOWMAN} \N{GRINNING FACE}/my_engine.py", ("from my_engine import Value",)),
    ],
)
def test_an_engine_in_a_file_is_imported_from_where_it_lies(tmp_path, monkeypatch, place, lines):
    monkeypatch.chdir(tmp_path)
    for part in ("package", "package/inner"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "__init__.py").touch()
    (tmp_path / place).parent.mkdir(exist_ok=True)
    source = (ENGINES / "plain.py").read_text().replace("child.grad +=", "child.grad =")
    (tmp_path / place).write_text(source)
    script = reproduction(check(Case(parse("a*a"), (3.0,)), f"{place}:Value"))
    assert all(line in script for line in lines)
    assert str(tmp_path) not in script
    assert run(script, tmp_path).stderr.splitlines()[-1] == "AssertionError: a.grad is 3.0, not 6.0"


def test_an_installed_engine_needs_no_path():
    assert engine_import("micrograd.engine:Value").lines == ("from micrograd.engine import Value",)
