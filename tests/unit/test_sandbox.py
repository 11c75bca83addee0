"""The sandbox: what it keeps out, and what still works within it."""

import json
import subprocess
import sys

import pytest

from gradcheck.engines.isolation.environment import environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is one of Linux")

SANDBOX = "from gradcheck.engines.isolation.sandbox import enter"

ENTER = f"{SANDBOX}\nopen_doors = enter([work], memory=2**30)\n"

GUARD = "from gradcheck.engines.isolation.guard import refuse_in_python"

REFUSE = f"{GUARD}\nrefuse_in_python([work])\n"

PROGRAM = """\
import json, os, socket, subprocess, sys
from pathlib import Path
work, outside = map(Path, sys.argv[1:])
{enter}
def tried(action):
    try:
        action()
    except (OSError, MemoryError):
        return "refused"
    return "done"

print(json.dumps({{
    "inside": tried(lambda: (work / "inside.txt").write_text("text")),
    "nowhere": tried(lambda: Path(os.devnull).write_text("text")),
    "reading": tried(lambda: Path(__file__).read_text()),
    "outside": tried(lambda: (outside / "outside.txt").write_text("text")),
    "removing": tried(lambda: (outside / "kept.txt").unlink()),
    "renaming": tried(lambda: (outside / "kept.txt").rename(work / "taken.txt")),
    "network": tried(lambda: socket.create_connection(("192.0.2.1", 80), 0.1)),
    "name": tried(lambda: socket.getaddrinfo("example.invalid", 80)),
    "memory": tried(lambda: bytearray(2**36)),
    "size": tried(lambda: (work / "large").write_bytes(bytes(2**27))),
}}))
"""


@pytest.fixture
def inside(tmp_path):
    """Try everything after entering a sandbox; return whether each was done or refused."""
    work, outside = tmp_path / "work", tmp_path / "outside"
    for folder in (work, outside):
        folder.mkdir()
    (outside / "kept.txt").write_text("kept")

    def run(enter):
        program = tmp_path / "program.py"
        program.write_text(PROGRAM.format(enter=enter))
        command = [sys.executable, program, work, outside]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return json.loads(done.stdout), sorted(path.name for path in outside.iterdir())

    return run


ALLOWED = ("inside", "nowhere", "reading")

FILES_AND_NETWORK = ("outside", "removing", "renaming", "network", "name")


@pytest.mark.parametrize("enter", [ENTER, REFUSE], ids=["namespaces", "python"])
def test_writing_inside_works_and_outside_is_refused(inside, enter):
    tried, left = inside(enter)
    assert [tried[name] for name in ALLOWED] == ["done"] * 3
    assert [tried[name] for name in FILES_AND_NETWORK] == ["refused"] * 5
    assert left == ["kept.txt"]


def test_without_a_sandbox_files_outside_are_changed(inside):
    tried, left = inside("")
    assert [tried[name] for name in ("outside", "removing", "size")] == ["done"] * 3
    assert left == ["outside.txt"]


def test_memory_and_the_size_of_files_are_limited(inside):
    tried, _ = inside(ENTER)
    assert (tried["memory"], tried["size"]) == ("refused", "refused")


def test_only_what_python_needs_is_passed_on(tmp_path):
    given = {"PATH": "/bin", "TOKEN": "secret", "HOME": "/home/teacher"}
    passed = environment(tmp_path, given)
    assert passed["PATH"] == "/bin"
    assert passed["HOME"] == str(tmp_path)
    assert "TOKEN" not in passed
