"""``gradcheck check``: the table, the picture, and one clear line for each mistake."""

import xml.etree.ElementTree as ET

import pytest
import sympy

CASE = ("check", "tanh(a*b + c)", "a=2", "b=-3", "c=10")


def row(result, name):
    """The cells of a row of the table; a number and what follows its ± are cells of their own."""
    table = result.stdout.partition("────")[2].splitlines()
    [line] = [line for line in table if line.split()[:1] == [name]]
    return line.split()[1:]


def test_the_table_has_a_row_for_the_value_and_one_for_each_input(command_line):
    result = command_line(*CASE)
    assert result.returncode == 0
    heading = next(line for line in result.stdout.splitlines() if "backprop" in line)
    assert heading.split() == ["backprop", "symbolic", "slope", "allowed", "error", "verdict"]
    assert row(result, "value")[0] == "0.999329299739067"
    assert row(result, "a")[:2] == ["-0.004022852049077691"] * 2
    assert all(row(result, name)[-1] == "correct" for name in ("value", "a", "b", "c"))


def test_the_derivatives_are_shown_as_sympy_writes_them_and_a_sentence_closes(command_line):
    lines = command_line(*CASE).stdout.splitlines()
    assert "d/da = b*(1 - tanh(a*b + c)**2)" in lines
    assert lines[-1].startswith("Correct: proved")


def test_a_step_shows_the_classic_slopes_of_the_seed(command_line):
    result = command_line("check", "a*b + c", "a=2", "b=-3", "c=10", "--step", "0.001")
    slopes = [row(result, name)[2] for name in "abc"]
    assert slopes == ["-3.0000000000001137", "1.9999999999997797", "0.9999999999994458"]


def test_a_wrong_engine_is_found(command_line):
    result = command_line("check", "a*a", "a=3", "--engine", "engine.broken:overwrites_gradient")
    assert result.returncode == 1
    assert row(result, "a")[-1] == "wrong-gradient"
    assert "At fault is the engine as a whole: a contribution is lost." in result.stdout


@pytest.mark.parametrize(
    ("ending", "is_picture"),
    [
        ("svg", lambda content: ET.fromstring(content).tag.endswith("svg")),
        ("png", lambda content: content.startswith(b"\x89PNG")),
        ("gv", lambda content: content.startswith(b"digraph")),
    ],
)
def test_the_diagram_is_what_its_name_says(command_line, tmp_path, ending, is_picture):
    file = tmp_path / f"graph.{ending}"
    assert command_line(*CASE, "--diagram", str(file)).returncode == 0
    assert is_picture(file.read_bytes())
    assert list(tmp_path.iterdir()) == [file]


def test_where_only_overflow_can_be_seen_nothing_was_checked(command_line):
    result = command_line("check", "a*a*(a*a)", "a=1e200")
    assert result.returncode == 4
    assert "Undecided: an intermediate result may leave the range" in result.stdout


def test_parts_can_be_named_and_numbers_can_be_hexadecimal(command_line):
    result = command_line("check", "s = a*b; s*s", "a=0x1.8p1", "b=2")
    assert row(result, "value")[0] == "36.0"


def test_a_sum_of_many_terms_is_a_formula(command_line):
    result = command_line("check", "+".join(["a"] * 500), "a=1")
    assert row(result, "a")[0] == "500.0"


MISTAKES = {
    "an operation that the engine lacks": ("sin(a)", "a=1"),
    "a missing number": ("a*b", "a=1"),
    "a number too many": ("a", "a=1", "b=2"),
    "a number given twice": ("a", "a=1", "a=2"),
    "no number": ("a", "a=one"),
    "an empty number": ("a", "a="),
    "not a number": ("a", "a=nan"),
    "an infinite number": ("a", "a=inf"),
    "no name": ("a", "1"),
    "no formula": ("a +* b", "a=1", "b=1"),
    "a step of zero": ("a", "a=1", "--step", "0"),
    "a picture of another kind": ("a", "a=1", "--diagram", "x.txt"),
    "a picture in a folder that does not exist": ("a", "a=1", "--diagram", "nowhere/x.svg"),
    "an unknown option": ("a", "a=1", "--enigne", "x"),
    "an unknown module": ("a", "a=1", "--engine", "no_such_module:Value"),
    "a file that exits": ("a", "a=1", "--engine", "exits.py:Value"),
    "a file with a syntax error": ("a", "a=1", "--engine", "unreadable.py:Value"),
}


@pytest.mark.parametrize("words", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_clear_line(command_line, tmp_path, words):
    (tmp_path / "exits.py").write_text("raise SystemExit(0)\n")
    (tmp_path / "unreadable.py").write_text("class Value\n")
    result = command_line("check", *words)
    assert result.returncode == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    assert len(result.stderr) < 400


@pytest.mark.usefixtures("forgetful_oracles")
def test_a_fault_of_the_harness_is_a_traceback_and_says_so(command_line, monkeypatch):
    monkeypatch.setattr(sympy, "diff", lambda *_: sympy.Integer(7))
    result = command_line("check", "a*a", "a=1")
    assert result.returncode == 3
    assert "Traceback" in result.stderr
    assert "gradcheck itself is at fault" in result.stderr


def test_without_a_command_the_help_is_shown(command_line):
    result = command_line()
    assert result.returncode == 2
    assert "check" in result.stderr
    assert "fuzz" in result.stderr


def test_more_than_one_backward_pass_is_judged_on_request_and_shown_as_a_script(command_line):
    engine = ("--engine", "micrograd.engine:Value")
    once = command_line("check", "a*a*4.0", "a=2", *engine)
    result = command_line("check", "a*a*4.0", "a=2", *engine, "--life")
    assert (once.returncode, result.returncode) == (0, 1)
    assert result.stdout.startswith(once.stdout)
    assert "second-backward   broken" in result.stdout
    assert "out.backward()\nout.backward()\n" in result.stdout
