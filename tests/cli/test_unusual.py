"""What proves no fault and is told all the same: kinks, singular points, the depth of a graph."""

import json
from pathlib import Path

import pytest

EDGES = Path(__file__).parents[1] / "engines" / "edges.py"

CASES = {
    "kink": ("Both", "max(a, b)", "a=1", "b=1"),
    "singular": ("NotANumber", "a*a**0.5", "a=0"),
}


@pytest.mark.parametrize("word", CASES)
def test_a_check_fails_on_it_only_if_it_is_asked_to(command_line, word):
    engine, *case = CASES[word]
    words = ("check", *case, "--engine", f"{EDGES}:{engine}")
    assert command_line(*words).returncode in (0, 4)
    assert command_line(*words, "--fail-on", word).returncode == 1


def test_a_check_that_decides_no_gradient_has_checked_nothing(command_line):
    words = ("check", "log(a)", "--engine", f"{EDGES}:Value")
    assert command_line(*words, "a=-1").returncode == 4
    assert command_line(*words, "a=1").returncode == 0


def at_kinks(engine):
    small = ("--ops", "max", "--max-ops", "3", "--examples", "50", "--seed", "1", "--verbose")
    return "fuzz", *small, "--engine", engine


def test_a_run_lists_what_it_met_with_an_example(command_line):
    result = command_line(*at_kinks(f"{EDGES}:Halves"))
    assert "At a kink, with the numbers of a side" in result.stdout
    assert "no-subgradient" not in result.stdout
    result = command_line(*at_kinks(f"{EDGES}:Neither"))
    assert "no-subgradient-of-max, such as " in result.stdout


def test_a_finding_that_was_asked_for_is_saved_and_replayed(command_line, tmp_path):
    def saved(folder, *more):
        command_line(*at_kinks(f"{EDGES}:Neither"), "--output", folder, *more)
        kinds = {path: kind_of(path) for path in (tmp_path / folder).rglob("case.json")}
        return [path for path, kind in kinds.items() if kind == "no-subgradient"]

    def kind_of(path):
        return json.loads(path.read_text())["verdict"]["kind"]

    assert saved("quiet") == []
    [path] = saved("loud", "--fail-on", "kink")
    again = command_line("replay", str(path), "--engine", f"{EDGES}:Neither")
    assert (again.returncode, "STILL THERE" in again.stdout) == (1, True)
    mended = command_line("replay", str(path), "--engine", f"{EDGES}:Halves")
    assert (mended.returncode, "FIXED" in mended.stdout) == (0, True)


def test_a_recursion_limit_is_told_with_its_number(command_line):
    words = ("fuzz", "--ops", "+", "--examples", "1", "--seed", "1", "--verbose")
    recursive = ("--engine", f"{EDGES}:Recursive")
    result = command_line(*words, *recursive)
    [line] = [line for line in result.stdout.splitlines() if line.startswith("Depth limit")]
    assert 100 < int(line.split()[7]) < 1000
    assert result.returncode == 0
    assert command_line(*words, *recursive, "--fail-on", "depth").returncode == 1


def test_an_engine_without_recursion_has_no_depth_limit(command_line):
    words = ("fuzz", "--ops", "+", "--examples", "1", "--seed", "1", "--verbose")
    result = command_line(*words, "--engine", f"{EDGES}:Value")
    assert "Depth limit" not in result.stdout
