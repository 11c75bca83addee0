"""Commands live through what an engine does to the process that it is in."""

import json
import shutil
from pathlib import Path

import pytest

from gradcheck import Case, check, parse
from gradcheck.adapters.loading_apart import load_apart
from gradcheck.findings.finding import Finding
from gradcheck.findings.sighting import Sighting, now
from gradcheck.findings.store import save

ENGINES = Path(__file__).parents[1] / "engines"
POINT = ("a*b + a", "a=3", "b=2")
QUICK = ("--case-timeout", "0.2", "--memory-limit", "200M")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder that commands run in, with the engines."""
    for name in ("ending.py", "plain.py"):
        shutil.copy(ENGINES / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Aborts", "At fault is *: it ends its process, SIGABRT."),
        ("AbortsWhatever", "At fault is *: it ends its process, SIGABRT."),
        ("ExitsAtOnce", "At fault is *: it ends its process, exit."),
        ("Interrupts", "At fault is *: it raises an error, KeyboardInterrupt."),
        ("Loops", "At fault is *: it does not come to an end."),
        ("Swallows", "At fault is *: it takes more memory than it may."),
    ],
)
def test_what_ends_a_process_is_a_finding(command_line, name, said):
    result = command_line("check", *POINT, "--engine", f"ending.py:{name}", *QUICK)
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.splitlines()[-1] == said
    assert result.stdout.startswith("a*b + a\n")


def test_its_twin_is_right(command_line):
    result = command_line("check", *POINT, "--engine", "ending.py:Healthy")
    assert (result.returncode, result.stderr) == (0, "")


def test_a_graph_that_ends_its_process_the_second_time_is_shown_as_a_script(command_line):
    engine = ("--engine", "ending.py:AbortsTheSecondTime")
    result = command_line("check", "a*a", "a=0.5", "--life", *engine)
    assert result.returncode == 1
    assert "then again: the backward ended its process by SIGABRT: Aborted" in result.stdout
    assert "# It ends the process that it is in" in result.stdout


def test_an_engine_that_ends_its_process_can_be_looked_at(command_line):
    result = command_line("engines", "ending.py:AbortsWhatever")
    assert result.returncode == 0
    assert "Checked: + * tanh" in result.stdout


def test_a_finding_that_ends_its_process_is_there_until_it_is_mended(command_line, folder):
    engine = load_apart("ending.py:Aborts")
    verdict = check(Case(parse("a*b"), (3.0, 2.0)), engine)
    seen = Sighting(began=now(), last=now(), times=1, seed=None)
    finding = save(Finding(verdict, worst=verdict, seen=seen, cases=1), folder / "reports")
    assert json.loads((finding / "case.json").read_text())["verdict"]["kind"] == "crash"
    result = command_line("replay")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith("STILL THERE")
    assert "crash-SIGABRT-of-mul" in result.stdout
    source = (folder / "ending.py").read_text()
    (folder / "ending.py").write_text(source.replace("os.abort()", "pass"))
    assert command_line("replay").returncode == 0


def test_an_import_that_ends_its_process_is_one_line(command_line, folder):
    (folder / "dies.py").write_text("import os\nos._exit(0)\n")
    result = command_line("check", *POINT, "--engine", "dies.py:Value")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "Error: 'dies.py:Value': importing it ended the process: exit: code 0\n"


def test_mistakes_are_told_by_the_process_that_makes_them(command_line):
    result = command_line("check", "a*b", "a=3")
    assert (result.returncode, result.stderr) == (2, "Error: no number for b: add b=1.0\n")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--case-timeout=soon", "is not a time such as 5s"),
        ("--case-timeout=0s", "is not a time such as 5s"),
        ("--memory-limit=much", "is not an amount of memory such as 500M"),
        ("--memory-limit=0G", "is not an amount of memory such as 500M"),
    ],
)
def test_a_limit_that_is_none_is_one_line(command_line, option, words):
    result = command_line("check", *POINT, option)
    assert result.returncode == 2
    assert words in result.stderr


def test_what_an_engine_does_to_the_rest_of_its_process_changes_no_run(command_line):
    """Random draws, the recursion limit, and what is printed by other means than Python's."""

    def events(name):
        words = ("--engine", f"ending.py:{name}", "--examples", "60", "--seed", "5")
        result = command_line("fuzz", *words, "--format", "json")
        assert result.returncode == 0, result.stderr
        lines = map(json.loads, result.stdout.splitlines())
        return [{**event, "engine": "", "seconds": 0} for event in lines]

    healthy = events("Healthy")
    assert events("Reseeds") == healthy
    assert events("LowersTheRecursionLimit") == healthy
    assert events("Prints") == healthy
