"""Commands in processes of their own: their imports, their streams, and how they end."""

import json
import os
import select
from pathlib import Path

import psutil
import pytest

ENGINES = Path(__file__).parents[1] / "engines"
PLAIN = (ENGINES / "plain.py").read_text()
BROKEN = PLAIN.replace("child.grad +=", "child.grad =")

IMPORTED_BY = """
import sys
from gradcheck.cli import main
code = main(sys.argv[1:])
print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("words", "needed", "not_needed"),
    [
        (
            ("--help",),
            {"click"},
            {
                *("sympy", "hypothesis", "flint", "rich", "psutil", "jinja2", "graphviz"),
                *("pygraphviz", "distributed", "multiprocessing"),
            },
        ),
        (
            ("check", "a*a", "a=1"),
            {"sympy", "flint", "rich"},
            {"hypothesis", "jinja2", "graphviz", "pygraphviz", "distributed"},
        ),
    ],
    ids=["the help", "check"],
)
def test_a_command_imports_what_it_needs_and_no_more(real_command_line, words, needed, not_needed):
    result = real_command_line(*words, program=("-c", IMPORTED_BY))
    imported = set(result.stderr.split())
    assert result.returncode == 0
    assert needed <= imported
    assert not not_needed & imported


NEEDS_NO_HYPOTHESIS = f"""
import sys
{PLAIN}

class Value(Value):
    def backward(self):
        assert "hypothesis" not in sys.modules
        super().backward()
"""


@pytest.mark.parametrize("words", [(), ("--life",)], ids=["rounds", "life"])
@pytest.mark.parametrize("first", ["", "import gradcheck.strategies"], ids=["plain", "strategies"])
def test_a_long_run_and_its_workers_import_no_hypothesis_unless_the_engine_does(
    real_command_line, tmp_path, words, first
):
    (tmp_path / "mine.py").write_text(first + NEEDS_NO_HYPOTHESIS)
    words = ("fuzz", "--engine", "mine.py:Value", "--examples", "10", "--seed", "1", *words)
    result = real_command_line(*words, program=("-c", IMPORTED_BY))
    assert "Judged 10 expressions" in result.stdout
    assert ("hypothesis" in result.stderr.split()) is bool(first)
    assert ("crash-AssertionError" in result.stdout) is bool(first)


def test_in_a_users_own_repository_their_engine_is_checked(real_command_line, tmp_path):
    (tmp_path / "engine.py").write_text(BROKEN)
    for name in ("strategies", "rich", "sympy"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not ours to import')")
    assert real_command_line("fuzz", "--examples", "60").returncode == 1
    (tmp_path / "engine.py").write_text(PLAIN)
    assert real_command_line("fuzz", "--examples", "60").returncode == 0


def test_what_an_engine_prints_while_it_is_imported_is_shown_once(real_command_line, tmp_path):
    (tmp_path / "loud.py").write_text("print('hello from the engine')\n" + PLAIN)
    result = real_command_line("fuzz", "loud.py", "--examples", "5", "--workers", "2")
    assert result.returncode == 0
    assert result.stderr.count("hello from the engine") == 1
    assert "hello" not in result.stdout


def test_the_usage_line_shows_how_the_program_was_called(real_command_line):
    result = real_command_line("check", "-h")
    assert result.stdout.startswith("Usage: python -m gradcheck check [OPTIONS]")


def test_a_closed_pipe_ends_a_run_silently(start):
    run = start("fuzz", "--engine", "engine:Value", "--time", "10m", "--format", "json")
    assert json.loads(run.stdout.readline())["event"] == "started"
    run.stdout.close()
    errors = run.stderr.read().splitlines()
    assert [line for line in errors if not line.startswith("Loading ")] == []
    assert run.wait() == 130


@pytest.mark.parametrize(
    "words", [("check", "a*a", "a=1"), ("fuzz", "--examples", "5")], ids=["check", "fuzz"]
)
def test_closed_streams_are_no_mistake(real_command_line, words):
    program = (
        "-c",
        "import os, sys\n"
        "for stream in (0, 1): os.close(stream)\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'gradcheck', *sys.argv[1:]])\n",
    )
    result = real_command_line(*words, "--engine", "engine:Value", program=program)
    assert (result.returncode, result.stderr) == (0, "")


NEVER_IMPORTED = """
import os, time
os.write(os.open("imported", os.O_WRONLY), b".")
while True:
    time.sleep(0.01)
"""


def test_no_process_outlives_a_run_that_is_killed_while_the_engine_is_imported(start, tmp_path):
    (tmp_path / "mine.py").write_text(NEVER_IMPORTED)
    os.mkfifo(tmp_path / "imported")
    told = os.open(tmp_path / "imported", os.O_RDWR)
    run = start("fuzz", "--engine", "mine.py:Value", "--workers", "2")
    for _ in range(3):  # in two workers, and for the run itself
        assert select.select([told], [], [], 60)[0]
        os.read(told, 1)
    started = psutil.Process(run.pid).children(recursive=True)
    run.kill()
    _, alive = psutil.wait_procs(started, timeout=60)
    for process in alive:
        process.kill()
    os.close(told)
    assert not alive
