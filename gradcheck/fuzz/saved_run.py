"""A run as its folder tells of it: data from anywhere, of which nothing is believed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.errors import UserError
from gradcheck.findings.encoding import Data
from gradcheck.findings.json_file import load
from gradcheck.findings.json_values import refuse, time
from gradcheck.fuzz.decoding import (
    found_from_data,
    limits_from_data,
    options_from_data,
    places_from_data,
    state_from_data,
)
from gradcheck.fuzz.folder import FORMAT_VERSION, RUN, STATS, Status
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.state import FoundBefore, State


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
    asked: Data
    stats: Data

    def options(self) -> Options:
        """What was asked. Raises ``RunFileError``."""
        with _reading(self.folder / RUN):
            return options_from_data(self.asked, self.folder)

    def found(self) -> list[FoundBefore]:
        """What was found so far. Raises ``RunFileError``."""
        with _reading(self.folder / STATS):
            return found_from_data(self.stats, self.folder)


def read_run(folder: Path) -> SavedRun:
    """The run that is kept in a folder. Raises ``RunFileError``."""
    with _reading(folder / RUN):
        asked = load(folder / RUN)
        engine, began = _asked(asked)
        limits = limits_from_data(asked)
    with _reading(folder / STATS):
        stats = load(folder / STATS)
        status, updated = _status(stats)
        state = state_from_data(stats)
        places = places_from_data(stats, folder)
        if state.began != began:
            message = f"it is of another run than {RUN} beside it"
            raise ValueError(message)
    return SavedRun(folder, engine, limits, status, updated, state, places, asked, stats)


def _asked(data: Data) -> tuple[str, datetime]:
    match data:
        case {"format": int(number)} if number > FORMAT_VERSION:
            message = f"it has format {number}, this gradcheck reads {FORMAT_VERSION}; update it"
            raise ValueError(message)
        case {"engine": str(engine), "began": began}:
            return engine, time(began)
    return refuse(data, expected="what a run was asked")


def _status(data: Data) -> tuple[Status, datetime]:
    match data:
        case {"status": str(status), "updated": updated}:
            return Status(status), time(updated)
    return refuse(data, expected="the state of a run")


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        message = f"there is no {path}; name the folder of a run, which fuzz calls --output"
        raise RunFileError(message) from None
    except (OSError, ValueError, LookupError, OverflowError) as error:
        reason = " ".join(str(error).split())
        message = f"{path} is no run that can be read: {reason}"
        raise RunFileError(message) from None
