"""Grade submissions in parallel, each in its own process, and keep the results."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from gradcheck.findings.finding import engine_folder
from gradcheck.findings.gallery.page import write_gallery
from gradcheck.grade.notebook import NotebookError, module_of
from gradcheck.grade.process import GradingProcess, temporary_folder
from gradcheck.grade.request import Request
from gradcheck.grade.results import (
    FORMAT_VERSION,
    Graded,
    Result,
    ResultFileError,
    Stage,
    Status,
    read_graded,
    write_result,
)
from gradcheck.grade.submissions import Submission

ENGINES, RESULTS = "engines", "results"
"""The folders of a report: findings, a folder for each engine, and a file for each result."""

_POLL_SECONDS = 0.05

_IMPORT_SECONDS = 30.0
"""Longest time for importing an engine, which may train a network."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes of memory for one engine."""

    seconds: float
    memory: int

    @property
    def import_seconds(self) -> float:
        """The part of the time in which it has to be imported."""
        return min(_IMPORT_SECONDS, self.seconds / 2)


@dataclass(frozen=True, slots=True)
class Running:
    """The engines that are being graded, with the seconds since each was started."""

    engines: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Task:
    """An engine to grade: ``engine`` is its class, empty for the first one in the file."""

    submission: Submission
    engine: str = ""

    @property
    def name(self) -> str:
        """The name to show."""
        path = self.submission.path.as_posix()
        return f"{path}:{self.engine}" if self.engine else path

    @property
    def folder(self) -> str:
        """The name of its folder, unique to the engine."""
        path = self.submission.path.as_posix()
        place = f"{path}.py" if self.submission.is_notebook else path
        return engine_folder(f"{place}:{self.engine}" if self.engine else place).name

    def key(self, limits: Limits) -> str:
        """Return what has to be the same for an earlier result to be this one's."""
        known = (FORMAT_VERSION, version("gradcheck"), self.name, self.submission.digest, limits)
        return hashlib.sha256(repr(known).encode()).hexdigest()


def grade_all(
    submissions: Sequence[Submission],
    limits: Limits,
    report: Path,
    *,
    workers: int,
    stopped: Callable[[], bool],
) -> Iterator[Graded | Running]:
    """Yield the result of each engine as soon as it is there, and what is running in between.

    Results of an earlier run of the same files in the same report are yielded first. Every process
    is ended with the generator. Raises ``OSError`` if the report cannot be written.
    """
    waiting = deque(Task(submission) for submission in submissions)
    running: dict[Task, GradingProcess] = {}
    with contextlib.ExitStack() as ends:
        ends.callback(lambda: _end(running.values()))
        while (waiting or running) and not stopped():
            while waiting and len(running) < workers:
                task = waiting.popleft()
                graded = _earlier(task, limits, report) or _refused(task, limits, report)
                if graded is None:
                    running[task] = _start(task, limits, report)
                else:
                    waiting.extendleft(_further(task, graded.result))
                    yield graded
            for task, process in [*running.items()]:
                if (result := process.result()) is not None:
                    del running[task]
                    seconds = round(process.seconds, 1)
                    process.end()
                    waiting.extendleft(_further(task, result))
                    yield _kept(task, result, seconds, limits, report)
            yield Running(tuple((task.name, each.seconds) for task, each in running.items()))
            time.sleep(_POLL_SECONDS if running else 0.0)


def _end(processes: Iterable[GradingProcess]) -> None:
    for process in processes:
        process.end()


def _further(task: Task, result: Result) -> Iterator[Task]:
    """Yield a task for each further engine in the file, the first of them last."""
    if not task.engine:
        yield from (replace(task, engine=other) for other in reversed(result.others))


def _start(task: Task, limits: Limits, report: Path) -> GradingProcess:
    findings = report / ENGINES / task.folder
    file, place = task.submission.path, task.submission.path.as_posix()
    if task.submission.is_notebook:
        file = _module_file(task, report)
        place = file.as_posix()
    request = Request(
        file=file.resolve(),
        place=place,
        engine=task.engine,
        home=Path.cwd(),
        findings=findings,
        work=temporary_folder() / "work",
        memory=limits.memory,
    )
    return GradingProcess(request, seconds=limits.seconds, import_seconds=limits.import_seconds)


def _refused(task: Task, limits: Limits, report: Path) -> Graded | None:
    """Make the folder of a task and the module of a notebook; return the result if it is none."""
    findings = report / ENGINES / task.folder
    shutil.rmtree(findings, ignore_errors=True)
    findings.mkdir(parents=True)
    if not task.submission.is_notebook:
        return None
    try:
        source = module_of(task.submission.path.read_text(encoding="utf-8"))
    except (NotebookError, UnicodeDecodeError, OSError) as error:
        result = Result(Stage.DONE, Status.NOT_LOADED, problem=" ".join(str(error).split()))
        return _kept(task, result, 0.0, limits, report)
    _module_file(task, report).write_text(source, encoding="utf-8", errors="replace")
    return None


def _module_file(task: Task, report: Path) -> Path:
    return report / ENGINES / task.folder / f"{task.submission.path.stem}.py"


def _kept(task: Task, result: Result, seconds: float, limits: Limits, report: Path) -> Graded:
    """Save a result and the page of its findings, and return it."""
    graded = Graded(
        submission=task.submission.path.as_posix(),
        folder=task.folder,
        key=task.key(limits),
        seconds=seconds,
        result=result,
    )
    if result.bugs:
        write_gallery(report / ENGINES / task.folder)
    file = _result_file(task, report)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_result(graded, file)
    return graded


def _earlier(task: Task, limits: Limits, report: Path) -> Graded | None:
    """Return the result of an earlier run, if nothing has changed since."""
    try:
        graded = read_graded(_result_file(task, report))
    except ResultFileError:
        return None
    return graded if graded.key == task.key(limits) else None


def _result_file(task: Task, report: Path) -> Path:
    return report / RESULTS / f"{task.folder}.json"
