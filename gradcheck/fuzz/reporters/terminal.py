"""The events of a run for a person: a live line on a terminal, plain lines on a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.text import Text

from gradcheck.findings.replay import replay_line
from gradcheck.fuzz.coverage import in_words
from gradcheck.fuzz.events import Event, Finished, LifeChecked, Progress, Replayed, Started
from gradcheck.fuzz.state import Found, State
from gradcheck.fuzz.statistics import CLOSER_LOOK_EVERY
from gradcheck.fuzz.throttle import SECONDS_BETWEEN_LINES, every
from gradcheck.kind import Kind
from gradcheck.lifecycle.run import STYLES
from gradcheck.table import plain, render


class Terminal:
    """A sink that tells of a run as it goes, and sums it up at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, transient=True, auto_refresh=False)
        self._is_due = every(SECONDS_BETWEEN_LINES)

    def __call__(self, event: Event) -> None:
        match event:
            case Started():
                self._console.print(_beginning(event))
                if self._console.is_terminal:
                    self._live.start()
            case Replayed(path, replay):
                self._console.print(replay_line(replay, path))
            case Progress(state, findings) if state.statistics.cases:
                self._progress(_progress(state, len(findings)))
            case Found():
                self._console.print(Text("\nFinding: ", style="bold red") + Text(event.signature))
                self._console.print(render(event.finding.verdict.report))
            case Finished():
                self.close()
                for text in _ending(event):
                    self._console.print(text)
            case LifeChecked(result):
                self._console.print(plain(result.row, style=STYLES[result.outcome]))

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._live.stop()

    def _progress(self, line: str) -> None:
        if self._console.is_terminal:
            self._live.update(Text(line), refresh=True)
        elif self._is_due():
            self._console.print(line)


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
        f"{state.seconds:.0f} s: {statistics.cases:,} cases ({rate:,.0f}/s): {verdicts}; "
        f"{_count(findings, 'finding')}"
    )


def _ending(event: Finished) -> list[str]:
    """What came of a run, and where all that was found is."""
    findings = [(found.signature, found.path) for found in event.findings]
    word = "Interrupted" if event.interrupted else "Finished"
    first = f"{word} after {event.state.seconds:.1f} s, seed {event.started.seed}."
    lines = ["", first, *summary(event.state, findings)]
    if event.not_replayed:
        lines.append(f"Not judged again: {_count(event.not_replayed, 'finding')} from before.")
    return lines


def summary(state: State, findings: Sequence[tuple[str, Path]]) -> list[str]:
    """What a run proved, what it left undecided and why, and where the findings are."""
    statistics = state.statistics
    gradients = statistics.gradients - statistics.undecided_gradients
    lines = [
        f"Judged {_count(statistics.expressions, 'expression')}, "
        f"{_count(statistics.cases, 'case')}, {_count(statistics.gradients, 'gradient')}; "
        f"a proof for {gradients:,} of the gradients, and "
        f"{statistics.verdicts[Kind.CORRECT]:,} cases proved correct throughout.",
        f"Largest error, as a share of the bound (sampled: 1 expression in {CLOSER_LOOK_EVERY}): "
        f"{statistics.worst_error_share:.1%}.",
    ]
    if statistics.lost:
        lost = ", ".join(f"{name} {units:.2g}" for name, units in sorted(statistics.lost.items()))
        lines.append(f"Worst rounding per operation (ulp): {lost}.")
    undecided = statistics.verdicts[Kind.UNDECIDED]
    if undecided:
        lines.append(
            f"Undecided: {_count(undecided, 'case')} ({undecided / statistics.cases:.1%})."
        )
        lines += [f"  {n:,}: {reason}" for reason, n in statistics.undecided.most_common()]
    lines.append(
        f"Covered {_count(len(statistics.covered), 'feature')} "
        f"({in_words(statistics.covered)}), the last new one after {state.newest:.1f} s."
    )
    if statistics.given_up:
        numbers = ", ".join(map(str, statistics.given_up))
        lines.append(f"Rounds abandoned, because every worker died: {numbers}.")
    lines.append(f"Findings: {len(findings)}." if findings else "No finding.")
    lines += [f"  {name}: {path}" for name, path in findings]
    if state.set_aside:
        names = ", ".join(sorted(state.set_aside))
        lines.append(f"Not reported, because a finding above shows in the same cases: {names}.")
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
