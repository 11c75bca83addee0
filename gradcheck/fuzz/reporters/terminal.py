"""Show the events of a run: as a live line on a terminal, as plain lines on a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.text import Text

from gradcheck.findings.replay import replay_line
from gradcheck.fuzz.coverage import counts_by_kind
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
from gradcheck.fuzz.statistics import SAMPLE_EVERY, Statistics
from gradcheck.kind import FAIL_ON, Kind
from gradcheck.lifecycle.run import STYLES
from gradcheck.table import plain, render

_UNUSUAL = {
    Kind.NO_SUBGRADIENT: "At a kink, with numbers that no choice of sides gives",
    Kind.SINGULAR: "Singular points, where only the whole formula has a derivative",
    Kind.DEPTH_LIMIT: "Beyond the depth limit",
}


class Terminal:
    """A reporter that prints findings and progress, and a summary at the end."""

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
        """Remove the live line."""
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
    """Return the lines about a finished run."""
    findings = [(found.signature, found.path) for found in event.findings]
    word = "Interrupted" if event.interrupted else "Finished"
    first = f"{word} after {event.state.seconds:.1f} s, seed {event.started.seed}."
    lines = ["", first, *summary(event.state, findings)]
    if event.not_replayed:
        lines.append(f"Not judged again: {_count(event.not_replayed, 'finding')} from before.")
    return lines


def summary(state: State, findings: Sequence[tuple[str, Path]]) -> list[str]:
    """Return lines on what is proved, what is undecided and why, and where the findings are."""
    statistics = state.statistics
    gradients = statistics.gradients - statistics.unproved_gradients
    lines = [
        f"Judged {_count(statistics.expressions, 'expression')}, "
        f"{_count(statistics.cases, 'case')}, {_count(statistics.gradients, 'gradient')}; "
        f"a proof for {gradients:,} of the gradients, and "
        f"{statistics.verdicts[Kind.CORRECT]:,} cases proved correct throughout.",
        f"Largest error, as a share of the bound (sampled: 1 expression in {SAMPLE_EVERY}): "
        f"{statistics.worst_error_share:.1%}.",
    ]
    if statistics.worst_rounding:
        worst = sorted(statistics.worst_rounding.items())
        by_operation = ", ".join(f"{name} {ulps:.2g}" for name, ulps in worst)
        lines.append(f"Worst rounding per operation (ulp): {by_operation}.")
    undecided = statistics.verdicts[Kind.UNDECIDED]
    if undecided:
        share = undecided / max(statistics.cases, undecided)  # a damaged file may have fewer cases
        lines.append(f"Undecided: {_count(undecided, 'case')} ({share:.1%}).")
        lines += [f"  {n:,}: {reason}" for reason, n in statistics.undecided.most_common()]
    if at_kink := statistics.verdicts[Kind.AT_KINK]:
        lines.append(f"At a kink, with the numbers of a side: {_count(at_kink, 'case')}.")
    lines += _unusual(statistics)
    if state.depth_limit is not None:
        lines.append(
            f"Depth limit: a chain of more than {_count(state.depth_limit, 'operation')} reaches "
            "Python's recursion limit (a finding with --fail-on depth)."
        )
    lines.append(
        f"Covered {_count(len(statistics.features), 'feature')} "
        f"({counts_by_kind(statistics.features)}), the last new one after {state.last_new:.1f} s."
    )
    if statistics.abandoned:
        numbers = ", ".join(map(str, statistics.abandoned))
        lines.append(f"Abandoned, because every worker died: round {numbers}.")
    lines.append(f"Findings: {len(findings)}." if findings else "No finding.")
    lines += [f"  {name}: {path}" for name, path in findings]
    if state.not_reported:
        names = ", ".join(sorted(state.not_reported))
        lines.append(f"Not reported, because a finding above shows in the same cases: {names}.")
    return lines


def _unusual(statistics: Statistics) -> list[str]:
    """Return lines on unusual numbers at kinks and at singular points, with an example of each."""
    lines = []
    for word, kind in FAIL_ON.items():
        names = [name for name in statistics.unusual if name.startswith(kind.value)]
        if names:
            count = _count(statistics.verdicts[kind], "case")
            lines.append(f"{_UNUSUAL[kind]}: {count} (findings with --fail-on {word}).")
        lines += [
            f"  {statistics.unusual[name]:,} {name}, such as {statistics.examples[name]}"
            for name in sorted(names)
        ]
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
