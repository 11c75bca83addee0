"""What a beginner types and reads: the engine as an argument, everything it has, a short end."""

import time
from pathlib import Path

import pytest

from gradcheck.cli.loading import loading_is_told

ENGINES = Path(__file__).parents[1] / "engines"
PLAIN = (ENGINES / "plain.py").read_text()
BROKEN = PLAIN.replace("child.grad +=", "child.grad =")
FEW = ("--examples", "60", "--seed", "1")
SEVERAL_BUGS = f"{ENGINES / 'several_bugs.py'}:ForwardAndBackward"

WITH_DIFFERENCE = """
    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return {reflected}

    {power}
"""
RIGHT = {"reflected": "-self + other", "power": ""}


@pytest.mark.parametrize(
    ("wrong", "blamed"),
    [
        ({"reflected": "self + -other"}, "of-sub"),
        ({"power": "__pow__ = lambda self, exponent: self * self"}, "of-pow"),
    ],
    ids=["__rsub__", "**"],
)
def test_everything_that_an_engine_has_is_checked_unless_asked_otherwise(
    command_line, tmp_path, wrong, blamed
):
    (tmp_path / "right.py").write_text(PLAIN + WITH_DIFFERENCE.format(**RIGHT))
    (tmp_path / "wrong.py").write_text(PLAIN + WITH_DIFFERENCE.format(**{**RIGHT, **wrong}))
    assert command_line("fuzz", "right.py", *FEW).returncode == 0
    result = command_line("fuzz", "wrong.py", *FEW)
    assert result.returncode == 1
    assert blamed in result.stdout
    few = ("--ops", "+ * tanh", "--output", "few")
    assert command_line("fuzz", "wrong.py", *FEW, *few).returncode == 0


def test_what_is_left_out_is_said_with_the_option_that_adds_it(command_line):
    result = command_line("fuzz", "gradcheck.engine:Value", *FEW, "--ops", "basic tanh")
    assert "Left out: exp relu (--ops all adds them)." in result.stdout
    assert "Left out: a second backward pass (--life adds it)." in result.stdout
    whole = command_line("fuzz", "gradcheck.engine:Value", *FEW, "--life")
    assert "Left out" not in whole.stdout


def test_without_an_engine_the_one_that_was_checked_is_named_with_the_way_to_another(command_line):
    told = "No engine was named, so this checked engine:Value. Name yours: "
    assert told in command_line("fuzz", "--examples", "1").stderr
    assert told not in command_line("fuzz", "--engine", "engine:Value", "--examples", "1").stderr


def test_a_file_with_a_slip_in_its_name_is_proposed(command_line, tmp_path):
    (tmp_path / "my_engine.py").write_text(PLAIN)
    assert command_line("fuzz", "my_engin.py").stderr.endswith("; did you mean my_engine.py?\n")
    assert "did you mean" not in command_line("fuzz", "nothing.py").stderr


def test_an_engine_without_any_known_operation_is_told_in_one_line(command_line, tmp_path):
    (tmp_path / "bare.py").write_text("class Bare:\n    def backward(self): pass\n")
    result = command_line("fuzz", "bare.py:Bare", *FEW)
    assert result.returncode in (2, 4)
    assert result.stderr.count("\n") == 1


def test_an_engine_may_not_be_named_twice(command_line):
    result = command_line("fuzz", SEVERAL_BUGS, "--engine", SEVERAL_BUGS)
    assert result.returncode == 2
    assert "name it once" in result.stderr


@pytest.fixture
def folder_of_engines(tmp_path):
    folder = tmp_path / "students"
    folder.mkdir()
    for name, source in {
        "ann.py": PLAIN,
        "bob.py": BROKEN,
        "notes.py": "text = 'no engine'\n",
        "test_ann.py": "raise SystemExit\n",
        "_old.py": "raise SystemExit\n",
    }.items():
        (folder / name).write_text(source)
    return folder


def test_the_engines_of_a_folder_are_checked_one_after_the_other(
    command_line, folder_of_engines, saved, tmp_path
):
    result = command_line("fuzz", folder_of_engines.name, *FEW)
    assert result.returncode == 2
    assert result.stdout.splitlines()[-3:] == [
        "students/ann.py: no finding",
        "students/bob.py: findings",
        "students/notes.py: not checked, see its error above",
    ]
    assert len(saved(tmp_path)) == 1
    assert "students/notes.py has no class; an engine is a class of numbers" in result.stderr


def test_several_engines_end_with_the_gravest_exit_code(command_line, folder_of_engines):
    right, wrong = (f"{folder_of_engines.name}/{name}.py" for name in ("ann", "bob"))
    assert command_line("fuzz", right, right, *FEW).returncode == 0
    assert command_line("fuzz", right, wrong, *FEW).returncode == 1


def test_a_folder_without_engines_and_a_resumed_run_of_several_are_mistakes(command_line, tmp_path):
    (tmp_path / "empty").mkdir()
    for words in (("empty",), ("a.py", "b.py", "--resume", "reports"), ("--quiet", "--verbose")):
        result = command_line("fuzz", *words)
        assert result.returncode == 2
        assert result.stderr.count("\n") == 1


def test_a_run_ends_with_five_lines_and_all_counts_only_if_asked_for(command_line):
    def end(*more):
        result = command_line("fuzz", f"{ENGINES / 'plain.py'}", *FEW, *more)
        return result.stdout.partition("\nFinished")[2].splitlines()

    assert len(end()) <= 5
    assert not any(line.startswith("Worst rounding") for line in end())
    assert any(line.startswith("Worst rounding") for line in end("--verbose"))


def test_a_quiet_run_prints_its_findings_only(command_line):
    assert command_line("fuzz", f"{ENGINES / 'plain.py'}", *FEW, "--quiet").stdout == ""
    result = command_line("fuzz", SEVERAL_BUGS, *FEW, "--quiet")
    assert result.stdout.count("\nFinding: ") == result.stdout.count("\nSaved in reports/") == 2
    assert "Finished" not in result.stdout


WITHOUT_REFLECTED = PLAIN.replace("__rmul__ =", "no_rmul =")


@pytest.mark.parametrize("source", [PLAIN, WITHOUT_REFLECTED], ids=["reflected", "not reflected"])
def test_a_check_says_where_python_itself_would_raise(command_line, tmp_path, source):
    (tmp_path / "mine.py").write_text(source)
    result = command_line("check", "2*a", "a=3", "--engine", "mine.py")
    assert result.returncode == 0
    is_said = "Python itself would raise an error here: Value has no usable __rmul__"
    assert (is_said in result.stdout) is (source is WITHOUT_REFLECTED)
    assert "Python itself" not in command_line("check", "a*2", "a=3", "--engine", "mine.py").stdout


def test_loading_is_told_only_if_it_takes_longer_than_a_moment(capfd):
    with loading_is_told("mine.py") as loaded:
        loaded()
    assert capfd.readouterr().err == ""
    with loading_is_told("mine.py"):
        told = ""
        while not told:
            time.sleep(0.01)
            told = capfd.readouterr().err
    assert told == "Loading mine.py: 1 s\n"
