"""Long runs: several processes, runs that are stopped and resumed, and the folder of a run."""

import contextlib
import json
import os
import resource
import shutil
import signal
from pathlib import Path

import psutil
import pytest

from gradcheck.cli.options import WORKERS

ENGINES = Path(__file__).parents[1] / "engines"
SAVED_FILES = Path(__file__).parents[1] / "saved_files"
TWO_BUGS = f"{ENGINES / 'dies.py'}:Two"
PLAIN = (ENGINES / "plain.py").read_text()
BROKEN = PLAIN.replace("child.grad +=", "child.grad =")
ROUNDS = ("--engine", TWO_BUGS, "--rounds", "0:4", "--seed", "1")

DIFFERS = {"seconds", "newest", "updated", "began", "last_seen", "depth_limit"}
"""Keys that depend on the time of day, or on how much of Python's stack is in use already."""


def state(folder):
    """Return what stats.json holds, without the time of day."""
    stats = json.loads((folder / "stats.json").read_text())
    assert stats.keys() >= DIFFERS
    return {key: value for key, value in stats.items() if key not in DIFFERS}


@pytest.fixture(scope="module")
def left(saved):
    """Return the findings and the state that a run left below a folder, without the time of day."""
    return lambda folder: (saved(folder), state(folder / "reports"))


@pytest.fixture(scope="module")
def undisturbed(in_folder, tmp_path_factory, left):
    """What an undisturbed run leaves."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert in_folder(folder, "fuzz", *ROUNDS).returncode == 1
    assert len(left(folder)[0]) == 2
    return left(folder)


def test_the_findings_are_the_same_for_any_number_of_workers(
    command_line, left, tmp_path, undisturbed
):
    assert command_line("fuzz", *ROUNDS, "--workers", "3").returncode == 1
    assert left(tmp_path) == undisturbed


def test_auto_is_one_process_per_available_core():
    allowed = os.sched_getaffinity(0)
    try:
        assert WORKERS.convert("auto", None, None) == len(allowed)
        os.sched_setaffinity(0, {min(allowed)})
        assert WORKERS.convert("auto", None, None) == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_another_seed_leaves_something_else(command_line, left, tmp_path, undisturbed):
    command_line("fuzz", *ROUNDS[:-1], "2")
    for one, other in zip(left(tmp_path), undisturbed, strict=True):
        assert one != other


def test_two_machines_can_share_the_rounds_of_a_seed(command_line, tmp_path, undisturbed):
    for share in ("0:1", "1:4"):
        command_line("fuzz", *ROUNDS, "--rounds", share, "--output", share.replace(":", "-"))
    first, second = state(tmp_path / "0-1"), state(tmp_path / "1-4")
    _, whole = undisturbed
    for count in ("expressions", "cases", "gradients"):
        assert first[count] + second[count] == whole[count]


def test_nothing_is_lost_when_a_worker_is_killed(command_line, left, tmp_path, undisturbed):
    environment = {"DIES_ONCE": str(tmp_path / "died")}
    result = command_line("fuzz", *ROUNDS, "--workers", "2", env=environment)
    assert result.returncode == 1
    assert (tmp_path / "died").exists()
    assert left(tmp_path) == undisturbed


@pytest.fixture
def running(start):
    """Start a run as a process, and return it once it has found something."""

    def run(*words, **options):
        process = start("fuzz", *words, "--format", "json", **options)
        while json.loads(process.stdout.readline())["event"] != "finding":
            pass
        return process

    return run


def test_a_killed_run_can_be_resumed_and_ends_like_an_undisturbed_one(
    command_line, running, left, tmp_path, undisturbed
):
    run = running(*ROUNDS, "--workers", "2")
    workers = psutil.Process(run.pid).children()
    assert len(workers) == 2
    run.kill()
    run.communicate()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive
    assert f"A run of {TWO_BUGS}: running after" in command_line("stats").stdout
    assert command_line("fuzz", "--resume", "reports", "--engine", TWO_BUGS).returncode == 1
    assert left(tmp_path) == undisturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_stopped_run_saves_everything_and_can_be_resumed(
    command_line, running, left, saved, tmp_path, undisturbed, number
):
    run = running(*ROUNDS)
    run.send_signal(number)
    last = json.loads(run.communicate()[0].splitlines()[-1])
    assert run.returncode == 130
    assert (last["event"], last["interrupted"]) == ("finished", True)
    assert len(saved(tmp_path)) == len(last["findings"]) > 0
    assert state(tmp_path / "reports")["status"] == "interrupted"
    assert command_line("fuzz", "--resume", "reports", "--engine", TWO_BUGS).returncode == 1
    assert left(tmp_path) == undisturbed


WHEN_CALLED_BY = """
import sys
import threading
from pathlib import Path


def is_called_by(name, frame):
    return frame and (frame.f_code.co_name == name or is_called_by(name, frame.f_back))


class Value(Value):
    seed = 2.0

    def backward(self):
        super().backward()
        if is_called_by("{name}", sys._getframe()):
            {does}
"""


IGNORES_CTRL_C = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, "-m", "gradcheck", *sys.argv[1:]])
"""


def test_a_background_job_that_ignores_ctrl_c_stops_at_sigterm(running, saved, tmp_path):
    words = ("--engine", "engine.broken:counts_square_once", "--time", "10m")
    run = running(*words, program=("-c", IGNORES_CTRL_C))
    run.send_signal(signal.SIGINT)
    run.send_signal(signal.SIGTERM)
    last = json.loads(run.communicate()[0].splitlines()[-1])
    assert (run.returncode, last["interrupted"]) == (130, True)
    assert state(tmp_path / "reports")["status"] == "interrupted"
    assert len(saved(tmp_path)) == 1


def test_a_second_signal_stops_at_once(start, tmp_path):
    waits = "print('shrunk', file=sys.stderr, flush=True) or threading.Event().wait()"
    engine = PLAIN + WHEN_CALLED_BY.format(name="reduced", does=waits)
    (tmp_path / "mine.py").write_text(engine)
    words = ("--engine", "mine.py:Value", "--seed", "1", "--case-timeout", "1h")
    run = start("fuzz", *words)
    while run.stderr.readline() != "shrunk\n":  # before it: the engine is being loaded
        pass
    run.send_signal(signal.SIGINT)
    assert run.stderr.readline().endswith("interrupt again to stop at once.\n")
    run.send_signal(signal.SIGINT)
    run.communicate()
    assert run.returncode == 130
    assert state(tmp_path / "reports")["status"] == "running"


def test_earlier_findings_are_kept_if_the_run_stops_before_it_replays_them(command_line, tmp_path):
    stops = WHEN_CALLED_BY.format(name="run_check", does="Path('stop').touch()")
    (tmp_path / "mine.py").write_text(PLAIN + stops)
    words = ("--engine", "mine.py:Value", "--examples", "30", "--seed", "1")
    command_line("fuzz", *words)
    before = state(tmp_path / "reports")
    result = command_line("fuzz", *words, "--life", "--stop-file", "stop")
    assert result.returncode == 130
    assert "Not judged again: 1 finding from before." in result.stdout
    after = state(tmp_path / "reports")
    assert after["status"] == "interrupted"
    assert len(before["findings"]) == len(after["findings"]) == 1
    assert before["findings"][0]["path"] == after["findings"][0]["path"]


def test_stats_shows_the_state_of_a_run(command_line, tmp_path):
    stops = WHEN_CALLED_BY.format(name="reduced", does="Path('stop').touch()")
    (tmp_path / "mine.py").write_text(PLAIN + stops)
    words = ("--engine", "mine.py:Value", "--seed", "1", "--stop-file", "stop")
    result = command_line("fuzz", *words, "--format", "json")
    last = json.loads(result.stdout.splitlines()[-1])
    lines = command_line("stats", "reports").stdout.splitlines()
    assert "A run of mine.py:Value: interrupted after" in lines[0]
    assert lines[-1] == f"  {last['findings'][-1]['signature']}: {last['findings'][-1]['path']}"
    told = json.loads(command_line("stats", "--format", "json").stdout)
    assert told["asked"]["engine"] == "mine.py:Value"
    assert told["stats"]["cases"] == last["cases"]


def test_the_events_are_saved_in_the_folder_too(command_line, tmp_path):
    told = command_line("fuzz", *ROUNDS, "--format", "json").stdout
    assert (tmp_path / "reports" / "events.jsonl").read_text() == told


def test_a_known_finding_is_replayed_first_and_not_reported_as_new(command_line, saved, tmp_path):
    (tmp_path / "mine.py").write_text(BROKEN)
    words = ("--engine", "mine.py:Value", "--examples", "30")
    assert "Finding: lost-contribution" in command_line("fuzz", *words, "--seed", "1").stdout
    [known] = saved(tmp_path)
    result = command_line("fuzz", *words, "--seed", "2")
    assert result.returncode == 1
    assert result.stdout.splitlines()[1].startswith("STILL THERE  reports/mine.py.Value/lost-")
    assert "Finding:" not in result.stdout
    assert "Findings: 1." in result.stdout
    assert [(place, len(case["seen"])) for place, case in saved(tmp_path).items()] == [(known, 2)]


def test_a_fixed_finding_does_not_count(command_line, tmp_path):
    (tmp_path / "mine.py").write_text(BROKEN)
    words = ("--engine", "mine.py:Value", "--examples", "30", "--seed", "1")
    command_line("fuzz", *words)
    (tmp_path / "mine.py").write_text(PLAIN)
    result = command_line("fuzz", *words)
    assert result.returncode == 0
    assert result.stdout.splitlines()[1].startswith("FIXED        reports/mine.py.Value/lost-")
    assert "No finding." in result.stdout


def test_findings_of_another_engine_are_not_replayed(command_line):
    words = ("--examples", "30", "--seed", "1")
    command_line("fuzz", "--engine", TWO_BUGS, *words)
    result = command_line("fuzz", "--engine", "engine:Value", *words)
    assert result.returncode == 0
    assert "STILL THERE" not in result.stdout


def test_until_stale_ends_a_run_without_new_coverage(command_line):
    result = command_line(
        "fuzz", "--ops", "+", "--max-ops", "1", "--until-stale", "1s", "--verbose"
    )
    assert result.returncode == 0
    assert "the last new one after" in result.stdout


def test_a_folder_that_cannot_be_written_to_is_reported_before_the_run(command_line, tmp_path):
    (tmp_path / "file").touch()
    result = command_line("fuzz", *ROUNDS, "--output", "file/reports")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


def test_a_full_disk_ends_a_run_with_one_clear_line(command_line, tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "events.jsonl").symlink_to("/dev/full")
    result = command_line("fuzz", *ROUNDS)
    assert result.returncode == 2
    assert "No space left on device" in result.stderr
    assert result.stderr.count("\n") == 1


@contextlib.contextmanager
def no_file_larger_than(size):
    """Act like a nearly full disk, for this process and its children."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_run_ended_by_a_full_disk_can_be_resumed_when_there_is_space(
    command_line, left, tmp_path, undisturbed
):
    with no_file_larger_than(16 * 2**10):  # the gallery is larger
        result = command_line("fuzz", *ROUNDS)
    assert result.returncode == 2
    assert "File too large" in result.stderr
    assert result.stderr.count("\n") == 1
    assert command_line("fuzz", "--resume", "reports", "--engine", TWO_BUGS).returncode == 1
    assert left(tmp_path) == undisturbed


@pytest.fixture
def finished_run(command_line):
    command_line("fuzz", "--examples", "1", "--seed", "1")


@pytest.mark.parametrize(
    "words",
    [
        ("--seed", "2"),
        ("--examples", "5"),
        ("--output", "elsewhere"),
        ("--engine", "engine.broken:Twin"),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("finished_run")
def test_a_resumed_run_keeps_its_options(command_line, words):
    result = command_line("fuzz", "--resume", "reports", *words)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("finished_run")
def test_resuming_a_finished_run_judges_nothing_more(command_line):
    result = command_line("fuzz", "--resume", "reports")
    assert result.returncode == 0
    assert "Judged 1 expression," in result.stdout


def test_a_run_of_an_earlier_format_can_be_resumed(command_line, tmp_path):
    shutil.copytree(SAVED_FILES / "format_1" / "run", tmp_path / "run")
    result = command_line("fuzz", "--resume", "run")
    assert result.returncode == 1
    [replayed] = [line for line in result.stdout.splitlines() if "STILL THERE" in line]
    assert replayed.endswith("lost-contribution-24a92259: lost-contribution")
    assert "Judged 100 expressions, 701 cases" in result.stdout


@pytest.mark.parametrize("command", [("fuzz", "--resume"), ("stats",)], ids=" ".join)
def test_a_folder_without_a_run_is_one_clear_line(command_line, tmp_path, command):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "run.json").write_text("{")
    result = command_line(*command, "reports")
    assert result.returncode == 2
    assert result.stderr.startswith("Error: cannot read reports/run.json: ")
    assert result.stderr.count("\n") == 1


def test_an_engine_outside_of_the_working_directory_is_not_loaded_without_consent(command_line):
    command_line("fuzz", "--engine", TWO_BUGS, "--examples", "1")
    result = command_line("fuzz", "--resume", "reports")
    assert result.returncode == 2
    assert "if you trust it, use --engine" in result.stderr
