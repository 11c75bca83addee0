"""The results in the terminal and for programs: a table, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gradcheck.grade.results import Graded, Status, as_data
from gradcheck.grade.scheduler import ENGINES, Running
from gradcheck.table import plain

STYLES = {
    Status.RIGHT: "green",
    Status.WRONG: "red",
    Status.NOT_LOADED: "magenta",
    Status.OUT_OF_TIME: "yellow",
    Status.NOT_CHECKED: "yellow",
}

_NARROW = 100
"""Columns below which the table is stacked."""

_COLUMNS = (
    *("engine", "result", "loaded", "operations", "held", "properties", "seconds"),
    *("wrong", "smallest_case", "findings"),
)


@dataclass(frozen=True, slots=True)
class SharedBug:
    """A bug that several engines have."""

    sentence: str
    engines: tuple[str, ...]


def shared_bugs(results: Sequence[Graded]) -> list[SharedBug]:
    """Return the bugs that more than one engine has, the most common first."""
    engines: dict[str, list[str]] = {}
    for graded in results:
        for sentence in dict.fromkeys(bug.sentence for bug in graded.result.bugs):
            engines.setdefault(sentence, []).append(graded.name)
    shared = [SharedBug(s, tuple(names)) for s, names in engines.items() if len(names) > 1]
    return sorted(shared, key=lambda bug: -len(bug.engines))


def counts(results: Sequence[Graded]) -> str:
    """Return how many engines there are of each status, in words."""
    number = Counter(graded.result.status for graded in results)
    words = ", ".join(f"{number[status]} {status}" for status in Status if number[status])
    engines = "engine" if len(results) == 1 else "engines"
    return f"{len(results)} {engines}: {words}"


def line(graded: Graded) -> Text:
    """Return the line to show when an engine is graded."""
    status = graded.result.status
    return Text.assemble(plain(graded.name), ": ", (status.value, STYLES[status]))


def running(event: Running) -> Table:
    """Return a table of the engines that are being graded."""
    shown = Table(box=None, pad_edge=False, show_header=False)
    for name, seconds in event.engines:
        shown.add_row(plain(name), f"{seconds:.0f} s")
    return shown


def table(results: Sequence[Graded], console: Console) -> RenderableType:
    """Return a table of the results, stacked on a narrow console, with the shared bugs below."""
    below = [_shared(bug) for bug in shared_bugs(results)]
    if console.width < _NARROW:
        return Group(*(_stacked(graded) for graded in results), *below)
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("Engine", "Result", "Operations", "Properties", "What is wrong"):
        shown.add_column(title, overflow="fold", no_wrap=title in {"Result", "Properties"})
    for graded in results:
        status = graded.result.status
        shown.add_row(
            plain(graded.name),
            Text(status.value, STYLES[status]),
            _operations(graded),
            graded.conformance,
            plain("\n".join(_wrong(graded))),
        )
    return Group(shown, *below)


def _stacked(graded: Graded) -> Text:
    lines = [line(graded)]
    if graded.result.operations:
        properties = f"; {graded.conformance} properties" if graded.conformance else ""
        lines.append(Text(f"  {_operations(graded)} operations{properties}"))
    lines += [plain(f"  {wrong}") for wrong in _wrong(graded)]
    return Text("\n").join(lines)


def _operations(graded: Graded) -> str:
    number = len(graded.result.operations)
    return str(number) if number else ""


def _wrong(graded: Graded) -> list[str]:
    """Return what to mend first, and what is wrong with its smallest case, a line each."""
    result = graded.result
    lines = [f"{bug.sentence}; smallest case: {bug.case}" for bug in result.bugs]
    return [*result.advice, *lines, *([result.problem] if result.problem else [])]


def _shared(bug: SharedBug) -> Text:
    names = ", ".join(bug.engines)
    return plain(f"{len(bug.engines)} engines share a bug, {bug.sentence}:\n  {names}")


def as_csv(results: Sequence[Graded]) -> str:
    """Return the results as CSV, a row for each engine.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for graded in results:
        writer.writerow([_no_formula(cell) for cell in _cells(graded)])
    return text.getvalue()


def _cells(graded: Graded) -> Iterator[str]:
    result = graded.result
    yield graded.name
    yield result.status.value
    yield "yes" if result.engine else "no"
    yield " ".join(result.operations)
    yield str(result.held)
    yield str(result.properties)
    yield f"{graded.seconds:.1f}"
    yield "; ".join(graded.wrong)
    yield result.bugs[0].case if result.bugs else ""
    yield findings_folder(graded) if result.bugs else ""


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def as_json(results: Sequence[Graded]) -> str:
    """Return the results and the shared bugs as JSON."""
    shared = [{"sentence": bug.sentence, "engines": bug.engines} for bug in shared_bugs(results)]
    data = {"engines": [as_data(graded) for graded in results], "shared": shared}
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def findings_folder(graded: Graded) -> str:
    """Return the folder of an engine's findings, below that of the report."""
    return str(PurePosixPath(ENGINES, graded.folder))
