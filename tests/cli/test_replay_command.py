"""``gradcheck replay`` and ``gradcheck show`` of saved findings."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BROKEN = (
    (Path(__file__).parents[1] / "engines" / "plain.py")
    .read_text()
    .replace("child.grad +=", "child.grad =")
)
MENDED = BROKEN.replace("child.grad =", "child.grad +=")


@pytest.fixture(scope="module")
def found(in_folder, tmp_path_factory):
    """A folder with an engine and the reports of a run."""
    folder = tmp_path_factory.mktemp("found")
    (folder / "mine.py").write_text(BROKEN)
    words = ("fuzz", "--engine", "mine.py:Value", "--examples", "60", "--seed", "1")
    assert in_folder(folder, *words).returncode == 1
    return folder


@pytest.fixture
def finding(found, tmp_path):
    """A finding of an engine in the folder that commands run in."""
    shutil.copytree(found, tmp_path, dirs_exist_ok=True)
    [case] = tmp_path.glob("reports/*/*/case.json")
    return case.parent.relative_to(tmp_path)


def test_a_finding_is_still_there_until_the_engine_is_fixed(command_line, finding, tmp_path):
    result = command_line("replay", str(finding))
    assert (result.returncode, result.stderr) == (1, "")
    there = f"STILL THERE  {finding.as_posix()}: lost-contribution\n1 finding: 1 still there.\n"
    assert result.stdout == there
    (tmp_path / "mine.py").write_text(MENDED)
    result = command_line("replay", str(finding))
    assert result.returncode == 0
    gone = f"FIXED        {finding.as_posix()}: lost-contribution\n1 finding: 1 fixed.\n"
    assert result.stdout == gone


ENGINES = Path(__file__).parents[1] / "engines"


def test_a_bug_that_shows_now_and_then_is_fixed_only_after_many_runs(in_folder, tmp_path):
    for name in ("plain.py", "random_loss.py"):
        shutil.copy(ENGINES / name, tmp_path)
    words = ("fuzz", "--engine", "random_loss.py:Rarely", "--examples", "60", "--seed", "1")
    assert in_folder(tmp_path, *words).returncode == 1
    for _ in range(3):
        assert in_folder(tmp_path, "replay").stdout.startswith("STILL THERE")
    text = (tmp_path / "random_loss.py").read_text()
    (tmp_path / "random_loss.py").write_text(text.replace(">= 0.02", ">= 0.0"))
    assert in_folder(tmp_path, "replay").stdout.startswith("FIXED")


CANCELS = {
    "nodes": [
        *({"input": "a"}, {"operation": "*", "operands": [0, 0]}, {"constant": "-0x1.0p+0"}),
        *({"operation": "*", "operands": [1, 2]}, {"operation": "+", "operands": [1, 3]}),
    ],
    "output": 4,
    "point": {"a": "0x1.0p+600"},
}
"""s - s for s = a*a, which overflows: the value of a correct engine is NaN, and the gradient 0."""

OVERFLOWS = {
    **CANCELS,
    "nodes": [*CANCELS["nodes"], {"operation": "*", "operands": [4, 1]}],
    "output": 5,
}
"""The same times s: no number of a correct engine says anything."""


@pytest.mark.parametrize(
    ("which", "outcome", "code"), [("worst", "FIXED", 0), ("smallest", "CANNOT RUN", 2)]
)
def test_the_smallest_case_has_to_be_proved_correct(
    command_line, finding, tmp_path, which, outcome, code
):
    (tmp_path / "mine.py").write_text(MENDED)
    path = tmp_path / finding / "case.json"
    data = json.loads(path.read_text())
    (data["worst"] if which == "worst" else data)["case"] = OVERFLOWS
    path.write_text(json.dumps(data))
    result = command_line("replay", str(finding))
    assert (result.stdout.split("  ")[0], result.returncode) == (outcome, code)


def test_a_wrong_number_is_gone_also_where_the_value_is_undecided(command_line, finding, tmp_path):
    changed(tmp_path / finding / "case.json", case=CANCELS)
    assert command_line("replay").stdout.startswith("STILL THERE")
    (tmp_path / "mine.py").write_text(MENDED)
    result = command_line("replay")
    assert result.returncode == 0
    assert (
        ": lost-contribution: the wrong number is gone; the numbers here cannot " in result.stdout
    )


HANGS = f"""{BROKEN}
class Value(Value):
    def backward(self):
        while self.data == 9.0:
            pass
        super().backward()
"""


def test_a_hang_is_judged_under_the_limit_that_it_exceeded(command_line, tmp_path):
    (tmp_path / "mine.py").write_text(HANGS)
    words = ("--engine", "mine.py:Value", "--case-timeout", "0.2s")
    assert command_line("fuzz", *words, "--examples", "60", "--seed", "1").returncode == 1
    result = command_line("replay")
    assert "STILL THERE" in result.stdout


@pytest.mark.parametrize("how", ["nothing", "the reports", "its case file"])
def test_findings_can_be_named_in_several_ways(command_line, finding, how):
    words = {"nothing": [], "the reports": ["reports"], "its case file": [f"{finding}/case.json"]}
    result = command_line("replay", *words[how])
    assert (result.returncode, result.stdout.count("STILL THERE")) == (1, 1)


def test_another_engine_can_be_given(command_line, finding):
    assert command_line("replay", str(finding), "--engine", "engine:Value").returncode == 0


def test_the_worst_outcome_of_several_is_the_exit_code(command_line, finding, tmp_path):
    (tmp_path / "mine.py").write_text(MENDED)
    other = (tmp_path / finding).with_name("zzz")
    other.mkdir()
    (other / "case.json").write_text("{")
    result = command_line("replay")
    assert result.returncode == 2
    *lines, summary = result.stdout.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["FIXED", "CANNOT RUN"]
    assert summary == "2 findings: 1 fixed, 1 cannot run."


def test_the_script_of_a_finding_shows_the_same(finding, tmp_path):
    def run():
        words = [sys.executable, str(finding / "repro.py")]
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run().stderr.splitlines()[-1].startswith("AssertionError: a.grad is ")
    (tmp_path / "mine.py").write_text(MENDED)
    assert (run().returncode, run().stderr) == (0, "")


def test_the_readme_of_a_finding_says_how_to_reproduce_it(finding, tmp_path):
    text = (tmp_path / finding / "README.md").read_text()
    assert f"    python -m gradcheck replay {finding.as_posix()}\n" in text
    assert f"    python {finding.as_posix()}/repro.py\n" in text


def test_show_prints_what_was_saved_without_the_engine(command_line, finding, tmp_path):
    (tmp_path / "mine.py").unlink()
    result = command_line("show", str(finding))
    assert (result.returncode, result.stderr) == (0, "")
    assert "wrong-gradient" in result.stdout
    assert "At fault is the engine as a whole: a contribution is lost." in result.stdout
    assert "Seen " in result.stdout
    assert f"Check it again: gradcheck replay {finding.as_posix()}\n" in result.stdout


def test_nothing_of_a_finding_moves_the_cursor_of_a_terminal(command_line, finding, tmp_path):
    path = tmp_path / finding / "case.json"
    path.write_text(path.read_text().replace("At fault is", "\\u001b[2JAt fault is"))
    result = command_line("show", str(finding))
    assert result.returncode == 0
    assert "At fault is" in result.stdout
    assert "\x1b" not in result.stdout


def changed(path, **changes):
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, **changes}))


# All that can be wrong with a file is in tests/unit/test_saved_files.py.
@pytest.mark.parametrize("command", ["replay", "show"])
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_text(path.read_text()[:1000]), "it is incomplete or not JSON"),
        (Path.unlink, "there is no "),
    ],
    ids=["a part", "no file"],
)
def test_a_file_that_is_no_case_is_one_clear_line(
    command_line, finding, tmp_path, command, spoil, reason
):
    spoil(tmp_path / finding / "case.json")
    result = command_line(command, str(finding / "case.json"))
    assert result.returncode == 2
    line, *summary = (result.stdout + result.stderr).splitlines()
    assert summary == (["1 finding: 1 cannot run."] if command == "replay" else [])
    assert reason in line
    assert finding.name in line


def test_an_engine_outside_the_folder_is_not_run_unless_it_is_given(
    command_line, finding, tmp_path
):
    outside = tmp_path / "outside.py"
    outside.write_text(f"open({str(tmp_path / 'was_run')!r}, 'w')\n{BROKEN}")
    inner = tmp_path / "inner"
    inner.mkdir()
    changed(tmp_path / finding / "case.json", engine="../outside.py:Value")
    result = command_line("replay", f"../{finding}", cwd=inner)
    assert result.returncode == 2
    assert "its engine ../outside.py is outside this folder" in result.stdout
    assert not (tmp_path / "was_run").exists()
    given = ("--engine", "../outside.py:Value")
    assert command_line("replay", f"../{finding}", *given, cwd=inner).returncode == 1
    assert (tmp_path / "was_run").exists()


GONE = ["nowhere.py:Value", "no_such_module:Value", "mine.py:Number", "~nobody/x.py:Value"]


@pytest.mark.parametrize("engine", [*GONE, "\0.py:Value", "x" * 5000 + ".py:Value"])
def test_an_engine_that_is_gone_cannot_be_run(command_line, finding, tmp_path, engine):
    changed(tmp_path / finding / "case.json", engine=engine)
    result = command_line("replay", str(finding))
    assert result.returncode == 2
    assert result.stdout.startswith("CANNOT RUN ")
    assert result.stdout.count("\n") == 2


def test_an_engine_without_the_operation_cannot_be_run(command_line):
    words = ("--engine", "engine.broken:one_minus_t", "--examples", "30", "--seed", "1")
    command_line("fuzz", *words)
    result = command_line("replay", "--engine", "micrograd.engine:Value")
    assert result.returncode == 2
    assert "micrograd.engine:Value has no tanh" in result.stdout


def test_no_findings_to_replay_is_a_usage_error(command_line):
    result = command_line("replay")
    assert result.returncode == 2
    assert result.stderr.startswith("Error: there are no findings below reports/")
