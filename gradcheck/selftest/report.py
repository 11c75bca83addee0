"""The result of a self-test as a table and as JSON data."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict

from rich import box
from rich.table import Table
from rich.text import Text

from gradcheck.findings.json_file import Data
from gradcheck.selftest.run import SEEDS, BugResult, SelfTest
from gradcheck.selftest.trial import MAX_CASES, MAX_PROGRAMS
from gradcheck.selftest.zoo import PlantedBug

_TITLES = ("bug", "", "cases", "seconds", "kind", "blamed", "", "smallest", "known")
_NUMBERS = ("cases", "seconds", "smallest", "known")


def table(result: SelfTest) -> Table:
    """Return a row for each bug: whether and how soon it was found, its blame, its smallest case.

    Cases and seconds are medians over the seeds; the rest is from the worst of them.
    """
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in _TITLES:
        drawn.add_column(title, justify="right" if title in _NUMBERS else "left", no_wrap=True)
    for bug in result.bugs:
        drawn.add_row(*map(Text, _cells(bug)), style="" if bug.is_right else "red")
    return drawn


def _cells(result: BugResult) -> tuple[str, ...]:
    trial = result.worst
    return (
        result.bug.name,
        "found" if result.found else "missed",
        f"{result.cases:g}",
        f"{result.seconds:.1f}",
        trial.kind,
        trial.signature,
        "right" if result.is_right else "wrong",
        str(trial.size),
        str(result.bug.smallest_size),
    )


def summary(result: SelfTest) -> list[str]:
    """Return a line each on the bugs found, the blame, the smallest cases, and false alarms."""
    numbers = [bug for bug in result.bugs if isinstance(bug.bug, PlantedBug)]
    arrays = [bug for bug in result.bugs if not isinstance(bug.bug, PlantedBug)]
    return [
        *_lines(numbers, "Found", MAX_CASES, "by its nodes and by probing, as one bug"),
        *_lines(arrays, "Found in arrays", MAX_PROGRAMS, "with the reason"),
        *(
            f"False alarms on {health.engine}: {health.false_alarms} in "
            f"{health.gradients:,} gradients."
            for health in result.health
        ),
    ]


def _lines(bugs: Sequence[BugResult], title: str, most: int, how: str) -> list[str]:
    if not bugs:
        return []
    found = [bug for bug in bugs if bug.found]
    right = sum(bug.is_right for bug in bugs)
    sizes = [trial.size - bug.bug.smallest_size for bug in found for trial in bug.trials]
    median = f", median {statistics.median(bug.cases for bug in found):g} cases" if found else ""
    return [
        f"{title}: {len(found)} of {len(bugs)} bugs ({len(found) / len(bugs):.0%}), each from "
        f"{len(SEEDS)} seeds within {most:,} cases{median}.",
        f"Right blame, {how}: {right} of {len(bugs)}.",
        f"No larger than the smallest known case: {sum(s <= 0 for s in sizes)} of {len(sizes)}; "
        f"one operation larger: {sum(s == 1 for s in sizes)}.",
    ]


def bug_as_data(result: BugResult) -> dict[str, Data]:
    """Return the result for one bug as JSON data, with the trials in the order of the seeds."""
    return {
        "event": "bug",
        "bug": result.bug.name,
        "family": result.bug.family,
        "wrong": result.bug.wrong,
        "found": result.found,
        "right": result.is_right,
        "cases": result.cases,
        "seconds": result.seconds,
        "least": result.bug.smallest_size,
        "trials": [asdict(trial) for trial in result.trials],
    }


def result_as_data(result: SelfTest) -> dict[str, Data]:
    """Return the result of a self-test as JSON data."""
    return {
        "event": "finished",
        "passed": result.passed,
        "bugs": len(result.bugs),
        "found": sum(bug.found for bug in result.bugs),
        "right": sum(bug.is_right for bug in result.bugs),
        "gradients": sum(health.gradients for health in result.health),
        "false_alarms": sum(health.false_alarms for health in result.health),
    }
