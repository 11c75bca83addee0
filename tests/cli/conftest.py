"""The command line in this process, real processes where these are the point, and what is saved."""

import contextlib
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import types
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from coverage.multiproc import original_bootstrap

from gradcheck.cli import main
from gradcheck.operations import GROUPS, OPERATIONS
from gradcheck.oracles import sweep, symbolic
from helpers.limits import SECONDS

ENGINES = Path(__file__).parents[1] / "engines"


@dataclass(frozen=True)
class Result:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def in_folder(tmp_path_factory):
    """Run the command line in this process and in a folder, and undo all that it changes."""
    folders = (str(ENGINES), str(tmp_path_factory.getbasetemp()))

    def run(folder, *words, env=()):
        with undone(folders), captured("stdout", 1) as out, captured("stderr", 2) as err:
            os.chdir(folder)
            os.environ.update(env)
            try:
                code = main(words)
            except SystemExit as ended:  # what completes words in a shell ends so
                code = ended.code
        return Result(code, *out, without_loading(err[0]))

    return run


def without_loading(errors):
    """Return what is on standard error but for the lines that only a slow machine shows."""
    lines = errors.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("Loading "))


@pytest.fixture
def command_line(in_folder, tmp_path):
    """The same, in an empty folder unless another one is given."""

    def run(*words, cwd=tmp_path, env=()):
        return in_folder(cwd, *words, env=env)

    return run


@pytest.fixture
def forgetful_oracles():
    """Have the oracles work out anew what another test, or a lie of this one, had them keep."""

    def forget():
        for kept in (
            *(symbolic.definition, symbolic.local_partials, symbolic.whole_formula),
            sweep._steps,
        ):
            kept.cache_clear()

    forget()
    yield
    forget()


@contextlib.contextmanager
def undone(folders):
    """Begin as a process of its own does, and restore what a command and an engine change.

    ``folders`` are those that modules of engines lie in. Coverage does not measure the workers of a
    run: tests/unit has tests of them, and here it would make them three times as slow.
    """

    def is_an_engines(name):
        file = getattr(sys.modules[name], "__file__", None) or ""
        return name.partition(".")[0] == "engine" or file.startswith(folders)

    def forget_engines():
        for name in filter(is_an_engines, [*sys.modules]):
            del sys.modules[name]

    def know_operations(rows):
        OPERATIONS.clear()
        OPERATIONS.update(rows)

    modules, known, variables = dict(sys.modules), dict(OPERATIONS), dict(os.environ)
    folder = Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseProcess, "_bootstrap", original_bootstrap)
        patch.setattr(sys, "argv", ["/usr/bin/gradcheck"])
        patch.setattr(sys, "path", [*sys.path])
        patch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
        forget_engines()
        know_operations({row.name: row for group in GROUPS.values() for row in group})
        importlib.invalidate_caches()
        try:
            yield
        finally:
            gc.unfreeze()
            forget_engines()
            sys.modules.update(modules)
            know_operations(known)
            os.environ.clear()
            os.environ.update(variables)
            os.chdir(folder)


@contextlib.contextmanager
def captured(name, number):
    """Collect what is written to a standard stream, by child processes too."""
    written = []
    before, kept = getattr(sys, name), os.dup(number)
    before.flush()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        os.dup2(file.fileno(), number)
        stream = os.fdopen(number, "w", encoding="utf-8", closefd=False)
        setattr(sys, name, stream)
        try:
            yield written
        finally:
            stream.close()
            setattr(sys, name, before)
            os.dup2(kept, number)
            os.close(kept)
            file.seek(0)
            written.append(file.read())


@pytest.fixture(scope="session")
def processes():
    """A block within which processes are started, each of which is killed in the end."""

    @contextlib.contextmanager
    def block():
        with contextlib.ExitStack() as ends:

            def start(command, **options):
                process = subprocess.Popen(command, text=True, **options)
                limit = threading.Timer(SECONDS, process.kill)
                limit.start()
                ends.enter_context(process)
                ends.callback(process.kill)
                ends.callback(limit.cancel)
                return process

            yield start

    return block


@pytest.fixture
def start(processes, tmp_path):
    """Start `python -m gradcheck`, or another program, as a process of its own."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": tmp_path}
    with processes() as start:
        yield lambda *words, program=("-m", "gradcheck"), **options: start(
            [sys.executable, *program, *words], **(pipes | options)
        )


@pytest.fixture
def real_command_line(start):
    """Run `python -m gradcheck` to its end in a process of its own."""

    def run(*words, **options):
        process = start(*words, **options)
        out, err = process.communicate()
        return Result(process.returncode, out, without_loading(err))

    return run


@pytest.fixture(scope="session")
def saved():
    """The findings below a folder: where, and what their cases hold but for the time of day."""

    def read(folder):
        found = {}
        for path in folder.rglob("case.json"):
            case = found[path.relative_to(folder)] = json.loads(path.read_text())
            for sighting in case["seen"]:
                del sighting["began"], sighting["last"]
        return found

    return read
