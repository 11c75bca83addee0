"""The lines about a finished run: a few for everybody, and all counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gradcheck.fuzz.coverage import counts_by_kind
from gradcheck.fuzz.events import Finished, Found, State
from gradcheck.fuzz.statistics import SAMPLE_EVERY, Statistics
from gradcheck.kind import FAIL_ON, Kind

_UNUSUAL = {
    Kind.NO_SUBGRADIENT: "At a kink, with numbers that no choice of sides gives",
    Kind.SINGULAR: "Singular points, where only the whole formula has a derivative",
    Kind.DEPTH_LIMIT: "Beyond the depth limit",
}


def ending(event: Finished, *, verbose: bool) -> list[str]:
    """Return the lines about a finished run, with all counts if ``verbose``."""
    state, statistics = event.state, event.state.statistics
    findings = [(_name(found), found.path) for found in event.findings]
    word = "Interrupted" if event.interrupted else "Finished"
    lines = [f"{word} after {state.seconds:.1f} s, seed {event.started.seed}."]
    lines += event.ended_early
    lines += statistics_lines(state) if verbose else [_judged(statistics), *abandoned(statistics)]
    lines += event.started.left_out
    if event.not_replayed:
        lines.append(f"Not judged again: {count(event.not_replayed, 'finding')} from before.")
    return [*lines, *_findings(findings, event.advice)]


def summary(state: State, findings: Sequence[tuple[str, Path]]) -> list[str]:
    """Return lines on what is proved, what is undecided and why, and where the findings are."""
    return [*statistics_lines(state), *_findings(findings, ())]


def _name(found: Found) -> str:
    """Return the signature, with the kind of the worst case if that is graver than the smallest."""
    finding = found.finding
    is_graver = finding.kind is not finding.verdict.kind
    return f"{found.signature} (at worst {finding.kind})" if is_graver else found.signature


def _findings(findings: Sequence[tuple[str, Path]], advice: Sequence[str]) -> list[str]:
    first = f"Findings: {len(findings)}." if findings else "No finding."
    return [" ".join([first, *advice]), *(f"  {name}: {path}" for name, path in findings)]


def _judged(statistics: Statistics) -> str:
    """Return the numbers of cases by verdict, in one line."""
    cases, correct = statistics.cases, statistics.verdicts[Kind.CORRECT]
    others = [
        f"{number:,} {kind.value}"
        for kind, number in sorted(statistics.verdicts.items())
        if number and kind is not Kind.CORRECT
    ]
    return (
        f"Judged {count(statistics.expressions, 'expression')}, {count(cases, 'case')}: "
        f"{', '.join([f'{correct:,} proved correct', *others])}."
    )


def statistics_lines(state: State) -> list[str]:
    """Return all counts of a run."""
    statistics = state.statistics
    gradients = statistics.gradients - statistics.unproved_gradients
    lines = [
        f"Judged {count(statistics.expressions, 'expression')}, "
        f"{count(statistics.cases, 'case')}, {count(statistics.gradients, 'gradient')}; "
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
        lines.append(f"Undecided: {count(undecided, 'case')} ({share:.1%}).")
        lines += [f"  {n:,}: {reason}" for reason, n in statistics.undecided.most_common()]
    if at_kink := statistics.verdicts[Kind.AT_KINK]:
        lines.append(f"At a kink, with the numbers of a side: {count(at_kink, 'case')}.")
    lines += _unusual(statistics)
    if state.depth_limit is not None:
        lines.append(
            f"Depth limit: a chain of more than {count(state.depth_limit, 'operation')} reaches "
            "Python's recursion limit (a finding with --fail-on depth)."
        )
    lines.append(
        f"Covered {count(len(statistics.features), 'feature')} "
        f"({counts_by_kind(statistics.features)}), the last new one after {state.last_new:.1f} s."
    )
    lines += abandoned(statistics)
    if state.not_reported:
        names = ", ".join(sorted(state.not_reported))
        lines.append(f"Not reported, because a finding shows in the same cases: {names}.")
    return lines


def abandoned(statistics: Statistics) -> list[str]:
    """Return a line on the rounds that were abandoned, if there are any."""
    numbers = ", ".join(map(str, statistics.abandoned))
    return [f"Abandoned, because every worker died: round {numbers}."] if numbers else []


def _unusual(statistics: Statistics) -> list[str]:
    """Return lines on unusual numbers at kinks and at singular points, with an example of each."""
    lines = []
    for word, kind in FAIL_ON.items():
        names = [name for name in statistics.unusual if name.startswith(kind.value)]
        if names:
            cases = count(statistics.verdicts[kind], "case")
            lines.append(f"{_UNUSUAL[kind]}: {cases} (findings with --fail-on {word}).")
        lines += [
            f"  {statistics.unusual[name]:,} {name}, such as {statistics.examples[name]}"
            for name in sorted(names)
        ]
    return lines


def count(number: int, noun: str) -> str:
    """Return a number with a noun.

    >>> count(1, "case"), count(2000, "case")
    ('1 case', '2,000 cases')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
