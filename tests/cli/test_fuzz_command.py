"""``gradcheck fuzz``: its output, its JSON lines, and its mistakes."""

import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from gradcheck.operations import OPERATIONS

ENGINES = Path(__file__).parents[1] / "engines"
PLAIN = (ENGINES / "plain.py").read_text()
BROKEN = PLAIN.replace("child.grad +=", "child.grad =")
SEED = ("--seed", "1")


def events(result):
    return [json.loads(line, parse_constant=pytest.fail) for line in result.stdout.splitlines()]


SEVERAL = ("Two", "ForwardAndBackward")


@pytest.fixture(scope="module")
def runs(in_folder, tmp_path_factory):
    """A folder with the findings of two engines, and the result of each one's run."""
    folder = tmp_path_factory.mktemp("runs")

    def run(engine):
        return in_folder(folder, "fuzz", "--engine", spec(engine), "--examples", "60", *SEED)

    return folder, {engine: run(engine) for engine in SEVERAL}


def spec(engine):
    return f"{ENGINES / 'several_bugs.py'}:{engine}"


def test_a_correct_engine_is_proved_correct(command_line, tmp_path):
    result = command_line("fuzz", "--examples", "60", "--seed", "1")
    assert result.returncode == 0
    assert "Checking engine:Value with + * - / neg ** tanh exp relu, seed 1." in result.stdout
    assert "Judged 60 expressions" in result.stdout
    assert "No finding." in result.stdout
    assert "\x1b" not in result.stdout
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    files = {"reports/run.json", "reports/stats.json", "reports/events.jsonl"}
    assert written == {"reports", *files}


def test_operations_that_the_engine_lacks_are_listed_as_not_checked(command_line):
    words = ("fuzz", "micrograd.engine:Value", "--ops", "+ * tanh", "--examples", "20")
    result = command_line(*words)
    assert result.returncode == 0
    assert "with + *, seed" in result.stdout
    assert "Not checked (the engine has no such operation): tanh." in result.stdout


def test_an_engine_with_nothing_to_check_is_not_a_pass(command_line):
    result = command_line("fuzz", "--engine", "micrograd.engine:Value", "--ops", "tanh")
    assert result.returncode == 4
    assert result.stderr.count("\n") == 1


def test_findings_are_saved_and_the_run_goes_on(runs):
    folder, results = runs
    assert results["Two"].returncode == 1
    assert "Judged 60 expressions" in results["Two"].stdout
    found = [path.parent for path in folder.glob("reports/several_bugs.py.Two-*/*/case.json")]
    assert len(found) == 2
    for place in found:
        names = {path.name for path in place.iterdir()}
        assert names >= {"README.md", "case.json", "graph.gv", "graph.mmd", "graph.svg", "repro.py"}


def test_a_run_with_findings_writes_a_gallery_of_all_of_them(runs, saved):
    folder, _ = runs
    page = (folder / "reports" / "index.html").read_text()
    assert page.count("<article") == len(saved(folder)) >= 2
    for engine in SEVERAL:
        folders = [*folder.glob(f"reports/several_bugs.py.{engine}-*/*")]
        assert page.count(f"several_bugs.py:{engine}</dd>") == len(folders) >= 1


def test_the_gravest_finding_comes_first(runs):
    _, results = runs
    summary = results["ForwardAndBackward"].stdout.partition("Findings: 2.")[2].split()
    assert summary[::2] == ["wrong-value-of-tanh:", "lost-contribution-of-add:"]


def test_fail_fast_stops_at_the_first_finding(command_line, saved, tmp_path):
    engine = "engine.broken:off_by_a_trillionth"
    result = command_line("fuzz", "--engine", engine, "--examples", "5000", "--fail-fast")
    assert result.returncode == 1
    assert "Judged 5,000" not in result.stdout
    assert len(saved(tmp_path)) == 1


def test_the_same_seed_finds_the_same(runs, command_line, saved, tmp_path):
    command_line("fuzz", "--engine", spec("Two"), "--examples", "60", *SEED)
    again = saved(tmp_path)
    assert len(again) == 2
    before = saved(runs[0])
    assert again == {place: before[place] for place in again}


def test_standard_output_holds_only_json_lines_even_if_the_engine_prints(command_line, tmp_path):
    (tmp_path / "loud.py").write_text(
        BROKEN.replace("import math", "import math\nprint('imported')").replace(
            "    def tanh(self):", "    def tanh(self):\n        print('tanh')"
        )
    )
    words = ("--engine", "loud.py:Value", "--examples", "20", *SEED, "--format", "json")
    result = command_line("fuzz", *words)
    told = events(result)
    counts = Counter(event["event"] for event in told)
    assert counts.keys() == {"started", "progress", "finding", "finished"}
    assert (told[0]["event"], told[-1]["event"]) == ("started", "finished")
    assert counts["finding"] == len(told[-1]["findings"])
    assert "imported" in result.stderr


def test_the_last_event_tells_what_was_checked(command_line, tmp_path):
    words = ("--engine", spec("Two"), "--examples", "20", "--seed", "3", "--format", "json")
    finished = events(command_line("fuzz", *words))[-1]
    assert finished.keys() >= {
        *("engine", "seed", "operations", "expressions", "cases", "gradients", "seconds"),
        *("verdicts", "undecided", "worst_error_share", "findings"),
    }
    assert (finished["engine"], finished["seed"]) == (spec("Two"), 3)
    assert finished["operations"] == ["+", "*", "tanh"]
    assert sum(finished["verdicts"].values()) == finished["cases"]
    assert sum(finished["undecided"].values()) == finished["verdicts"].get("undecided", 0)
    assert len(finished["findings"]) == 2
    for finding in finished["findings"]:
        assert finding.keys() >= {"signature", "kind", "blame", "expression", "point", "path"}
        assert (tmp_path / finding["path"] / "case.json").is_file()
        for number in finding["inputs"]:
            assert number.keys() >= {"backprop", "symbolic", "slope", "allowed_error"}


def test_a_time_limit_ends_a_run(command_line):
    assert "No finding." in command_line("fuzz", "--time", "1s").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--time", "soon"),
        ("--time", "0s"),
        ("--ops", "+ sine"),
        ("--ops", ""),
        ("--max-ops", "0"),
        ("--examples", "0"),
        ("--seed", "-1"),
        ("--format", "xml"),
        ("--output", "file"),
        ("--rounds", "5"),
        ("--rounds", "5:5"),
        ("--rounds", "0:5", "--examples", "5"),
        ("--workers", "0"),
        ("--workers", "many"),
        ("--until-stale", "never"),
        ("--stop-file", "file"),
        ("--resume", "nowhere"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_clear_line(command_line, tmp_path, words):
    (tmp_path / "file").touch()
    result = command_line("fuzz", *words)
    assert result.returncode == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_an_engine_in_the_working_directory_comes_before_gradcheck_s_own(command_line, tmp_path):
    (tmp_path / "engine").mkdir()
    for source, code in ((BROKEN, 1), (PLAIN, 0)):
        (tmp_path / "engine" / "__init__.py").write_text(source)
        assert command_line("fuzz", "--examples", "20", *SEED).returncode == code


CHANGES_EVERYTHING = """
import os, random, signal, sys
from gradcheck import Operation, register_operation
register_operation(Operation("double", definition=lambda x: 2 * x))
os.chdir("/")
os.environ["CHANGED"] = "yes"
sys.path.insert(0, "/changed")
"""


def test_a_command_run_in_the_process_of_the_tests_changes_nothing_there(command_line, tmp_path):
    def state():
        handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        modules = {name for name in sys.modules if "mine" in name}
        return handlers, modules, dict(os.environ), [*sys.path], Path.cwd(), dict(OPERATIONS)

    (tmp_path / "mine.py").write_text(PLAIN + CHANGES_EVERYTHING)
    before = state()
    result = command_line("fuzz", "--engine", "mine.py:Value", "--examples", "2")
    assert result.returncode == 0, result.stderr
    assert state() == before


def test_a_file_in_a_package_may_import_its_neighbours(command_line, tmp_path):
    package = tmp_path / "theirs" / "engine"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "base.py").write_text(PLAIN)
    (package / "value.py").write_text("from .base import Value\n")
    result = command_line("fuzz", "--engine", "theirs/engine/value.py:Value", "--examples", "20")
    assert result.returncode == 0


def test_the_lifecycle_is_checked_first_and_its_findings_are_saved(command_line, tmp_path):
    words = ("--engine", "micrograd.engine:Value", "--examples", "5", "--life")
    result = command_line("fuzz", *words)
    assert result.returncode == 1
    checks = {line.split()[0]: line for line in result.stdout.splitlines()[1:8]}
    assert "broken" in checks["second-backward"]
    assert "holds" in checks["used-inputs"]
    assert "  second-backward: reports/micrograd.engine.Value/second-backward-" in result.stdout
    [folder] = tmp_path.glob("reports/micrograd.engine.Value/second-backward-*")
    assert {path.name for path in folder.iterdir()} >= {"case.json", "graph.svg", "repro.py"}


def test_fail_fast_stops_at_the_first_broken_check_of_the_lifecycle(command_line):
    words = ("--engine", "micrograd.engine:Value", "--life", "--fail-fast", "--format", "json")
    result = command_line("fuzz", *words)
    assert result.returncode == 1
    started, lived, finished = events(result)
    assert [started["event"], finished["event"]] == ["started", "finished"]
    assert lived["outcome"] == "broken"
    assert finished["cases"] == 0


@pytest.mark.parametrize(("engine", "is_said"), [("private_number", True), ("plain", False)])
def test_a_check_that_cannot_be_made_is_said_to_be_left_out(command_line, engine, is_said):
    spec = str(Path(__file__).parents[1] / "engines" / f"{engine}.py:Value")
    message = "Not checked: a second graph on the same inputs with other numbers, because setting"
    for words in (("fuzz", "--examples", "30", "--seed", "1"), ("check", "a*a", "a=2")):
        result = command_line(*words, "--engine", spec)
        assert result.returncode == 0
        assert (message in result.stdout.replace("\n", " ")) is is_said
