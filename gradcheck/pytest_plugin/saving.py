"""The findings that a test ends with, saved."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradcheck.assertion import GradientMismatch
from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.findings.gallery.page import write_gallery
from gradcheck.findings.store import save
from gradcheck.formula import write
from gradcheck.pytest_plugin.summary import BUG, CASE, DIAGRAM, REPLAY, UNSAVED
from gradcheck.verdict import Verdict, drop_explained

Properties = list[tuple[str, object]]

_LONGEST = 200


def saved(error: BaseException, config: pytest.Config) -> Properties:
    """Save each bug in an error, and tell what and where, as properties of a test's report.

    These reach JUnit XML and the main process of pytest-xdist. It never raises: the test's own
    failure is what has to be told.
    """
    properties: Properties = []
    for verdict in drop_explained(mismatch.verdict for mismatch in _mismatches(error)):
        properties.append((BUG, _bug(verdict)))
        try:
            folder = _saved(verdict, config)
        except Exception as fault:  # noqa: BLE001 - whatever goes wrong, see above
            properties.append((UNSAVED, f"{type(fault).__name__}: {' '.join(str(fault).split())}"))
        else:
            properties += [
                (CASE, str(folder / "case.json")),
                (DIAGRAM, str(folder / "graph.svg")),
                (REPLAY, f"python -m gradcheck replay {shlex.quote(str(folder))}"),
            ]
    return properties


def _mismatches(error: BaseException) -> Iterator[GradientMismatch]:
    """The mismatches in an error: itself, or those in a group, as when several bugs are found."""
    if isinstance(error, GradientMismatch):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _mismatches(part)


def _saved(verdict: Verdict, config: pytest.Config) -> Path:
    """The folder of a new finding, as seen from the working directory."""
    here = config.invocation_params.dir
    output = config.getoption("gradcheck_output")
    place = config.rootpath / "reports" if output is None else here / output
    seen = Sighting(began=now(), last=now(), times=1, seed=None)
    folder = save(Finding(verdict, worst=verdict, seen=seen, cases=1), place)
    write_gallery(place)
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _bug(verdict: Verdict) -> str:
    formula = _shortened(write(verdict.case.expression))
    numbers = ", ".join(f"{name} = {number!r}" for name, number in verdict.case.numbers.items())
    return f"{verdict.signature}: {formula}{' at ' if numbers else ''}{_shortened(numbers)}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
