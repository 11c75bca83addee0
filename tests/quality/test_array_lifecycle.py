"""More than one backward pass on engines of arrays, which is checked on arrays of one element."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from gradcheck import Case, check, parse
from gradcheck.blame.cause import Cause
from gradcheck.engine.broken.array_bugs import RIGHT
from gradcheck.engines.isolation.loading import load_isolated
from gradcheck.engines.loading import load_any_engine
from gradcheck.expression import Backward
from gradcheck.findings.case_file import read_finding
from gradcheck.findings.gallery.page import write_gallery
from gradcheck.findings.replay import ReplayOutcome, replay
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.findings.store import save
from gradcheck.fuzz.tasks import CheckLifecycle
from gradcheck.lifecycle.run import LifecycleOutcome, run_check
from gradcheck.lifecycle.steps import CHECKS
from gradcheck.notation import SCRIPT_NAMES
from gradcheck.one_element import OneElementCase
from gradcheck.operations import OPERATIONS
from gradcheck.table import render
from helpers.array_shapes import SHAPES, changed, without
from helpers.findings import finding_of
from helpers.processes import run_python
from helpers.runs import options
from helpers.script_names import names_besides

# Gradients of inner nodes are cleared first, as in PyTorch.
CLEARS = changed(
    (
        "        self.grad = np.ones_like(self.data)\n",
        "        for node in order:\n"
        "            if node.parents:\n"
        "                node.grad = np.zeros_like(node.data)\n"
        "        self.grad = np.ones_like(self.data)\n",
    ),
    (
        "    def backward(self)",
        "    def zero_grad(self):\n        self.grad = np.zeros_like(self.data)\n\n"
        "    def backward(self)",
    ),
)

EXP = "return Tensor(e, (self,), lambda g: self.give(g * e))"

ADDS_TO_ITS_INPUT = changed(
    (EXP, "return Tensor(e, (self,), lambda g: (self.give(g * e), self.data.__iadd__(1.0)))"),
    source=CLEARS,
)

BROKEN = {
    **dict.fromkeys((Cause.SECOND_BACKWARD, Cause.SHARED_OUTPUTS, Cause.INNER_FIRST), RIGHT),
    Cause.ZERO_GRAD: changed(
        (
            "    def zero_grad(self):\n        self.grad = np.zeros_like(self.data)",
            "    def zero_grad(self):\n        self.grad = self.grad * 0.5",
        ),
        source=CLEARS,
    ),
    Cause.USED_INPUTS: changed(
        (
            "    def __mul__(self, other):\n",
            "    def __mul__(self, other):\n        self.grad = np.zeros_like(self.data)\n",
        ),
        source=CLEARS,
    ),
    Cause.UNCHANGED: ADDS_TO_ITS_INPUT,
    Cause.SAME_BITS: changed(
        ("in node.parents]", "in node.parents][:: 2 * np.random.randint(2) - 1]"), source=CLEARS
    ),
}
"""An engine that is broken for each check; ``CLEARS`` is right for all of them."""

WITHOUT_SUM = changed(
    ("def backward(self):", "def backward(self, gradient):"),
    ("self.grad = np.ones_like(self.data)\n", "self.grad = gradient\n"),
    source=without("sum", "mean"),
)

ENDS = """\
        if self.grad.any():
            __import__("os")._exit(3)
"""
"""Lines for the beginning of a backward pass, which ends the process if it is the second one."""

INNER = (Cause.SECOND_BACKWARD, Cause.INNER_FIRST)

every_check = pytest.mark.parametrize("cause", CHECKS)


def test_the_lifecycle_of_arrays_is_checked_on_arrays_of_one_element(load):
    outcomes = {each.value: run_check(each, load(RIGHT)) for each in CHECKS}
    broken = {name for name, result in outcomes.items() if result.verdict is not None}
    assert broken == {"second-backward", "shared-outputs", "inner-first"}
    assert outcomes["zero-grad"].outcome is LifecycleOutcome.NOT_APPLICABLE
    assert outcomes["used-inputs"].outcome is LifecycleOutcome.HOLDS


def test_the_lifecycle_is_checked_with_the_operations_that_are_asked_for(load):
    engine = load(ADDS_TO_ITS_INPUT)
    result = run_check(Cause.UNCHANGED, engine)
    assert OPERATIONS["exp"] in result.verdict.case.operations
    asked = {OPERATIONS["+"], OPERATIONS["*"]}
    result = run_check(Cause.UNCHANGED, engine, operations=asked)
    assert result.outcome is LifecycleOutcome.HOLDS


def test_a_run_checks_the_lifecycle_with_its_operations(load, tmp_path):
    engine = load(ADDS_TO_ITS_INPUT)

    def checked(*names):
        asked = options(array_operations=names, output=tmp_path, operations=())
        return CheckLifecycle(Cause.UNCHANGED).run(engine, asked, lambda: None).outcome

    assert checked("exp", "sum") is LifecycleOutcome.BROKEN
    assert checked("+", "*", "sum") is LifecycleOutcome.HOLDS


def test_every_check_of_the_lifecycle_holds_for_a_right_engine(load):
    engine = load(CLEARS)
    outcomes = {run_check(each, engine).outcome for each in CHECKS}
    assert outcomes == {LifecycleOutcome.HOLDS}


def test_an_isolated_engine_has_the_same_lifecycle(load):
    engine = load(CLEARS, load_isolated)
    assert run_check(CHECKS[0], engine).outcome is LifecycleOutcome.HOLDS


@every_check
def test_each_check_finds_the_engine_that_is_broken_for_it(load, cause):
    result = run_check(cause, load(BROKEN[cause]))
    assert result.outcome is LifecycleOutcome.BROKEN
    assert result.verdict.signature == cause


@every_check
def test_every_view_of_a_finding_shows_the_sum_that_was_run(load, cause):
    result = run_check(cause, load(BROKEN[cause]))
    folder = save(finding_of(result.verdict), Path("reports"))
    saved = read_finding(folder).smallest
    assert saved == result.verdict.report
    assert saved.steps.startswith(("backward() of `sum(", "backward() of `n1 = "))
    formula = saved.formula
    assert formula.endswith(")")
    assert "sum(" in formula
    [number] = saved.case.numbers["a"]
    point = f"a = [{number!r}]"
    console = Console(file=io.StringIO(), width=500)
    console.print(render(saved))
    shown = (
        console.file.getvalue(),
        (folder / "README.md").read_text(),
        write_gallery(Path("reports")).read_text(),
    )
    assert all(formula in text and point in text for text in shown)
    assert point in result.says
    assert saved.steps in result.says
    assert f'"expression": "{formula}"' in (folder / "case.json").read_text()
    assert '("sum")' in (folder / "graph.mmd").read_text()


@every_check
def test_a_finding_is_still_there_until_it_is_mended(load, cause):
    result = run_check(cause, load(BROKEN[cause]))
    folder = save(finding_of(result.verdict), Path("reports"))
    assert isinstance(read_finding(folder).smallest.case, OneElementCase)
    assert replay(folder, None).outcome is ReplayOutcome.STILL_THERE
    load(CLEARS)
    assert replay(folder, None).outcome is ReplayOutcome.FIXED


def test_an_engine_without_a_sum_is_shown_without_one(load):
    verdict = run_check(Cause.SECOND_BACKWARD, load(WITHOUT_SUM)).verdict
    report = verdict.report
    assert (report.formula, report.case.numbers) == ("n1 = a*a; n1*n1", {"a": [2.0]})
    assert report.steps == "backward() of `n1 = a*a; n1*n1`, then again"
    folder = save(finding_of(verdict), Path("reports"))
    assert read_finding(folder).smallest == verdict.report
    assert '("sum")' not in (folder / "graph.mmd").read_text()


def test_steps_that_are_given_are_shown_as_they_are_run_on_arrays(load):
    case = Case(parse("a*a"), (3.0,), steps=(Backward(1), Backward(1)))
    assert check(case, load(RIGHT)).report.formula == "sum(a*a)"
    assert check(case, "micrograd.engine:Value").report.formula == "a*a"


def test_a_finding_on_arrays_does_not_run_on_an_engine_of_numbers(load):
    folder = save(finding_of(run_check(CHECKS[0], load(RIGHT)).verdict), Path("reports"))
    again = replay(folder, "gradcheck.engine:Value")
    assert again.outcome is ReplayOutcome.CANNOT_RUN
    assert "an engine of numbers, and the case is one of arrays" in again.detail


def test_a_case_with_two_numbers_for_an_array_of_one_element_is_refused_in_one_line(load):
    folder = save(finding_of(run_check(CHECKS[0], load(RIGHT)).verdict), Path("reports"))
    file = folder / "case.json"
    file.write_text(file.read_text().replace('"0x1.0000000000000p+1"', '"0x1.0p+1", "0x1.0p+1"'))
    again = replay(folder, None)
    assert again.outcome is ReplayOutcome.CANNOT_RUN
    assert "expected a list of one number" in again.detail


def run_script(folder):
    return run_python(folder / "repro.py", folder=Path.cwd())


@every_check
def test_the_script_of_a_finding_fails_until_it_is_mended(load, cause):
    result = run_check(cause, load(BROKEN[cause]))
    folder = save(finding_of(result.verdict), Path("reports"))
    script = (folder / "repro.py").read_text()
    assert "gradcheck itself judges it" not in script
    assert names_besides(result.verdict.case.expression.inputs, script) <= SCRIPT_NAMES
    broken = run_script(folder)
    assert broken.returncode == 1
    assert broken.stderr.splitlines()[-1].startswith("AssertionError: ")
    load(CLEARS)
    mended = run_script(folder)
    assert (mended.returncode, mended.stderr) == (0, "")


OF_SUM = ("sum_of_out = out.sum()", "sum_of_out.backward()")

BACKWARD = {
    # An array has .data too, so the engine takes one for a tensor.
    **dict.fromkeys(
        ("backward with a seed", "backward with a seed that is a tensor"),
        (OF_SUM[0], "sum_of_out.backward(np.ones_like(sum_of_out.data))"),
    ),
    "backward from a gradient that was set": (
        OF_SUM[0],
        "sum_of_out.grad = np.ones_like(sum_of_out.data)",
        "sum_of_out.backward()",
    ),
    "a sum that takes an axis": ("sum_of_out = out.sum(axis=0)", "sum_of_out.backward()"),
    "no sum": ("out.backward(np.ones_like(out.data))",),
    "functions of the module": ("sum_of_out = sum(out)", "sum_of_out._backward()"),
}
"""The lines of the first backward pass of the shapes in which it is not ``OF_SUM``."""


@pytest.mark.parametrize("shape", SHAPES)
def test_a_script_is_written_in_the_words_of_the_engine(load, shape):
    engine = load(SHAPES[shape], only_class)
    result = next(filter(is_broken, (run_check(cause, engine) for cause in INNER)))
    folder = save(finding_of(result.verdict), Path("reports"))
    first_pass = "\n".join(BACKWARD.get(shape, OF_SUM))
    assert f"\n{first_pass}\n" in (folder / "repro.py").read_text()
    script = run_script(folder)
    assert script.returncode == 1
    assert script.stderr.splitlines()[-1].startswith("AssertionError: ")


def only_class(spec):
    return load_any_engine(spec.partition(":")[0])


def is_broken(result):
    return result.verdict is not None


def test_a_script_looks_as_if_written_by_hand(load):
    verdict = run_check(Cause.INNER_FIRST, load(RIGHT)).verdict
    assert reproduction(verdict).partition("import sys\n\n")[2] == (
        """\
import numpy as np

sys.path.insert(0, ".")  # where my_tensor is

from my_tensor import Tensor

a = Tensor(np.array([2.0]))
n1 = a * a
out = n1 * n1
sum_of_n1 = n1.sum()
sum_of_n1.backward()
sum_of_out = out.sum()
sum_of_out.backward()

# The ranges that rounding allows, from SymPy and ball arithmetic:
gradients_add_up = 35.99999999999999 <= a.grad.item() <= 36.00000000000001
gradients_are_replaced = a.grad.item() == 32.0
assert gradients_add_up or gradients_are_replaced, f"a.grad.item() = {a.grad.item()}"
"""
    )


def with_module(clear):
    """Return a source whose ``zero_grad`` is that of a class of modules."""
    return (
        without("zero_grad", source=CLEARS)
        + "\n\nclass Module:\n"
        + "    def zero_grad(self):\n        for p in self.parameters():\n"
        + f"            p.grad = {clear}\n"
    )


def test_a_module_that_does_not_ask_for_its_parameters_promises_nothing_about_inputs(load):
    source = with_module("np.zeros_like(p.data)").replace(
        "self.parameters()", "vars(self).values()"
    )
    result = run_check(Cause.ZERO_GRAD, load(source))
    assert result.outcome is LifecycleOutcome.NOT_APPLICABLE


def test_a_script_calls_the_zero_grad_of_a_module(load):
    verdict = run_check(Cause.ZERO_GRAD, load(with_module("p.grad * 0.5"))).verdict
    folder = save(finding_of(verdict), Path("reports"))
    assert "class Inputs(Module):" in (folder / "repro.py").read_text()
    assert run_script(folder).returncode == 1
    load(with_module("np.zeros_like(p.data)"))
    mended = run_script(folder)
    assert (mended.returncode, mended.stderr) == (0, "")


def test_a_script_of_an_engine_that_ends_its_process_runs_it_in_another_one(load):
    second = changed(
        ("        order, seen = [], set()\n", "        order, seen = [], set()\n" + ENDS),
        source=CLEARS,
    )
    verdict = run_check(Cause.SECOND_BACKWARD, load(second, load_isolated)).verdict
    folder = save(finding_of(verdict), Path("reports"))
    ended = run_script(folder)
    assert "the engine ended its process with exit code 3" in ended.stderr.splitlines()[-1]
    load(CLEARS)
    assert run_script(folder).returncode == 0


def test_inputs_with_names_that_the_script_needs_get_other_ones(load):
    case = Case(parse("np*sum_of_out"), (2.0, 3.0), steps=(Backward(2), Backward(2)))
    script = reproduction(check(case, load(RIGHT)))
    assert "out = x0 * x1\nsum_of_out = out.sum()\n" in script


def test_an_input_with_the_name_of_a_function_that_the_script_imports_gets_another_one(load):
    source = changed(("_backward(", "_pass("), source=SHAPES["functions of the module"])
    case = Case(parse("a*backward"), (2.0, 3.0), steps=(Backward(2), Backward(2)))
    script = reproduction(check(case, load(source, only_class)))
    assert "from my_tensor import Tensor, sum, backward\n" in script
    assert "out = a * x0\n" in script
