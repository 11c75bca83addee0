"""The process that grades one engine, watched from outside for time, memory and processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil

from gradcheck.engines.isolation.environment import environment
from gradcheck.grade.request import Request
from gradcheck.grade.results import Result, ResultFileError, Stage, Status, read_result
from gradcheck.notation import in_one_line

_OWN_MEMORY = 2**29
"""Bytes that gradcheck itself needs, beyond those of the engine."""

_PROCESSES = 100
"""Processes of one engine at a time; ordinary ones have two or three."""

_SECONDS_BETWEEN_LOOKS = 0.2

_SECONDS_TO_END = 2.0

_ERRORS = 10_000
"""Bytes at the end of standard error that are searched for a reason."""

_LONGEST = 200


class GradingProcess:
    """A process that grades one engine, with a temporary folder of its own."""

    def __init__(self, request: Request, *, seconds: float, import_seconds: float) -> None:
        self._request, self._seconds, self._import_seconds = request, seconds, import_seconds
        self._began = self._looked = time.monotonic()
        self._importing_since: float | None = None
        self._errors = request.work.parent / "errors.txt"
        request.work.mkdir()
        command = [sys.executable, "-P", "-m", "gradcheck.grade.child", request.as_text()]
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - this Python, and data
                command,
                cwd=request.work,
                env=environment(request.work),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )

    @property
    def seconds(self) -> float:
        """The time since it was started."""
        return time.monotonic() - self._began

    def result(self) -> Result | None:
        """Return the result once there is one, and ``None`` as long as the process works on it."""
        if self._process.poll() is not None:
            return self._last_result()
        if self.seconds > self._seconds:
            return self._stopped_at_the_limit()
        if time.monotonic() - self._looked > _SECONDS_BETWEEN_LOOKS:
            self._looked = time.monotonic()
            return self._stopped_for_too_much() or self._stopped_while_importing()
        return None

    def end(self) -> None:
        """End the process with all that it has started, and remove its folder."""
        while left := [*self._processes()]:
            *descendants, own = left
            _kill(descendants)
            # If it may, it waits for its child, of which nothing is left then.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_END)
            _kill([own])
            psutil.wait_procs(left, timeout=_SECONDS_TO_END)
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self._request.work.parent, ignore_errors=True)

    def _processes(self) -> Iterator[psutil.Process]:
        """Yield the process and its descendants, of which orphans are a part on Linux."""
        if self._process.poll() is not None:
            return
        with contextlib.suppress(psutil.Error):
            own = psutil.Process(self._process.pid)
            yield from (*own.children(recursive=True), own)

    def _last_result(self) -> Result:
        """Return what the process has written before it ended."""
        result = self._read()
        if result.stage is Stage.DONE:
            return result
        problem = f"gradcheck's own process ended{self._why()}"
        return replace(result, problem=result.problem or problem)

    def _why(self) -> str:
        lines = self._errors.read_bytes()[-_ERRORS:].decode("utf-8", "replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        return in_one_line(f": {last}", _LONGEST) if last else ""

    def _read(self) -> Result:
        try:
            return read_result(self._request.result)
        except ResultFileError:
            return Result(Stage.STARTING, Status.NOT_CHECKED)

    def _stopped_at_the_limit(self) -> Result:
        result = self._read()
        if result.stage is Stage.IMPORTING:
            return _not_imported(result, self._seconds)
        problem = f"it was not judged to the end within {self._seconds:g} s"
        return replace(result, status=_unless_wrong(result, Status.OUT_OF_TIME), problem=problem)

    def _stopped_while_importing(self) -> Result | None:
        """Return the result for an import that takes too long, from when it was first seen."""
        result = self._read()
        if result.stage is not Stage.IMPORTING:
            self._importing_since = None
            return None
        if self._importing_since is None:
            self._importing_since = time.monotonic()
        if time.monotonic() - self._importing_since < self._import_seconds:
            return None
        return _not_imported(result, self._import_seconds)

    def _stopped_for_too_much(self) -> Result | None:
        """Return the result for a process that uses too much memory or has too many children."""
        memory = count = 0
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                memory += process.memory_info().rss
                count += 1
        most = self._request.memory + _OWN_MEMORY
        if memory > most:
            problem = f"it needs more than {self._request.memory / 2**30:.3g} GiB of memory"
        elif count > _PROCESSES:
            problem = f"it starts more than {_PROCESSES} processes"
        else:
            return None
        result = self._read()
        is_loaded = result.stage is not Stage.IMPORTING
        status = _unless_wrong(result, Status.WRONG if is_loaded else Status.NOT_LOADED)
        return replace(result, status=status, problem=problem)


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _not_imported(result: Result, seconds: float) -> Result:
    problem = f"importing it did not end within {seconds:g} s"
    return replace(result, status=Status.NOT_LOADED, problem=problem)


def _unless_wrong(result: Result, status: Status) -> Status:
    return Status.WRONG if result.bugs else status


def temporary_folder() -> Path:
    """Return a new folder, whose subfolder ``work`` is to be an engine's working directory."""
    return Path(tempfile.mkdtemp(prefix="gradcheck-grade-")).resolve()
