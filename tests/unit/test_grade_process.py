"""The process of one engine: its limits, and what is left of it in the end."""

import sys
import time

import psutil
import pytest

from gradcheck.grade.process import GradingProcess, temporary_folder
from gradcheck.grade.request import Request
from gradcheck.grade.results import Status
from helpers.limits import SECONDS
from helpers.submissions import HEALTHY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is one of Linux")


@pytest.fixture
def result_of(tmp_path):
    """Grade an engine, and return its result once all its processes are ended."""

    def run(text, *, seconds=300.0, import_seconds=100.0, memory=2**31):
        (tmp_path / "engine.py").write_text(text)
        (tmp_path / "findings").mkdir()
        request = Request(
            file=tmp_path / "engine.py",
            place="engine.py",
            engine="",
            home=tmp_path,
            findings=tmp_path / "findings",
            work=temporary_folder() / "work",
            memory=memory,
        )
        process = GradingProcess(request, seconds=seconds, import_seconds=import_seconds)
        own = psutil.Process(process._process.pid)
        try:
            while (result := process.result()) is None:
                time.sleep(0.02)
            others = own.children(recursive=True) if own.is_running() else []
        finally:
            process.end()
        end = time.monotonic() + SECONDS
        while any(map(is_alive, others)) and time.monotonic() < end:
            time.sleep(0.02)
        assert not any(map(is_alive, others))
        assert not request.work.parent.exists()
        return result

    return run


def is_alive(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_engine_that_keeps_within_its_limits_is_judged(result_of):
    assert result_of(HEALTHY).status is Status.RIGHT


def test_an_import_that_does_not_end_is_ended(result_of):
    result = result_of("while True: pass", import_seconds=5.0)
    assert result.status is Status.NOT_LOADED
    assert result.problem == "importing it did not end within 5 s"


def test_too_many_processes_are_ended(result_of):
    result = result_of(
        "import os, time\nfor _ in range(110):\n    if os.fork() == 0:\n"
        "        time.sleep(1000)\ntime.sleep(1000)\n",
        memory=2**36,  # each process counts the memory that it shares with the others
    )
    assert result.status is Status.NOT_LOADED
    assert result.problem == "it starts more than 100 processes"


def test_memory_of_many_processes_counts_together(result_of):
    result = result_of(
        "import os, time\nfor _ in range(20):\n    if os.fork() == 0:\n"
        "        kept = b'x' * 2**26\n        time.sleep(1000)\ntime.sleep(1000)\n",
        memory=2**28,
    )
    assert result.status is Status.NOT_LOADED
    assert result.problem == "it needs more than 0.25 GiB of memory"
