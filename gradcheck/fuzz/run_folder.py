"""Write the folder of a run: its findings, its state, and its events."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from gradcheck.findings.case_file import CaseFileError, read_finding, saved_findings, versions
from gradcheck.findings.finding import engine_folder
from gradcheck.findings.gallery.page import write_gallery
from gradcheck.findings.json_file import Data, dump
from gradcheck.findings.store import save, write_atomically
from gradcheck.fuzz.events import (
    SECONDS_BETWEEN_LINES,
    EarlierFinding,
    Event,
    Finished,
    Found,
    LifeChecked,
    Progress,
    Replayed,
    State,
    every,
)
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.reporters.json_lines import json_lines
from gradcheck.fuzz.saved_run import (
    FORMAT_VERSION,
    RUN,
    STATS,
    Status,
    findings_as_data,
    options_as_data,
    state_as_data,
)

_EVENTS = "events.jsonl"


class RunFolder:
    """A consumer of events that saves findings and events at once, and the state now and then."""

    def __init__(self, folder: Path, events: TextIO, before: Sequence[EarlierFinding]) -> None:
        self._folder = folder
        self._not_replayed = {earlier.path: earlier for earlier in before}
        self._write_event = json_lines(events)
        self._is_due = every(SECONDS_BETWEEN_LINES)
        self._is_behind = True

    def __call__(self, event: Event) -> None:
        """Save an event. Raises ``OSError`` if the disk does not allow it."""
        match event:
            case Replayed(path):
                self._not_replayed.pop(path, None)
            case (Found() as bug) | LifeChecked(found=Found() as bug):
                self._save([bug])
                self._is_behind = True
            case Progress(state, found):
                if self._is_due() or self._is_behind:
                    self._write_state(state, found, Status.RUNNING)
            case Finished(state=state, findings=found, interrupted=interrupted):
                # Once more, because worse cases may have been seen since.
                self._save(found)
                status = Status.INTERRUPTED if interrupted else Status.FINISHED
                self._write_state(state, found, status)
        self._write_event(event)

    def _save(self, found: Sequence[Found]) -> None:
        for bug in found:
            save(bug.finding, self._folder)
        if found:
            write_gallery(self._folder)

    def _write_state(self, state: State, found: Sequence[Found], status: Status) -> None:
        known = self._not_replayed | {bug.path: EarlierFinding.of(bug) for bug in found}
        _write_state(self._folder, state, list(known.values()), status)
        self._is_behind = False


@contextlib.contextmanager
def run_folder(
    engine: str, options: Options, state: State, before: Sequence[EarlierFinding]
) -> Iterator[RunFolder]:
    """Open the folder of a run that begins or is resumed.

    The options are written at once, so that a folder that cannot be written to is noticed before
    the run begins. Raises ``OSError``.
    """
    folder = options.output
    folder.mkdir(parents=True, exist_ok=True)
    asked: dict[str, Data] = {"format": FORMAT_VERSION, "engine": engine}
    began: dict[str, Data] = {"began": state.began.isoformat(), "versions": versions()}
    _write_state(folder, state, before, Status.RUNNING)
    _write(folder / RUN, {**asked, **options_as_data(options), **began})
    _remove_partial_line(folder / _EVENTS)
    with (folder / _EVENTS).open("a", encoding="utf-8") as events:
        yield RunFolder(folder, events, before)


def _remove_partial_line(path: Path) -> None:
    """Remove the end of a file after the last whole line, left there by a run that was killed."""
    if path.is_file():
        content = path.read_bytes()
        os.truncate(path, content.rfind(b"\n") + 1)


def earlier_findings(folder: Path, engine: str) -> list[EarlierFinding]:
    """Return the findings of an engine that a folder holds, and that can be read and judged."""
    found = []
    for path in saved_findings(folder / engine_folder(engine)):
        with contextlib.suppress(CaseFileError):  # the gallery names it
            saved = read_finding(path)
            if saved.engine == engine and not saved.unregistered:
                found.append(
                    EarlierFinding(
                        signature=saved.smallest.signature,
                        path=path.parent,
                        smallest=saved.smallest.case,
                        worst=saved.worst.case,
                        cases=0,
                        is_new=False,
                    )
                )
    return found


def _write_state(
    folder: Path, state: State, found: Sequence[EarlierFinding], status: Status
) -> None:
    _write(
        folder / STATS,
        {
            "format": FORMAT_VERSION,
            "status": status.value,
            "updated": datetime.now(UTC).isoformat(timespec="seconds"),
            **state_as_data(state),
            "findings": findings_as_data(found, folder),
        },
    )


def _write(path: Path, data: dict[str, Data]) -> None:
    """Write a file atomically, so that nobody reads a part of it."""
    write_atomically(path, dump(data).encode("utf-8", "replace"))
