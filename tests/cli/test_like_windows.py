"""On a system that cannot fork and has no POSIX timers, the limits of time hold all the same."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLAIN = (ROOT / "engines" / "plain.py").read_text()
LOOP = "n = 0\n{0}while n >= 0:\n{0}    n += 1\n{0}"
SOURCES = {
    "right": PLAIN,
    "hangs": PLAIN.replace("t = math", f"{LOOP.format(8 * ' ')}t = math"),
    "never_imported": PLAIN + LOOP.format(""),
}
QUICK = ("--case-timeout", "0.2s", "--import-timeout", "2s")


@pytest.fixture
def like_windows(real_command_line, tmp_path):
    """Run the command line there, in a folder with the engines."""
    for name, source in SOURCES.items():
        assert name == "right" or source != PLAIN
        (tmp_path / f"{name}.py").write_text(source)
    place = str(ROOT / "helpers" / "like_windows")

    def run(*words):
        return real_command_line(*words, env={**os.environ, "PYTHONPATH": place})

    return run


CHECK = ("check", "tanh(a)", "a=1", *QUICK, "--engine")


def test_a_check_that_hangs_is_a_finding(like_windows):
    result = like_windows(*CHECK, "hangs.py")
    assert result.returncode == 1
    assert "At fault is tanh: it does not end." in result.stdout


def test_a_check_that_does_not_is_none(like_windows):
    assert like_windows(*CHECK, "right.py").returncode == 0


@pytest.mark.parametrize("command", [CHECK, ("fuzz", *QUICK, "--engine")], ids=["check", "fuzz"])
def test_an_import_that_hangs_is_one_line(like_windows, command):
    result = like_windows(*command, "never_imported.py")
    assert result.returncode == 2
    assert "importing never_imported.py did not end within 2 s" in result.stderr


def test_a_run_finds_a_hang(like_windows):
    few = ("--rounds", "0:1", "--max-ops", "1", "--fail-fast", "--seed", "1")
    result = like_windows("fuzz", "hangs.py", *QUICK, *few)
    assert result.returncode == 1
    assert "Finding: hang-of-tanh" in result.stdout
