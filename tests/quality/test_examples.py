"""The examples do what they say."""

import importlib.util
import re
import shutil
from pathlib import Path

import pytest

from helpers.processes import run_python

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def command_line(tmp_path):
    """The real command line, run in an empty folder."""
    return lambda *words: run_python("-m", "gradcheck", *words, folder=tmp_path)


def test_every_example_is_tried():
    tests = " ".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert all(path.name in tests for path in EXAMPLES.iterdir() if path.is_file())


def test_the_first_value_has_the_bug_that_it_says(command_line):
    found = command_line(
        "fuzz", "--engine", f"{EXAMPLES}/first_value.py:Value", "--examples", "40", "--seed", "1"
    )
    assert found.returncode == 1
    assert "lost-contribution-of-mul" in found.stdout


@pytest.mark.parametrize(("broken", "code"), [(False, 0), (True, 1)])
def test_a_custom_operation_is_checked(command_line, tmp_path, broken, code):
    source = (EXAMPLES / "custom_operation.py").read_text()
    wrong = source.replace("s + self.data", "s - self.data")
    (tmp_path / "mine.py").write_text(wrong if broken else source)
    judged = command_line(
        *("fuzz", "--engine", "mine.py:Value", "--ops", "+ * swish"),
        *("--examples", "60", "--seed", "1"),
    )
    assert judged.returncode == code, judged.stdout + judged.stderr
    assert ("At fault is swish" in judged.stdout) is broken


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed: an extra"
)
@pytest.mark.parametrize(("broken", "code"), [(False, 0), (True, 1)])
def test_a_function_for_torch_is_checked(command_line, tmp_path, broken, code):
    source = (EXAMPLES / "torch_function.py").read_text()
    wrong = source.replace("upstream * result", "result")
    (tmp_path / "mine.py").write_text(wrong if broken else source)
    judged = command_line(
        *("fuzz", "--engine", "torch", "--ops", "+ * exp"),
        *("--engine-option", "operation.exp=mine.py:Exp.apply"),
        *("--examples", "60", "--seed", "1"),
    )
    assert judged.returncode == code, judged.stdout + judged.stderr
    assert ("At fault is exp" in judged.stdout) is broken


def test_the_commands_of_the_workflow_run(command_line, tmp_path):
    # Those of ci.yml that are gradcheck's, on an engine that is right and for a moment only.
    engine = Path(__file__).parents[1] / "engines" / "plain.py"
    shutil.copy(engine, tmp_path / "my_engine.py")
    [fuzz] = re.findall(r"- run: python -m gradcheck (.*)", (EXAMPLES / "ci.yml").read_text())
    words = fuzz.replace("--time 60s", "--examples 20").split()
    assert command_line(*words).returncode == 0
    [suite] = re.findall(r"- run: pytest (.*)", (EXAMPLES / "ci.yml").read_text())
    assert suite == "--gradcheck-engine my_engine.py:Value --pyargs gradcheck.conformance"
