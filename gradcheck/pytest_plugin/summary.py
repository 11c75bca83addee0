"""The summary of findings at the end of a run: in the terminal, and on GitHub."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gradcheck.findings.annotation import annotation

BUG, MEND_FIRST, CASE, DIAGRAM, REPLAY, NOT_SAVED = (
    f"gradcheck.{name}" for name in ("bug", "mend first", "case", "diagram", "replay", "not saved")
)
"""The names of a finding's properties in a test report, of which ``BUG`` comes first."""


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """A finding from a test report: the test, its file and line, and the finding's properties."""

    test: str
    file: str
    line: int
    properties: tuple[tuple[str, str], ...]

    @property
    def bug(self) -> str:
        """The bug and the case in one line."""
        return self.properties[0][1]


def write_summary(terminal: pytest.TerminalReporter) -> None:
    """List the findings of failed tests, if there are any."""
    reports = [*terminal.stats.get("failed", ()), *terminal.stats.get("error", ())]
    # A test that fails and whose cleanup fails has two reports with the same findings.
    findings = list(dict.fromkeys(finding for report in reports for finding in _findings(report)))
    if not findings:
        return
    terminal.write_sep("=", "gradcheck")
    for finding in findings:
        terminal.write_line(f"{finding.test}: {finding.bug}")
        for name, text in finding.properties[1:]:
            terminal.write_line(f"  {name.removeprefix('gradcheck.')}: {text}")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for finding in findings:
            terminal.write_line(_annotation(finding, terminal.config.rootpath))
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(page).open("a", encoding="utf-8") as file:
                file.writelines(_markdown(findings))
        except OSError as error:
            terminal.write_line(f"cannot write GITHUB_STEP_SUMMARY: {error}")


def _findings(report: pytest.TestReport) -> Iterator[ReportedFinding]:
    file, line, _ = report.location
    properties: list[tuple[str, str]] = []
    for name, text in getattr(report, "user_properties", ()):
        if name == BUG and properties:
            yield ReportedFinding(report.nodeid, file, (line or 0) + 1, tuple(properties))
            properties = []
        if name in (BUG, MEND_FIRST, CASE, DIAGRAM, REPLAY, NOT_SAVED):
            properties.append((name, str(text)))
    if properties:
        yield ReportedFinding(report.nodeid, file, (line or 0) + 1, tuple(properties))


def _annotation(finding: ReportedFinding, root: Path) -> str:
    """Return a workflow command for a finding, at the line of its test."""
    workspace = Path(os.environ.get("GITHUB_WORKSPACE", root))
    file = root / finding.file
    if file.is_relative_to(workspace):
        file = file.relative_to(workspace)
    lines = (
        finding.bug,
        *(text for name, text in finding.properties if name in (REPLAY, NOT_SAVED)),
    )
    return annotation("\n".join(lines), title=finding.test, file=file.as_posix(), line=finding.line)


def _markdown(findings: Iterable[ReportedFinding]) -> Iterator[str]:
    yield "### gradcheck\n\n"
    for finding in findings:
        yield f"- {_code(finding.test)}: {_code(finding.bug)}\n"
        for name, text in finding.properties[1:]:
            yield f"  - {name.removeprefix('gradcheck.')}: {_code(text)}\n"
    yield "\n"


def _code(text: str) -> str:
    """Return text as code; a character that may be special becomes its number."""
    return f"<code>{re.sub(r'[^A-Za-z0-9 ./:=+-]', lambda c: f'&#{ord(c[0])};', text)}</code>"
