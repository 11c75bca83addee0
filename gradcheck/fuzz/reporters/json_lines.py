"""Write the events of a run as JSON lines, for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TextIO

from gradcheck.findings.case_file import report_as_data
from gradcheck.findings.json_file import Data
from gradcheck.fuzz.events import (
    SECONDS_BETWEEN_LINES,
    Event,
    Finished,
    Found,
    LifeChecked,
    Progress,
    Replayed,
    Started,
    every,
)
from gradcheck.fuzz.saved_run import counts_as_data


def json_lines(stream: TextIO) -> Callable[[Event], None]:
    """Return a reporter that writes each event as one line of JSON.

    Progress is written every few seconds, however often it is reported.
    """
    is_due = every(SECONDS_BETWEEN_LINES)

    def write(event: Event) -> None:
        if isinstance(event, Progress) and not is_due():
            return
        stream.write(json.dumps(event_as_data(event), ensure_ascii=False, allow_nan=False) + "\n")
        stream.flush()

    return write


def event_as_data(event: Event) -> dict[str, Data]:
    """Return an event as JSON data; ``event`` is its name."""
    match event:
        case Started():
            missing: list[Data] = [*event.missing]
            left_out: list[Data] = [*event.left_out]
            return {
                "event": "started",
                **_started(event),
                "missing": missing,
                "left_out": left_out,
            }
        case Replayed(path, replay):
            return {
                "event": "replay",
                "outcome": replay.outcome.value,
                "says": replay.detail,
                "path": path.as_posix(),
            }
        case Progress(state, findings):
            return {"event": "progress", **counts_as_data(state), "findings": len(findings)}
        case Found():
            return {"event": "finding", **_found(event)}
        case Finished(started, state, findings, not_replayed, interrupted, advice, ended_early):
            return {
                "event": "finished",
                **_started(started),
                **counts_as_data(state),
                "findings": [_found(found) for found in findings],
                "not_replayed": not_replayed,
                "interrupted": interrupted,
                **({"advice": [*advice]} if advice else {}),
                **({"ended_early": [*ended_early]} if ended_early else {}),
            }
        case LifeChecked(result, found):
            return {
                "event": "life",
                "check": result.check,
                "outcome": result.outcome.value,
                "says": result.says,
                "graphs": result.graphs,
                "path": None if found is None else found.path.as_posix(),
            }


def _started(event: Started) -> dict[str, Data]:
    return {"engine": event.engine, "seed": event.seed, "operations": list(event.operations)}


def _found(event: Found) -> dict[str, Data]:
    finding = event.finding
    return {
        **report_as_data(finding.verdict.report),
        "cases": finding.cases,
        "new": event.is_new,
        "path": event.path.as_posix(),
    }
