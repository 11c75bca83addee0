"""A run as its folder tells of it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.errors import UserError
from gradcheck.findings.converter import structure
from gradcheck.findings.json_file import Data, load, reading
from gradcheck.fuzz.converter import (
    found_from_data,
    limits_from_data,
    options_from_data,
    run_converter,
    state_from_data,
)
from gradcheck.fuzz.folder import FORMAT_VERSION, RUN, STATS
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.state import FoundBefore, State, Status


class RunFileError(UserError):
    """A folder that holds no run; the message is one line: which file, why, and what to do."""


@dataclass(frozen=True, slots=True)
class SavedRun:
    """What was asked of which engine, and how far the run has come.

    ``places`` are the signatures of what was found, and the folders of it.
    ``asked`` and ``stats`` are all of it as data: an engine's module may register operations, and
    only once it is loaded can ``options`` and ``found`` be read.
    """

    folder: Path
    engine: str
    limits: EngineLimits
    status: Status
    updated: datetime
    state: State
    places: list[tuple[str, Path]]
    asked: dict[str, Data]
    stats: dict[str, Data]

    def options(self) -> Options:
        """What was asked. Raises ``RunFileError``."""
        with _reading(self.folder / RUN):
            return options_from_data(self.asked, self.folder)

    def found(self) -> list[FoundBefore]:
        """What was found so far. Raises ``RunFileError``."""
        with _reading(self.folder / STATS):
            return found_from_data(self.stats["findings"], self.folder)


@dataclass(frozen=True, slots=True)
class _Asked:
    engine: str
    began: datetime


@dataclass(frozen=True, slots=True)
class _Place:
    signature: str
    path: Path


@dataclass(frozen=True, slots=True)
class _Stats:
    status: Status
    updated: datetime
    findings: list[_Place]


def read_run(folder: Path) -> SavedRun:
    """The run that is kept in a folder. Raises ``RunFileError``."""
    with _reading(folder / RUN):
        asked = load(folder / RUN, newest_format=FORMAT_VERSION)
        run = structure(asked, _Asked, run_converter())
        limits = limits_from_data(asked)
    with _reading(folder / STATS):
        stats = load(folder / STATS, newest_format=FORMAT_VERSION)
        now = structure(stats, _Stats, run_converter())
        state = state_from_data(stats)
        if state.began != run.began:
            message = f"it is of another run than {RUN} beside it"
            raise ValueError(message)
    places = [(found.signature, folder / found.path) for found in now.findings]
    return SavedRun(
        folder, run.engine, limits, now.status, now.updated, state, places, asked, stats
    )


def _reading(path: Path) -> contextlib.AbstractContextManager[None]:
    missing = "name the folder of a run, which fuzz calls --output"
    return reading(path, RunFileError, missing=missing)
