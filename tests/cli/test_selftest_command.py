"""``gradcheck selftest``: gradcheck itself, tested on planted bugs."""

import json
import shutil
from pathlib import Path

import pytest

from helpers.processes import run_python

ROOT = Path(__file__).parents[2]

HEALTHY_ZOO = """
from dataclasses import make_dataclass
from gradcheck.engine import Value

Entry = make_dataclass(
    "Entry", "name family engine wrong cause operation operands smallest at".split()
)
BUGS = {
    "no_bug": Entry(
        "no_bug", "none", Value, "Nothing.", "wrong-partial", "*", (0,), "a*a", {"a": 1.0}
    )
}
"""


def test_planted_bugs_are_found_and_blamed_and_the_correct_engine_passes(command_line):
    result = command_line("selftest", "--bugs", "counts_*")
    assert (result.returncode, result.stderr) == (0, "")
    for name in ("counts_square_once", "counts_double_once", "counts_repeated_operand_once"):
        [line] = [line for line in result.stdout.splitlines() if name in line]
        assert "found" in line
        assert "right" in line
    assert "Found: 3 of 3 bugs (100%)" in result.stdout
    assert "by its nodes and by probing, as one bug: 3 of 3." in result.stdout
    assert "False alarms on gradcheck.engine:Value: 0 in " in result.stdout


def test_planted_bugs_of_arrays_are_found_and_blamed_too(command_line):
    result = command_line("selftest", "--bugs", "a sign of *")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Found in arrays: 3 of 3 bugs (100%)" in result.stdout
    assert "Right blame, with the reason: 3 of 3." in result.stdout
    assert "False alarms on gradcheck.engine.broken.tensor:Tensor: 0 in " in result.stdout


@pytest.fixture(scope="module")
def beside_an_engine_of_the_user(in_folder, tmp_path_factory):
    """The self-test of one bug, in a folder with an ``engine.py``."""
    folder = tmp_path_factory.mktemp("theirs")
    (folder / "engine.py").write_text("raise RuntimeError('theirs, and not ours to import')")
    return in_folder(folder, "selftest", "--bugs", "seed_of_two", "--format", "json")


def test_json_lines_hold_the_same(beside_an_engine_of_the_user):
    bug, finished = map(json.loads, beside_an_engine_of_the_user.stdout.splitlines())
    assert (bug["bug"], bug["found"], bug["right"], bug["least"]) == ("seed_of_two", True, True, 0)
    assert all(trial["signature"] == "wrong-seed" for trial in bug["trials"])
    assert (finished["passed"], finished["false_alarms"]) == (True, 0)


def test_an_engine_of_the_user_is_not_imported(beside_an_engine_of_the_user):
    assert beside_an_engine_of_the_user.returncode == 0
    assert beside_an_engine_of_the_user.stderr == ""


def test_a_bug_that_is_not_found_fails_the_test(tmp_path):
    copy = tmp_path / "copy" / "gradcheck"
    shutil.copytree(ROOT / "gradcheck", copy)
    broken = copy / "engine" / "broken"
    (broken / "__init__.py").write_text(HEALTHY_ZOO)
    with (broken / "array_bugs.py").open("a") as file:
        file.write('BUGS = {"no_bug of arrays": bug(GIVE, GIVE, "wrong")}')
    words = ("-m", "gradcheck", "selftest")
    result = run_python(*words, folder=tmp_path, PYTHONPATH=str(copy.parent))
    assert result.returncode == 3, result.stderr
    assert "Found: 0 of 1 bugs (0%)" in result.stdout
    assert "Found in arrays: 0 of 1 bugs (0%)" in result.stdout


def test_a_pattern_without_a_match_lists_the_names(command_line):
    result = command_line("selftest", "--bugs", "nonsense")
    assert result.returncode == 2
    assert "overwrites_gradient" in result.stderr
