"""``--isolate``: what an engine can do without it, and cannot do with it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.limits import SECONDS
from helpers.processes import run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is one of Linux")

ENGINES = Path(__file__).parents[1] / "engines"

ENGINE = """
import json, os, socket, sys
import plain

def tried(action):
    try:
        action()
    except OSError:
        return "refused"
    return "done"

def written(path, text="text"):
    with open(path, "w") as file:
        file.write(text)

print("tried", json.dumps({{
    "write outside": tried(lambda: written({outside!r})),
    "change a file here": tried(lambda: written("kept.txt")),
    "connect": tried(lambda: socket.create_connection(("127.0.0.1", {port}), 5.0)),
    "know a secret": "done" if "SECRET" in os.environ else "refused",
    "know the home": "done" if os.environ.get("HOME") == {home!r} else "refused",
    "read here": tried(lambda: open("kept.txt").close()),
    "write a new file here": tried(lambda: written("new.txt")),
}}), file=sys.stderr)

class Value(plain.Value):
    def send(self, child, partial):
        child.grad = partial * self.grad
"""

ESCAPES = (*("write outside", "change a file here", "connect", "know a secret", "know the home"),)
ALLOWED = ("read here", "write a new file here")

COMMANDS = {
    "check": ("check", "a*a", "a=3", "--engine", "mine.py:Value"),
    "fuzz": ("fuzz", "mine.py:Value", "--examples", "60", "--seed", "1"),
    "replay": ("replay",),
}


@pytest.fixture
def listening():
    """The port of a server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def folder(tmp_path, listening):
    """A folder with an engine that tries all sorts of things when it is imported."""
    here = tmp_path / "here"
    here.mkdir()
    shutil.copy(ENGINES / "plain.py", here)
    (here / "kept.txt").write_text("kept")
    (tmp_path / "outside").mkdir()
    outside, home = str(tmp_path / "outside" / "file"), str(tmp_path)
    text = ENGINE.format(outside=outside, port=listening, home=home)
    (here / "mine.py").write_text(text)
    return here


def run(folder, *words):
    return run_python("-m", "gradcheck", *words, folder=folder, SECRET="1", HOME=str(folder.parent))


def tried(result):
    """Return what the engine could do, and what was refused."""
    line = next(line for line in result.stderr.splitlines() if line.startswith("tried "))
    return json.loads(line.removeprefix("tried "))


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_escapes_with_it(folder, command):
    if command == "replay":
        run(folder, *COMMANDS["fuzz"])
        shutil.rmtree(folder.parent / "outside")
        (folder.parent / "outside").mkdir()
        (folder / "new.txt").unlink()
        (folder / "kept.txt").write_text("kept")
    result = run(folder, *COMMANDS[command], "--isolate")
    assert result.returncode == 1, result.stderr
    assert {what: tried(result)[what] for what in ESCAPES} == dict.fromkeys(ESCAPES, "refused")
    assert {what: tried(result)[what] for what in ALLOWED} == dict.fromkeys(ALLOWED, "done")
    assert [*(folder.parent / "outside").iterdir()] == []
    assert (folder / "kept.txt").read_text() == "kept"
    assert not (folder / "new.txt").exists()


@pytest.mark.parametrize("command", ["check", "fuzz"])
def test_everything_is_done_without_it(folder, command):
    result = run(folder, *COMMANDS[command])
    assert result.returncode == 1, result.stderr
    assert set(tried(result).values()) == {"done"}
    assert (folder.parent / "outside" / "file").read_text() == "text"
    assert (folder / "kept.txt").read_text() == "text"
    assert (folder / "new.txt").exists()


def test_a_run_finds_the_same_with_it_and_without_it(folder):
    assert run(folder, *COMMANDS["fuzz"], "--isolate", "--output", "with").returncode == 1
    assert run(folder, *COMMANDS["fuzz"], "--output", "without").returncode == 1
    texts = [
        [(case.parent.name, json.loads(case.read_text())["case"]) for case in found]
        for found in (sorted((folder / name).rglob("case.json")) for name in ("with", "without"))
    ]
    assert texts[0] == texts[1] != []


def test_a_run_goes_on_with_it(folder):
    assert run(folder, *COMMANDS["fuzz"], "--isolate").returncode == 1
    result = run(folder, "fuzz", "--resume", "reports", "--isolate")
    assert result.returncode == 1, result.stderr
    assert "Judged 60 expressions" in result.stdout
    assert tried(result)["write outside"] == "refused"


def test_nothing_is_left_behind(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "outside"))
    run(folder, *COMMANDS["check"], "--isolate")
    assert [*(tmp_path / "outside").iterdir()] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_is_stopped_from_outside_and_saved(folder, number):
    command = [sys.executable, "-u", "-m", "gradcheck", "fuzz", "mine.py:Value", "--isolate"]
    with subprocess.Popen(
        [*command, "--time", "10m"],
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Finding"):
                process.send_signal(number)
                break
        rest = process.stdout.read()
        assert process.wait(SECONDS) == 130
    assert "Interrupted after" in rest
    assert [*folder.glob("reports/*/*/case.json")] != []


@pytest.mark.parametrize(
    "words",
    [
        (*COMMANDS["check"], "--diagram", "graph.svg"),
        (*COMMANDS["fuzz"], "--cluster", "tcp://127.0.0.1:8786"),
    ],
    ids=["diagram", "cluster"],
)
def test_what_needs_a_way_out_is_refused_in_one_line(folder, words):
    result = run(folder, *words, "--isolate")
    assert result.returncode == 2
    [line] = result.stderr.splitlines()
    assert line.endswith(" and --isolate exclude each other: give only one")
