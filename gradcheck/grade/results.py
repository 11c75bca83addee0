"""The result of a submission, and the files that hold it: data, which is never executed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck.errors import UserError
from gradcheck.findings.converter import new_converter, register, structure, unstructure
from gradcheck.findings.expected import expect
from gradcheck.findings.json_file import Data, dump, load, reading
from gradcheck.findings.store import write_atomically

if TYPE_CHECKING:
    from cattrs import Converter

FORMAT_VERSION = 1


class ResultFileError(UserError):
    """A file holds no result; the message is one line."""


class Status(StrEnum):
    """The result in a word."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_LOADED = "not loaded"
    OUT_OF_TIME = "out of time"
    NOT_CHECKED = "not checked"


class Stage(StrEnum):
    """The work that a process was at when it wrote its result."""

    STARTING = "starting"
    IMPORTING = "importing"
    JUDGING = "judging"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug in one line, the smallest case that shows it, and the folder of the finding.

    The folder is relative to that of the submission.
    """

    signature: str
    sentence: str
    case: str
    folder: str


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one engine.

    ``engine`` is the class, empty if none was found. ``problem`` is one line on why the engine
    could not be judged, or not to the end. Of ``properties`` properties of a correct gradient
    ``held`` hold, and ``broken`` are the names of the others. ``others`` are further classes in
    the same file. ``open_doors`` are sentences on what the sandbox could not keep out.
    """

    stage: Stage
    status: Status
    engine: str = ""
    problem: str = ""
    operations: tuple[str, ...] = ()
    bugs: tuple[Bug, ...] = ()
    advice: tuple[str, ...] = ()
    properties: int = 0
    held: int = 0
    broken: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    open_doors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graded:
    """A result with its submission, the folder of its findings, and the seconds that it took.

    ``key`` identifies what was graded, so that a later run need not do it again. ``folder`` is the
    name of the folder below ``engines`` of the report.
    """

    submission: str
    folder: str
    key: str
    seconds: float
    result: Result

    @property
    def name(self) -> str:
        """The submission, with the class where the file has several."""
        result = self.result
        return f"{self.submission}:{result.engine}" if self.is_one_of_several else self.submission

    @property
    def is_one_of_several(self) -> bool:
        """Whether the file has other engines."""
        return bool(self.result.engine and self.result.others)

    @property
    def wrong(self) -> list[str]:
        """One line for each thing that is wrong."""
        lines = [bug.sentence for bug in self.result.bugs]
        return [*lines, self.result.problem] if self.result.problem else lines

    @property
    def conformance(self) -> str:
        """The number of properties that hold, such as ``88 of 92``."""
        return f"{self.result.held} of {self.result.properties}" if self.result.properties else ""


def write_result(result: Result | Graded, path: Path) -> None:
    """Write a result to a file. Raises ``OSError``."""
    data = {"format": FORMAT_VERSION, **unstructure(result, _converter())}
    write_atomically(path, dump(data).encode("utf-8", "replace"))


def read_result(path: Path) -> Result:
    """Read what the process of an engine wrote. Raises ``ResultFileError``."""
    with _reading(path):
        return structure(load(path, newest_format=FORMAT_VERSION), Result, _converter())


def read_graded(path: Path) -> Graded:
    """Read the result of an earlier run. Raises ``ResultFileError``."""
    with _reading(path):
        return structure(load(path, newest_format=FORMAT_VERSION), Graded, _converter())


def as_data(graded: Graded) -> dict[str, Data]:
    """Return a result as JSON data for programs."""
    data = unstructure(graded, _converter())
    result = expect(data.pop("result"), dict, "a result")
    del data["key"], result["stage"]
    return {**data, **result}


def _reading(path: Path) -> AbstractContextManager[None]:
    return reading(path, ResultFileError, missing="grade writes it")


@cache
def _converter() -> Converter:
    made = new_converter()
    made.register_structure_hook(Status, lambda data, _: Status(data))
    made.register_structure_hook(Stage, lambda data, _: Stage(data))
    for class_ in (Bug, Result, Graded):
        register(made, class_)
    return made
