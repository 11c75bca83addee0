"""The outcome of a self-test, for people and for programs."""

from __future__ import annotations

import statistics

from rich import box
from rich.table import Table
from rich.text import Text

from gradcheck.findings.json_file import Data
from gradcheck.selftest.run import HEALTHY, SEEDS, Outcome, SelfTest
from gradcheck.selftest.trial import MOST_CASES

_TITLES = ("bug", "", "cases", "seconds", "kind", "blamed", "", "smallest", "known")
_NUMBERS = ("cases", "seconds", "smallest", "known")


def table(result: SelfTest) -> Table:
    """A row for each bug: found, how soon, what was said of it, and the size of the smallest case.

    Cases and seconds are medians over the seeds, the rest is the worst of them.
    """
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in _TITLES:
        drawn.add_column(title, justify="right" if title in _NUMBERS else "left", no_wrap=True)
    for outcome in result.outcomes:
        good = outcome.found and outcome.is_right
        drawn.add_row(*map(Text, _cells(outcome)), style="" if good else "red")
    return drawn


def _cells(outcome: Outcome) -> tuple[str, ...]:
    trial = outcome.largest
    return (
        outcome.bug.name,
        "found" if outcome.found else "missed",
        f"{outcome.cases:g}",
        f"{outcome.seconds:.1f}",
        trial.kind,
        trial.signature,
        "right" if outcome.is_right else "wrong",
        str(trial.size),
        str(outcome.least),
    )


def summary(result: SelfTest) -> list[str]:
    """The kill rate, the blame, the sizes, and the false alarms, a line each."""
    outcomes, count = result.outcomes, len(result.outcomes)
    found = [outcome for outcome in outcomes if outcome.found]
    right = sum(outcome.is_right for outcome in outcomes)
    sizes = [
        trial.size - outcome.least for outcome in found for trial in outcome.trials if trial.found
    ]
    median = f", median {statistics.median(o.cases for o in found):g} cases" if found else ""
    return [
        f"Found: {len(found)} of {count} bugs ({len(found) / count:.0%}), each from "
        f"{len(SEEDS)} seeds within {MOST_CASES:,} cases{median}.",
        f"Blamed rightly, by its nodes and by probing, as one bug: {right} of {count}.",
        f"Smallest case as small as known: {sum(size <= 0 for size in sizes)} of {len(sizes)}; "
        f"one operation more: {sum(size == 1 for size in sizes)}.",
        f"False alarms on {HEALTHY}: {result.health.false_alarms} "
        f"in {result.health.gradients:,} gradients.",
    ]


def outcome_as_data(outcome: Outcome) -> dict[str, Data]:
    """The outcome for one bug as JSON data, the trials in the order of the seeds."""
    return {
        "event": "bug",
        "bug": outcome.bug.name,
        "family": outcome.bug.family,
        "wrong": outcome.bug.wrong,
        "found": outcome.found,
        "right": outcome.is_right,
        "cases": outcome.cases,
        "seconds": round(outcome.seconds, 3),
        "least": outcome.least,
        "trials": [
            {
                "findings": trial.findings,
                "cases": trial.cases,
                "seconds": round(trial.seconds, 3),
                "kind": trial.kind,
                "signature": trial.signature,
                "expression": trial.formula,
                "size": trial.size,
                "blamed": trial.blamed,
                "blamed_by_probing": trial.blamed_by_probing,
            }
            for trial in outcome.trials
        ],
    }


def result_as_data(result: SelfTest) -> dict[str, Data]:
    """The end of a self-test as JSON data."""
    return {
        "event": "finished",
        "passed": result.passed,
        "bugs": len(result.outcomes),
        "found": sum(outcome.found for outcome in result.outcomes),
        "right": sum(outcome.is_right for outcome in result.outcomes),
        "gradients": result.health.gradients,
        "false_alarms": result.health.false_alarms,
    }
