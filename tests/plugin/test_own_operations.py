"""Operations of one's own in pytest: from ``pyproject.toml``, and in committed cases."""

import json

import pytest

from gradcheck import Case, check, parse, register_operation
from gradcheck.findings.case_file import case_file
from gradcheck.operations import OPERATIONS, Operation
from helpers.findings import finding_of

ROW = """
from gradcheck import Operation, register_operation

register_operation(Operation("cube", definition=lambda x: x**3))
"""
ENGINE = """
class Value:
    def __init__(self, data, operand=None, partial=0.0):
        self.data, self.grad, self.operand, self.partial = data, 0.0, operand, partial

    def cube(self):
        return Value(self.data**3, self, 3.0 * self.data**2)

    def backward(self):
        self.grad = 1.0
        while self.operand is not None:
            self.operand.grad = self.partial * self.grad
            self = self.operand
"""
BROKEN = ENGINE.replace("3.0", "2.0")
TEST = """
from gradcheck import Case, assert_gradients, parse
from gradcheck.operations import operations_named

[CUBE] = operations_named("cube")


def test_cube():
    assert_gradients(Case(parse("cube(a)"), (2.0,)), "mine.py:Value")
"""
CONFIGURATION = '[tool.pytest.ini_options]\n[tool.gradcheck]\noperations = ["my_ops.py"]\n'


@pytest.fixture(autouse=True)
def _as_it_was():
    before = dict(OPERATIONS)
    yield
    OPERATIONS.clear()
    OPERATIONS.update(before)


@pytest.fixture
def folder(pytester):
    """pytest's root folder, with a module that registers an operation and a right engine."""
    pytester.makepyfile(my_ops=ROW, mine=ENGINE)
    return pytester.path


@pytest.fixture
def committed(folder):
    """A committed case with the operation, which this process has forgotten again."""
    operation = register_operation(Operation("cube", definition=lambda x: x**3))
    (folder / "broken.py").write_text(BROKEN)
    verdict = check(Case(parse("cube(a)"), (2.0,)), f"{folder / 'broken.py'}:Value")
    assert verdict.signature == "wrong-partial-of-cube"
    content = json.loads(case_file(finding_of(verdict), seen_before=()))
    del OPERATIONS[operation.name]
    file = folder / "cube.gradcase.json"
    file.write_text(
        json.dumps({**content, "engine": "mine.py:Value", "operations": {"cube": "my_ops.py"}})
    )
    return file


def test_tests_can_use_the_operations_of_the_configuration(pytester, folder):
    pytester.makepyfile(test_cube=TEST)
    (folder / "pyproject.toml").write_text(CONFIGURATION)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    (folder / "mine.py").write_text(BROKEN)
    result = pytester.runpytest_subprocess("-n1")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*At fault is cube: its derivative is wrong*"])


@pytest.mark.usefixtures("folder")
def test_tests_cannot_use_them_without_it(pytester):
    pytester.makepyfile(test_cube=TEST)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*UnknownOperationError: no operation is called 'cube'*"])


def test_a_finding_of_a_test_says_where_its_operation_is_registered(pytester, folder):
    pytester.makepyfile(test_cube=TEST)
    (folder / "pyproject.toml").write_text(CONFIGURATION)
    (folder / "mine.py").write_text(BROKEN)
    pytester.runpytest_subprocess()
    [case] = folder.rglob("case.json")
    assert json.loads(case.read_text())["operations"] == {"cube": "my_ops.py"}


@pytest.mark.parametrize("words", [(), ("--gradcheck-engine", "mine.py:Value")], ids=str)
def test_a_committed_case_imports_the_operations_that_it_names(pytester, committed, words):
    (committed.parent / "mine.py").write_text(BROKEN)
    if words:
        (committed.parent / "pyproject.toml").write_text(CONFIGURATION)
    result = pytester.runpytest_subprocess(*words)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*At fault is cube: its derivative is wrong*"])
    (committed.parent / "mine.py").write_text(ENGINE)
    pytester.runpytest_subprocess(*words).assert_outcomes(passed=1)


def test_the_places_in_a_committed_case_are_relative_to_the_root_folder(
    pytester, committed, monkeypatch
):
    (committed.parent / "pytest.ini").write_text("[pytest]\n")
    content = json.loads(committed.read_text())
    (committed.parent / "other.py").write_text("from my_ops import *\n")
    engine = "mine.py:Value[operations=other.py]"
    committed.write_text(json.dumps({**content, "engine": engine}))
    (committed.parent / "sub").mkdir()
    monkeypatch.chdir(committed.parent / "sub")
    pytester.runpytest_subprocess(str(committed)).assert_outcomes(passed=1)


def test_a_module_that_is_gone_fails_its_case_and_nothing_else(pytester, committed):
    (committed.parent / "my_ops.py").unlink()
    pytester.makepyfile(test_other="def test_other():\n    pass\n")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["the case: operations of my_ops.py: there is no file *"])
    assert "Traceback" not in str(result.stdout)


def test_a_case_that_names_no_module_says_what_is_missing(pytester, committed):
    content = json.loads(committed.read_text())
    committed.write_text(json.dumps({**content, "operations": {"cube": None}}))
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the case: nothing registers its operation cube; *"])


@pytest.mark.parametrize("words", [(), ("-n1",)], ids=str)
def test_a_mistake_in_the_configuration_is_one_line(pytester, folder, words):
    (folder / "pyproject.toml").write_text(CONFIGURATION.replace("my_ops", "no_ops"))
    result = pytester.runpytest_subprocess(*words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "[[]tool.gradcheck] in pyproject.toml: operations of no_ops.py: there is no file" in (
        str(result.stderr).replace("[tool", "[[]tool")
    )
    assert "Traceback" not in str(result.stderr)
