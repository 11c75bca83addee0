"""``case.json``: all that is needed to judge a finding again, as data."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from importlib.metadata import version

from gradcheck.findings.encoding import Data, case_as_data, report_as_data
from gradcheck.findings.finding import Finding
from gradcheck.findings.sighting import Sighting
from gradcheck.verdict import Verdict

FORMAT_VERSION = 1

FILE_NAME = "case.json"

_PACKAGES = ("gradcheck", "hypothesis", "python-flint", "sympy")


def case_file(finding: Finding, *, seen_before: Sequence[Sighting]) -> str:
    """The text of the file: the smallest and the worst case, and what is said of them."""
    content: dict[str, Data] = {
        "format": FORMAT_VERSION,
        "engine": finding.verdict.engine,
        **_judged(finding.verdict),
        "worst": _judged(finding.worst),
        "seen": [_sighting_as_data(sighting) for sighting in (*seen_before, finding.seen)],
        "versions": versions(),
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def versions() -> dict[str, Data]:
    """Of Python and of what proves things, as another one may prove more."""
    packages: dict[str, Data] = {package: version(package) for package in _PACKAGES}
    return {"python": platform.python_version(), **packages}


def _judged(verdict: Verdict) -> dict[str, Data]:
    return {"case": case_as_data(verdict.case), "verdict": report_as_data(verdict.report)}


def _sighting_as_data(sighting: Sighting) -> dict[str, Data]:
    return {
        "began": sighting.began.isoformat(),
        "last": sighting.last.isoformat(),
        "times": sighting.times,
        "seed": sighting.seed,
    }
