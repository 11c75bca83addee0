"""The files ``run.json`` and ``stats.json`` in the folder of a run: their format, and reading."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.errors import UserError
from gradcheck.findings.converter import new_converter, register, structure, unstructure
from gradcheck.findings.expected import expect
from gradcheck.findings.json_file import Data, load, reading
from gradcheck.fuzz.events import EarlierFinding, State
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.statistics import Statistics

if TYPE_CHECKING:
    from cattrs import Converter

RUN, STATS = "run.json", "stats.json"

FORMAT_VERSION = 2
"""Since 2 the case of a finding may have steps."""

_NO_COUNTS = ("began", "next_round", "last_seen", "seen", "features")
"""Keys of a saved state that an event leaves out."""


class RunFileError(UserError):
    """A folder holds no run; the message is one line: which file, why, and what to do."""


class Status(StrEnum):
    """Whether a run is still going on; a run that was killed stays ``running``."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


@cache
def _converter() -> Converter:
    made = new_converter()
    made.register_structure_hook(Status, lambda data, _: Status(data))
    made.register_structure_hook(Path, lambda data, _: _relative(data))
    made.register_unstructure_hook(Path, Path.as_posix)
    register(
        made,
        EngineLimits,
        seconds="case_timeout",
        memory="memory_limit",
        import_seconds="import_timeout",
    )
    register(made, Options)
    register(
        made,
        Statistics,
        unproved_gradients="undecided_gradients",
        worst_rounding="lost",
        bugs="seen",
        abandoned="given_up",
    )
    register(made, State, last_new="newest", not_reported="set_aside")
    register(made, EarlierFinding, is_new="new")
    return made


def _relative(data: object) -> Path:
    """Return a path below the folder of the run. Raises ``ValueError``."""
    path = Path(expect(data, str, "a path"))
    if path.is_absolute() or ".." in path.parts:
        message = f"the path {data!r:.80} leads out of the folder of the run"
        raise ValueError(message)
    return path


def options_as_data(options: Options) -> dict[str, Data]:
    """Return the options as JSON data, without the folder, which is where the data is saved."""
    data = unstructure(replace(options, output=Path()), _converter())
    del data["output"]
    limits = expect(data.pop("limits"), dict, "limits")
    return {**data, **limits}


def state_as_data(state: State) -> dict[str, Data]:
    """Return the state of a run as JSON data, without the findings."""
    state = replace(state, seconds=round(state.seconds, 3), last_new=round(state.last_new, 3))
    data = unstructure(state, _converter())
    counts = expect(data.pop("statistics"), dict, "counts")
    return {**counts, "covered": len(state.statistics.features), **data}


def counts_as_data(state: State) -> dict[str, Data]:
    """Return the counts for an event: ``covered`` and ``newest`` show whether a run is stale."""
    return {key: value for key, value in state_as_data(state).items() if key not in _NO_COUNTS}


def findings_as_data(findings: Iterable[EarlierFinding], folder: Path) -> list[Data]:
    """Return the findings of a run as JSON data, with paths relative to its folder."""
    relative = (replace(finding, path=finding.path.relative_to(folder)) for finding in findings)
    return [unstructure(finding, _converter()) for finding in relative]


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A run as its folder shows it.

    ``places`` are the signatures of the findings and their folders. ``asked`` and ``stats`` are the
    data of the two files. An engine's module may register operations, so ``options`` and
    ``findings`` can be read only once the engine is loaded.
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
        """Return the options of the run. Raises ``RunFileError``."""
        with _reading(self.folder / RUN):
            data = {**self.asked, "limits": self.asked, "output": ""}
            return replace(structure(data, Options, _converter()), output=self.folder)

    def findings(self) -> list[EarlierFinding]:
        """Return the findings of the run. Raises ``RunFileError``."""
        with _reading(self.folder / STATS):
            saved = structure(self.stats, _Findings, _converter()).findings
            return [replace(finding, path=self.folder / finding.path) for finding in saved]


@dataclass(frozen=True, slots=True)
class _Findings:
    findings: list[EarlierFinding]


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
    """Read the run that is saved in a folder. Raises ``RunFileError``."""
    with _reading(folder / RUN):
        asked = load(folder / RUN, newest_format=FORMAT_VERSION)
        run = structure(asked, _Asked, _converter())
        limits = structure(asked, EngineLimits, _converter())
    with _reading(folder / STATS):
        stats = load(folder / STATS, newest_format=FORMAT_VERSION)
        now = structure(stats, _Stats, _converter())
        state = structure({**stats, "statistics": stats}, State, _converter())
        if state.began != run.began:
            message = f"it belongs to another run than {RUN} beside it"
            raise ValueError(message)
    places = [(place.signature, folder / place.path) for place in now.findings]
    return SavedRun(
        folder, run.engine, limits, now.status, now.updated, state, places, asked, stats
    )


def _reading(path: Path) -> contextlib.AbstractContextManager[None]:
    missing = "name the folder of a run, which fuzz calls --output"
    return reading(path, RunFileError, missing=missing)
