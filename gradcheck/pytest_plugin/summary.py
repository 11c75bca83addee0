"""What a run tells of its findings at its end: in the terminal, and to GitHub."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

BUG, CASE, DIAGRAM, REPLAY, UNSAVED = (
    f"gradcheck.{name}" for name in ("bug", "case", "diagram", "replay", "unsaved")
)
"""The properties of a finding; each finding of a test begins with its ``BUG``."""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as the main process hears of it: the test, where it is, and its properties."""

    test: str
    file: str
    line: int
    facts: tuple[tuple[str, str], ...]

    @property
    def bug(self) -> str:
        """The bug and the case in a line."""
        return self.facts[0][1]


def tell(terminal: pytest.TerminalReporter) -> None:
    """Write the findings of a run's failures, if there are any."""
    reports = [*terminal.stats.get("failed", ()), *terminal.stats.get("error", ())]
    # A test that fails and then fails to clean up has two reports with the same findings.
    findings = list(dict.fromkeys(told for report in reports for told in _told(report)))
    if not findings:
        return
    terminal.write_sep("=", "gradcheck")
    for told in findings:
        terminal.write_line(f"{told.test}: {told.bug}")
        for name, text in told.facts[1:]:
            terminal.write_line(f"  {name.removeprefix('gradcheck.')}: {text}")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for told in findings:
            terminal.write_line(_annotation(told, terminal.config.rootpath))
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(page).open("a", encoding="utf-8") as file:
                file.writelines(_markdown(findings))
        except OSError as error:
            terminal.write_line(f"GITHUB_STEP_SUMMARY could not be written: {error}")


def _told(report: pytest.TestReport) -> Iterator[Told]:
    file, line, _ = report.location
    facts: list[tuple[str, str]] = []
    for name, text in getattr(report, "user_properties", ()):
        if name == BUG and facts:
            yield Told(report.nodeid, file, (line or 0) + 1, tuple(facts))
            facts = []
        if name in (BUG, CASE, DIAGRAM, REPLAY, UNSAVED):
            facts.append((name, str(text)))
    if facts:
        yield Told(report.nodeid, file, (line or 0) + 1, tuple(facts))


def _annotation(told: Told, root: Path) -> str:
    """A workflow command, escaped as GitHub's own toolkit does it."""
    workspace = Path(os.environ.get("GITHUB_WORKSPACE", root))
    file = root / told.file
    if file.is_relative_to(workspace):
        file = file.relative_to(workspace)
    place = f"file={_property(file.as_posix())},line={told.line},title={_property(told.test)}"
    lines = (told.bug, *(text for name, text in told.facts if name in (REPLAY, UNSAVED)))
    return f"::error {place}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _markdown(findings: Iterable[Told]) -> Iterator[str]:
    yield "### gradcheck\n\n"
    for told in findings:
        yield f"- {_code(told.test)}: {_code(told.bug)}\n"
        for name, text in told.facts[1:]:
            yield f"  - {name.removeprefix('gradcheck.')}: {_code(text)}\n"
    yield "\n"


def _code(text: str) -> str:
    """Text as it is, whatever it holds: what might be Markdown or HTML is written by its number."""
    return f"<code>{re.sub(r'[^A-Za-z0-9 ./:=+-]', lambda c: f'&#{ord(c[0])};', text)}</code>"
