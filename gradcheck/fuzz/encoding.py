"""What a run was asked and how far it has come, as JSON data."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gradcheck.findings.encoding import Data, case_as_data
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.state import FoundBefore, State


def options_as_data(options: Options) -> dict[str, Data]:
    """What was asked; the folder is where this is kept."""
    return {
        "operations": [operation.name for operation in options.operations],
        "max_ops": options.max_ops,
        "seed": options.seed,
        "seconds": options.seconds,
        "examples": options.expressions,
        "rounds": None if options.rounds is None else list[Data](options.rounds),
        "until_stale": options.until_stale,
        "fail_fast": options.fail_fast,
        "life": options.life,
        "case_timeout": options.limits.seconds,
        "memory_limit": options.limits.memory,
    }


def state_as_data(state: State) -> dict[str, Data]:
    """All that a run needs to go on, but for what it found."""
    last_seen: dict[str, Data] = {
        signature: last.isoformat() for signature, last in state.last_seen.items()
    }
    return {
        **counts_as_data(state),
        "began": state.began.isoformat(),
        "next_round": state.next_round,
        "seen": dict(state.statistics.seen),
        "last_seen": last_seen,
        "features": list[Data](sorted(state.statistics.covered)),
    }


def counts_as_data(state: State) -> dict[str, Data]:
    """What was counted so far; ``covered`` and ``newest`` tell when a run has seen it all."""
    statistics = state.statistics
    return {
        "expressions": statistics.expressions,
        "cases": statistics.cases,
        "gradients": statistics.gradients,
        "undecided_gradients": statistics.undecided_gradients,
        "seconds": round(state.seconds, 3),
        "newest": round(state.newest, 3),
        "covered": len(statistics.covered),
        "verdicts": {kind.value: count for kind, count in statistics.verdicts.items()},
        "undecided": {reason.name.lower(): n for reason, n in statistics.undecided.items()},
        "worst_error_share": statistics.worst_error_share,
        "lost": dict(statistics.lost),
        "given_up": list[Data](statistics.given_up),
        "set_aside": list[Data](sorted(state.set_aside)),
    }


def found_as_data(bugs: Iterable[FoundBefore], folder: Path) -> list[Data]:
    """What a run in a folder found so far, which it judges again when it goes on."""
    return [
        {
            "signature": bug.signature,
            "path": bug.path.relative_to(folder).as_posix(),
            "smallest": case_as_data(bug.smallest),
            "worst": case_as_data(bug.worst),
            "cases": bug.cases,
            "new": bug.is_new,
        }
        for bug in bugs
    ]
