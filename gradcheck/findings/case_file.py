"""``case.json``: all that is needed to judge a finding again, as data."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version

from gradcheck.findings.converter import expect, unstructure
from gradcheck.findings.finding import Finding
from gradcheck.findings.json_file import Data, dump
from gradcheck.findings.sighting import Sighting
from gradcheck.report import Report

FORMAT_VERSION = 2
"""Since 2 a case may have steps. All that begin with 1 are read."""

FILE_NAME = "case.json"

_PACKAGES = ("gradcheck", "hypothesis", "python-flint", "sympy")


def case_file(finding: Finding, *, seen_before: Sequence[Sighting]) -> str:
    """The text of the file: the smallest and the worst case, and what is said of them."""
    seen: list[Data] = [unstructure(sighting) for sighting in (*seen_before, finding.seen)]
    return dump(
        {
            "format": FORMAT_VERSION,
            "engine": finding.verdict.engine,
            **_judged(finding.verdict.report),
            "worst": _judged(finding.worst.report),
            "seen": seen,
            "versions": versions(),
        }
    )


def versions() -> dict[str, Data]:
    """The versions of Python and of what proves things, as another one may prove more."""
    packages: dict[str, Data] = {package: version(package) for package in _PACKAGES}
    return {"python": platform.python_version(), **packages}


def _judged(report: Report) -> dict[str, Data]:
    return {"case": unstructure(report.case), "verdict": report_as_data(report)}


def report_as_data(report: Report) -> dict[str, Data]:
    """A report as data, without the engine and the case, which stand beside it."""
    data = unstructure(report)
    del data["engine"], data["case"]
    if report.blame is not None:
        blame = expect(data["blame"], dict, "a blame")
        sentence, certain = report.blame.sentence, report.blame.is_certain
        data["blame"] = {"sentence": sentence, "certain": certain, **blame}
    return {**data, "expression": report.formula, "point": dict(report.case.numbers)}
