"""A run ends at its time limit and at a signal, whatever it is doing, and so does an import."""

import signal
from pathlib import Path

import pytest

ENGINES = Path(__file__).parents[1] / "engines"
PLAIN = (ENGINES / "plain.py").read_text()
NEVER_ENDS = f"{ENGINES / 'works_in_a_thread.py'}:Value"


@pytest.mark.parametrize("limit", ["--time 1s", "SIGTERM"])
def test_a_run_that_waits_for_ever_is_ended(start, limit):
    is_signal = limit == "SIGTERM"
    run = start("fuzz", NEVER_ENDS, *(("--time", "10m") if is_signal else limit.split()))
    if is_signal:
        assert run.stdout.readline().startswith("Checking ")
        run.send_signal(signal.SIGTERM)
    _, errors = run.communicate()
    assert run.returncode == 130
    # After a signal it may also come to its own end in time.
    assert is_signal or "Ended at once" in errors


def test_a_run_that_comes_to_its_end_is_not_ended_before(command_line):
    words = ("--examples", "50", "--time", "4m")  # in which it comes to its end anywhere
    result = command_line("fuzz", f"{ENGINES / 'plain.py'}", *words)
    assert result.returncode == 0
    assert "Ended at once" not in result.stderr
    assert "The time was up" not in result.stdout


@pytest.mark.parametrize("never_ends", ["time.sleep(1000)", "while True: pass"])
@pytest.mark.parametrize("command", [("fuzz",), ("engines",), ("check", "a*a", "a=1", "--engine")])
def test_an_import_that_never_ends_is_one_line(command_line, tmp_path, never_ends, command):
    (tmp_path / "mine.py").write_text(f"import time\n{never_ends}\n{PLAIN}")
    result = command_line(*command, "mine.py", "--import-timeout", "0.2s")
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "importing mine.py did not end within 0.2 s" in result.stderr


def test_an_import_that_ends_in_its_time_is_no_error(command_line, tmp_path):
    (tmp_path / "mine.py").write_text(f"import time\ntime.sleep(0.1)\n{PLAIN}")
    assert command_line("check", "a*a", "a=1", "--engine", "mine.py").returncode == 0
