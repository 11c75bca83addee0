"""What a run was asked, and how far it has come, as JSON data and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.findings.converter import (
    expect,
    new_converter,
    register,
    structure,
    unstructure,
)
from gradcheck.findings.json_file import Data
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.state import FoundBefore, State, Status
from gradcheck.fuzz.statistics import Statistics

if TYPE_CHECKING:
    from cattrs import Converter

_NOT_TOLD = ("began", "next_round", "last_seen", "seen", "features")
"""What is kept of a state, and is no count."""


@dataclass(frozen=True, slots=True)
class _Findings:
    findings: list[FoundBefore]


@cache
def run_converter() -> Converter:
    """The converter of what the folder of a run holds."""
    made = new_converter()
    made.register_structure_hook(Status, lambda data, _: Status(data))
    made.register_structure_hook(Path, lambda data, _: _relative(data))
    made.register_unstructure_hook(Path, Path.as_posix)
    register(made, EngineLimits, seconds="case_timeout", memory="memory_limit")
    register(made, Options)
    register(made, Statistics, covered="features")
    register(made, State)
    register(made, FoundBefore, is_new="new")
    return made


def _relative(data: object) -> Path:
    """A path below the folder of the run."""
    path = Path(expect(data, str, "a path"))
    if path.is_absolute() or ".." in path.parts:
        message = f"the path {data!r:.80} leads out of the folder of the run"
        raise ValueError(message)
    return path


def options_as_data(options: Options) -> dict[str, Data]:
    """What was asked; the folder is where this is kept."""
    data = unstructure(replace(options, output=Path()), run_converter())
    del data["output"]
    limits = expect(data.pop("limits"), dict, "limits")
    return {**data, **limits}


def options_from_data(data: dict[str, Data], output: Path) -> Options:
    """What was asked, of which an engine's module may have registered the operations."""
    options = structure({**data, "limits": data, "output": ""}, Options, run_converter())
    return replace(options, output=output)


def limits_from_data(data: dict[str, Data]) -> EngineLimits:
    """What the engine may take, which can be read before the engine is loaded."""
    return structure(data, EngineLimits, run_converter())


def state_as_data(state: State) -> dict[str, Data]:
    """All that a run needs to go on, but for what it found."""
    state = replace(state, seconds=round(state.seconds, 3), newest=round(state.newest, 3))
    data = unstructure(state, run_converter())
    counts = expect(data.pop("statistics"), dict, "counts")
    return {**counts, "covered": len(state.statistics.covered), **data}


def state_from_data(data: dict[str, Data]) -> State:
    """How far a run has come, without what it found."""
    return structure({**data, "statistics": data}, State, run_converter())


def counts_as_data(state: State) -> dict[str, Data]:
    """What was counted so far; ``covered`` and ``newest`` tell when a run has seen it all."""
    return {key: value for key, value in state_as_data(state).items() if key not in _NOT_TOLD}


def found_as_data(bugs: Iterable[FoundBefore], folder: Path) -> list[Data]:
    """What a run in a folder found so far, which it judges again when it goes on."""
    relative = (replace(bug, path=bug.path.relative_to(folder)) for bug in bugs)
    return [unstructure(bug, run_converter()) for bug in relative]


def found_from_data(data: Data, folder: Path) -> list[FoundBefore]:
    """What a run in a folder found until then, of which an engine may have the operations."""
    found = structure({"findings": data}, _Findings, run_converter())
    return [replace(bug, path=folder / bug.path) for bug in found.findings]
