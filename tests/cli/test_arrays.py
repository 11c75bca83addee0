"""The commands on an engine of arrays, which they find by looking."""

import json
import subprocess
import sys

import numpy as np
import pytest

from gradcheck.engine.broken.array_bugs import BUGS, RIGHT

REPEATED = BUGS["a repeated index is written over"].source
FUZZ = ("--examples", "200", "--seed", "1")


@pytest.fixture
def tensor(tmp_path):
    """Write the engine of a test, and return its file."""

    def write(source):
        file = tmp_path / "tensor.py"
        file.write_text(source)
        return file

    return write


def test_a_right_engine_of_arrays_has_no_finding(command_line, tensor):
    tensor(RIGHT)
    result = command_line("fuzz", "tensor.py", *FUZZ)
    assert (result.returncode, "No finding." in result.stdout) == (0, True), result.stdout


def test_a_bug_is_found_saved_judged_again_and_mended(command_line, tensor, tmp_path):
    tensor(REPEATED)
    found = command_line("fuzz", "tensor.py", *FUZZ)
    assert found.returncode == 1
    assert "x[[0, 0]]\n" in found.stdout
    assert "At fault is index: element [0] of the gradient of x is written over" in found.stdout
    [folder] = (tmp_path / "reports").glob("*/overwritten-index-of-index-*")
    assert {path.name for path in folder.iterdir()} >= {"case.json", "graph.svg", "repro.py"}
    assert "x[[0, 0]]" in command_line("show", str(folder)).stdout
    for code in (1, 0):
        assert command_line("replay").returncode == code
        script = [sys.executable, str(folder / "repro.py")]
        assert subprocess.run(script, cwd=tmp_path, check=False).returncode == code
        tensor(RIGHT)


def test_the_lifecycle_is_checked_on_arrays_of_one_element(command_line, tensor, tmp_path):
    tensor(RIGHT)
    result = command_line("fuzz", "tensor.py", "--examples", "5", "--life")
    assert result.returncode == 1
    assert "second-backward   broken" in result.stdout
    [folder] = (tmp_path / "reports").glob("*/second-backward-*")
    assert command_line("replay", str(folder)).stdout.startswith("STILL THERE")
    without_graphs = command_line("replay", str(folder), "--engine", "autograd[arrays=yes]")
    assert without_graphs.stdout.startswith("CANNOT RUN")
    assert "keeps no graphs" in without_graphs.stdout
    without_times = RIGHT.replace("__mul__", "times").replace("__rmul__", "times")
    # A gradient can be asked for without a product if the backward pass begins with what was set.
    tensor(without_times.replace("        self.grad = np.ones_like(self.data)\n", ""))
    assert "has no *" in command_line("replay", str(folder)).stdout
    tensor(RIGHT)
    words = ("sum(x * x)", "x=[1, 2]", "--engine", "tensor.py", "--life")
    checked = command_line("check", *words)
    assert (checked.returncode, "unchanged         holds" in checked.stdout) == (1, True)
    assert "sum_of_out.backward()\nsum_of_out.backward()\n" in checked.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is one of Linux")
def test_an_engine_of_arrays_runs_in_the_sandbox(command_line, tensor, tmp_path):
    tensor(RIGHT + f"\nopen({str(tmp_path / 'written')!r}, 'w').close()\n")
    result = command_line("fuzz", "tensor.py", "--examples", "5", "--isolate")
    assert result.returncode in (0, 2), result.stderr
    assert not (tmp_path / "written").exists()


def test_the_same_seed_gives_the_same_findings_in_two_processes(command_line, tensor):
    tensor(REPEATED)
    found = []
    for workers in ("1", "2"):
        words = ("--workers", workers, "--output", f"with_{workers}", "--format", "json")
        lines = command_line("fuzz", "tensor.py", *FUZZ, *words).stdout.splitlines()
        events = [event for event in map(json.loads, lines) if event["event"] == "finding"]
        found.append([(event["signature"], event["expression"]) for event in events])
    assert found[0] == found[1] != []


def test_check_takes_nested_lists_and_files(command_line, tensor, tmp_path):
    tensor(RIGHT)
    np.save(tmp_path / "w.npy", np.array([[0.5], [2.0]]))
    words = ("tanh(x @ w + b)", "x=[[1, 2]]", "w=w.npy", "b=0.5", "--engine", "tensor.py")
    result = command_line("check", *words, "--diagram", "graph.svg")
    assert result.returncode == 0
    assert "w[1, 0]" in result.stdout
    assert (tmp_path / "graph.svg").exists()


def test_a_shape_stands_for_numbers_that_differ(command_line, tensor):
    tensor(RIGHT)
    words = ("tanh(x @ w + b)", "x=1x2", "w=2x1", "b=1x", "--engine", "tensor.py")
    result = command_line("check", *words)
    assert result.returncode == 0
    assert "x = [[0.1, 0.2]], w = [[0.3], [0.4]], b = [0.5]" in result.stdout


def test_a_number_that_looks_like_a_shape_is_a_number(command_line, tensor):
    tensor(RIGHT)
    result = command_line("check", "sum(x * a)", "x=2x", "a=0x10", "--engine", "tensor.py")
    assert "x = [0.1, 0.2], a = 16" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x @ w", "x=[[1, 2]]", "w=[1]"), "matmul of shapes (1, 2) and (1,)"),
        (("sum(x)", "x=[[1], [1, 2]]"), "x is no array of numbers"),
        (("sum(x)", "x=missing.npy"), "cannot be read: No such file"),
        (("sum(x)", "x=objects.npy"), "is no array: a file of NumPy holds numbers"),
        (("sum(x)", "x=empty.npy"), "is no array: a file of NumPy holds numbers"),
        (("sum(x)", "x=complex.npy"), "x is no array of numbers"),
        (("sum(x)", 'x=["1"]'), "x is no array of numbers"),
        (("sum(x)", "x=weights.npz"), "is no array: write [[1, 2], [3, 4]]"),
        (("sum(x)", "x=[1"), "is no array"),
        (("sum(x)", "x=2x3y"), "is no array"),
        (("sum(x)", "[1]"), "is not NAME=ARRAY"),
        (("cumsum(x, 0)", "x=[1]"), "has no cumsum"),
        (("sum(x)", "x=[1e999]"), "not finite"),
        (("sum(x @ x)", "x=101x101"), "more than 1,000,000 steps on single numbers"),
        (("sum(x)", "x=[1]", "--step", "0.1"), "--step and --fail-on are for engines of numbers"),
        (("sum(x)", "x=[1]", "--fail-on", "kink"), "are for engines of numbers"),
    ],
)
def test_a_mistake_is_one_line(command_line, tensor, tmp_path, words, message):
    tensor(RIGHT)
    np.save(tmp_path / "objects.npy", np.array([1.0, None]))
    np.save(tmp_path / "complex.npy", np.array([1.0 + 2.0j]))
    (tmp_path / "empty.npy").touch()
    result = command_line("check", *words, "--engine", "tensor.py")
    assert result.returncode == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_array_makes_check_ask_a_library_for_its_arrays(command_line):
    result = command_line("check", "sum(x * x)", "x=[1, 2]", "--engine", "autograd")
    assert result.returncode == 0
    assert "autograd[arrays=yes] at x = [1, 2]" in result.stdout.replace(".0", "")
    result = command_line("check", "sum(x * x)", "x=2x2", "--engine", "autograd")
    assert "autograd[arrays=yes] at x = [[0.1, 0.2], [0.3, 0.4]]" in result.stdout


def test_engines_lists_array_operations_and_what_is_not_supported(command_line, tensor):
    tensor(RIGHT.replace("axis=None, keepdims=False", "axis=None"))
    result = command_line("engines", "tensor.py")
    assert "Arrays of float64" in result.stdout
    assert "matmul" in result.stdout
    tensor(RIGHT.replace("def __getitem__", "def at"))
    assert "index" not in command_line("engines", "tensor.py").stdout


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is one of Linux")
def test_grade_takes_engines_of_arrays_too(command_line, tmp_path):
    (tmp_path / "ada.py").write_text(RIGHT)
    (tmp_path / "ben.py").write_text(REPEATED)
    words = ("grade", "ada.py", "ben.py", "--time-limit", "300s", "--format", "json")
    engines = json.loads(command_line(*words).stdout)["engines"]
    assert [engine["status"] for engine in engines] == ["right", "wrong"]


def test_a_library_without_arrays_says_so(command_line):
    result = command_line("fuzz", "casadi", "--engine-option", "arrays=yes")
    assert result.returncode == 2
    assert "casadi is checked on numbers only" in result.stderr
