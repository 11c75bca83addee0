"""The result of a self-test as a table and as JSON data."""

from __future__ import annotations

import statistics
from dataclasses import asdict

from rich import box
from rich.table import Table
from rich.text import Text

from gradcheck.findings.json_file import Data
from gradcheck.selftest.run import HEALTHY, SEEDS, BugResult, SelfTest
from gradcheck.selftest.trial import MAX_CASES

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
        str(result.smallest_known_size),
    )


def summary(result: SelfTest) -> list[str]:
    """Return a line each on the bugs found, the blame, the smallest cases, and false alarms."""
    count = len(result.bugs)
    found = [bug for bug in result.bugs if bug.found]
    right = sum(bug.is_right for bug in result.bugs)
    sizes = [trial.size - bug.smallest_known_size for bug in found for trial in bug.trials]
    median = f", median {statistics.median(bug.cases for bug in found):g} cases" if found else ""
    return [
        f"Found: {len(found)} of {count} bugs ({len(found) / count:.0%}), each from "
        f"{len(SEEDS)} seeds within {MAX_CASES:,} cases{median}.",
        f"Right blame, by its nodes and by probing, as one bug: {right} of {count}.",
        f"No larger than the smallest known case: {sum(s <= 0 for s in sizes)} of {len(sizes)}; "
        f"one operation larger: {sum(s == 1 for s in sizes)}.",
        f"False alarms on {HEALTHY}: {result.health.false_alarms} "
        f"in {result.health.gradients:,} gradients.",
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
        "least": result.smallest_known_size,
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
        "gradients": result.health.gradients,
        "false_alarms": result.health.false_alarms,
    }
