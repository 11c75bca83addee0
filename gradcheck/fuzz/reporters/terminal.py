"""Show the events of a run: as a live line on a terminal, as plain lines on a pipe."""

from __future__ import annotations

import time
from enum import IntEnum

from rich.console import Console
from rich.live import Live
from rich.text import Text

from gradcheck.findings.replay import ReplayOutcome, replay_line
from gradcheck.fuzz.events import (
    SECONDS_BETWEEN_LINES,
    Event,
    Finished,
    Found,
    LifeChecked,
    Progress,
    Replayed,
    Started,
    State,
    every,
)
from gradcheck.fuzz.reporters.summary import count, ending
from gradcheck.lifecycle.run import STYLES
from gradcheck.table import Prose, plain, render


class Detail(IntEnum):
    """How much of a run is shown: its findings only, the usual lines, or all counts as well."""

    FINDINGS = 0
    USUAL = 1
    COUNTS = 2


class Terminal:
    """A reporter that prints findings and progress, and a few lines at the end."""

    def __init__(self, console: Console, detail: Detail = Detail.USUAL) -> None:
        self._console = console
        self._detail = detail
        self._live = Live(console=console, transient=True, auto_refresh=False)
        self._is_due = every(SECONDS_BETWEEN_LINES)
        self._is_due()  # the first line tells that the run begins
        self._began = time.monotonic()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Finished):
            self.close()
        if not self._detail and not _is_about_a_finding(event):
            return
        match event:
            case Started():
                self._say(_beginning(event))
                if self._console.is_terminal:
                    self._live.start()
            case LifeChecked(result):
                self._console.print(Prose(plain(result.row, style=STYLES[result.outcome])))
            case Replayed(path, replay):
                self._console.print(Prose(replay_line(replay, path)))
            case Progress(state, findings) if state.statistics.cases:
                self._progress(_progress(state, len(findings)))
            case Found():
                self._found(event)
            case Finished():
                self._say("", *ending(event, verbose=self._detail is Detail.COUNTS))

    def _found(self, found: Found) -> None:
        heading = plain("\nFinding: ", style="bold red") + plain(found.signature)
        self._console.print(heading, render(found.finding.verdict.report), sep="\n")
        if not self._detail:
            self._say(f"Saved in {found.path}")

    def waiting(self, doing: str) -> None:
        """Show a sign of life: what the run is doing between two events."""
        if self._detail and self._is_due():
            self._show(f"{time.monotonic() - self._began:.0f} s: {doing}")

    def close(self) -> None:
        """Remove the live line."""
        self._live.stop()

    def _say(self, *lines: str) -> None:
        for line in lines:
            self._console.print(Prose(plain(line)))

    def _progress(self, line: str) -> None:
        if self._console.is_terminal or self._is_due():
            self._show(line)

    def _show(self, line: str) -> None:
        if self._console.is_terminal:
            self._live.update(Prose(Text(line)), refresh=True)
        else:
            self._say(line)


def _is_about_a_finding(event: Event) -> bool:
    match event:
        case Replayed(_, replay):
            return replay.outcome is not ReplayOutcome.FIXED
        case LifeChecked(_, found):
            return found is not None
    return isinstance(event, Found)


def _beginning(event: Started) -> str:
    line = f"Checking {event.engine} with {' '.join(event.operations)}, seed {event.seed}."
    if event.missing:
        line += f" Not checked (the engine has no such operation): {' '.join(event.missing)}."
    return line


def _progress(state: State, findings: int) -> str:
    statistics = state.statistics
    verdicts = ", ".join(f"{n:,} {kind.value}" for kind, n in sorted(statistics.verdicts.items()))
    rate = statistics.cases / max(state.seconds, 1e-9)
    return (
        f"{state.seconds:.0f} s: {count(statistics.cases, 'case')} ({rate:,.0f}/s): {verdicts}; "
        f"{count(findings, 'finding')}"
    )
