"""``--cluster``: runs on a real Dask scheduler with real workers, on loopback."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gradcheck.engine.broken.array_bugs import BUGS

ENGINES = Path(__file__).parents[1] / "engines"
KILLS = f"{ENGINES / 'dies.py'}:KillsItsWorker"

# An engine whose module registers an operation: only processes with the engine know it.
DOUBLE_ROW = """
from gradcheck import Operation, register_operation

register_operation(Operation("double", definition=lambda x: 2 * x))
"""
DOUBLES = f"""
{DOUBLE_ROW}
{(ENGINES / "plain.py").read_text()}
    def double(self):
        return type(self)(2.0 * self.data, (self,), (2.0,))
"""


class Scheduler:
    """A Dask scheduler in a process of its own; its log tells its address and its workers."""

    def __init__(self, start_process, folder):
        self._start_process = start_process
        self._folder = folder
        self._processes = []
        self._log = self._start("scheduler", "--port", "0", stderr=subprocess.PIPE).stderr
        self.address = self._logged(r"Scheduler at: +(tcp://\S+)")

    def start_worker(self, *words, variable="_"):
        """Start a worker with one thread, with its process id in an environment variable."""
        words = ("worker", self.address, "--nthreads", "1", *words)
        worker = self._start(*words, variable=variable)
        self._logged("Starting worker compute stream")
        return worker

    def stop(self):
        while self._processes:
            process = self._processes.pop()
            process.terminate()
            process.wait()

    def _start(self, *words, variable="_", stderr=subprocess.DEVNULL):
        command = [sys.executable, "-m", "dask", *words, "--dashboard-address", "127.0.0.1:0"]
        process = self._start_process(
            ["bash", "-c", f'{variable}=$$ exec "$@"', "bash", *command, "--host", "127.0.0.1"],
            cwd=self._folder,
            env={**os.environ, "DASK_TEMPORARY_DIRECTORY": str(self._folder)},
            stderr=stderr,
        )
        self._processes.append(process)
        return process

    def _logged(self, pattern):
        for line in self._log:
            if match := re.search(pattern, line):
                return match[match.lastindex or 0]
        pytest.fail(f"the scheduler ended without a line {pattern}")


@pytest.fixture
def scheduler(processes, tmp_path_factory):
    with processes() as start_process:
        started = Scheduler(start_process, tmp_path_factory.mktemp("dask"))
        yield started
        started.stop()


@pytest.fixture(scope="module")
def cluster(processes, tmp_path_factory):
    """A scheduler with one worker, which a nanny restarts, as is Dask's default."""
    with processes() as start_process:
        started = Scheduler(start_process, tmp_path_factory.mktemp("dask"))
        started.start_worker()
        yield started
        started.stop()


def test_another_worker_does_the_rounds_of_a_killed_one(
    cluster, command_line, real_command_line, saved, tmp_path
):
    doomed = cluster.start_worker("--no-nanny", variable="KILLS")
    words = ("fuzz", "--engine", KILLS, "--rounds", "0:4", "--seed", "1")
    there = real_command_line(*words, "--output", "there", "--cluster", cluster.address)
    assert (there.returncode, doomed.wait(timeout=60)) == (1, -signal.SIGKILL)
    here = command_line(*words, "--output", "here")
    assert len(saved(tmp_path / "here")) == 2
    assert saved(tmp_path / "there") == saved(tmp_path / "here")
    assert counted(there) == counted(here)


def counted(result):
    return re.findall(r"^Judged .*", result.stdout, re.MULTILINE)


def test_a_bug_of_an_engine_of_arrays_is_found_as_it_is_here(
    cluster, command_line, real_command_line, saved, tmp_path
):
    (tmp_path / "mine.py").write_text(BUGS["a repeated index is written over"].source)
    engine = f"{tmp_path / 'mine.py'}:Tensor"
    words = ("fuzz", engine, "--rounds", "0:2", "--seed", "1")
    there = real_command_line(*words, "--output", "there", "--cluster", cluster.address)
    assert there.returncode == 1, there.stderr
    assert "overwritten-index-of-index" in there.stdout
    here = command_line(*words, "--output", "here")
    assert saved(tmp_path / "there") == saved(tmp_path / "here")
    assert counted(there) == counted(here)


def test_an_engine_may_register_operations(cluster, real_command_line, tmp_path):
    (tmp_path / "mine.py").write_text(DOUBLES)
    spec = f"{tmp_path / 'mine.py'}:Value"
    words = ("--engine", spec, "--ops", "double *", "--examples", "20")
    result = real_command_line("fuzz", *words, "--cluster", cluster.address)
    assert result.returncode == 0, result.stderr
    assert "with * double" in result.stdout


def test_operations_of_their_own_module_reach_the_workers(cluster, real_command_line, tmp_path):
    (tmp_path / "my_ops.py").write_text(DOUBLE_ROW)
    (tmp_path / "mine.py").write_text(DOUBLES.replace(DOUBLE_ROW, ""))
    words = ("--engine", f"{tmp_path / 'mine.py'}:Value", "--ops", "double *", "--examples", "20")
    where = ("--cluster", cluster.address)
    named = ("--operations", str(tmp_path / "my_ops.py"))
    result = real_command_line("fuzz", *words, *named, *where)
    assert result.returncode == 0, result.stderr
    # The workers run in another folder, where this configuration is not.
    (tmp_path / "pyproject.toml").write_text('[tool.gradcheck]\noperations = ["my_ops"]\n')
    result = real_command_line("fuzz", *words, *where)
    assert result.returncode == 2
    assert result.stderr == (
        "Error: nothing registers the operation double here: name its module with --operations\n"
    )


def test_an_engine_that_a_worker_cannot_load_is_one_clear_line(
    cluster, real_command_line, tmp_path
):
    (tmp_path / "mine.py").write_text((ENGINES / "plain.py").read_text())
    result = real_command_line("fuzz", "--engine", "mine.py:Value", "--cluster", cluster.address)
    assert result.returncode == 2
    assert re.match(r"Error: the worker tcp://\S+ cannot load the engine: .*mine", result.stderr)
    assert result.stderr.count("\n") == 1


def test_an_engine_that_ends_its_process_does_not_end_the_worker(cluster, real_command_line):
    words = ("--engine", f"{ENGINES / 'ending.py'}:Aborts", "--rounds", "0:1", "--seed", "1")
    killed = real_command_line("fuzz", *words, "--cluster", cluster.address, "--output", "there")
    assert killed.returncode == 1, killed.stderr
    assert "crash-SIGABRT-of-mul" in killed.stdout
    sane = real_command_line("fuzz", "--examples", "20", "--cluster", cluster.address)
    assert sane.returncode == 0


@pytest.mark.parametrize("examples", [0, 20], ids=["nothing found", "something found before"])
def test_a_run_without_a_worker_says_that_it_waits_and_can_be_stopped(
    scheduler, command_line, start, tmp_path, examples
):
    words = ("fuzz", "--engine", f"{ENGINES / 'dies.py'}:Two")
    if examples:
        assert command_line(*words, "--examples", str(examples), "--seed", "1").returncode == 1
    run = start(*words, "--cluster", scheduler.address, stdout=subprocess.DEVNULL)
    told = next(line for line in run.stderr if not line.startswith("Loading "))
    assert told == f"Waiting for a worker: dask worker {scheduler.address}\n"
    run.send_signal(signal.SIGINT)
    assert run.wait() == 130
    stats = json.loads((tmp_path / "reports" / "stats.json").read_text())
    assert stats["status"] == "interrupted"
    assert bool(stats["findings"]) is bool(examples)


def test_an_address_without_a_scheduler_is_one_clear_line(real_command_line, unused_address):
    environment = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"}
    result = real_command_line("fuzz", "--cluster", unused_address, env=environment)
    assert result.returncode == 2
    assert result.stderr.startswith(f"Error: there is no Dask scheduler at {unused_address}: ")
    assert result.stderr.count("\n") == 1


@pytest.fixture
def unused_address(scheduler):
    scheduler.stop()
    return scheduler.address


def test_without_dask_the_message_names_the_extra_to_install(command_line, monkeypatch):
    monkeypatch.delitem(sys.modules, "gradcheck.fuzz.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = command_line("fuzz", "--cluster", "tcp://localhost:8786")
    assert result.returncode == 2
    assert "pip install 'gradcheck[cluster]'" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words", [("--cluster", "host:8786"), ("--cluster", "tcp://host:8786", "--workers", "2")]
)
def test_a_mistake_is_one_clear_line(command_line, words):
    result = command_line("fuzz", *words)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
