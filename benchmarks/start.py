"""How long commands take to start: computing time, children included, in one or more checkouts.

    git worktree add ../before COMMIT
    python benchmarks/start.py ../before .

The checkouts take turns. Each figure is the median of seven runs.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROUNDS = 7

COMMANDS = {
    "python -c pass": ("-c", "pass"),
    "--help": ("-m", "gradcheck", "--help"),
    "check --help": ("-m", "gradcheck", "check", "--help"),
    'check "a*a" a=1': ("-m", "gradcheck", "check", "a*a", "a=1"),
}


def seconds(words: tuple[str, ...], checkout: Path) -> float:
    """Return the computing time of a command and all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], cwd=checkout, capture_output=True, check=True)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure, and print a table with a row for each command and a column for each checkout."""
    checkouts = [*map(Path, sys.argv[1:])] or [Path(__file__).parents[1]]
    taken: dict[tuple[str, Path], list[float]] = {}
    for _ in range(ROUNDS):
        for name, words in COMMANDS.items():
            for checkout in checkouts:
                taken.setdefault((name, checkout), []).append(seconds(words, checkout))
    print(f"| command | {' | '.join(map(str, checkouts))} |")
    print(f"| --- |{' ---: |' * len(checkouts)}")
    for name in COMMANDS:
        medians = (statistics.median(taken[name, checkout]) for checkout in checkouts)
        print(f"| {name} | {' | '.join(f'{median:.3f} s' for median in medians)} |")


if __name__ == "__main__":
    main()
