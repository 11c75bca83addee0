"""Is this faster than it was? Checkouts of gradcheck beside each other, in turns.

    git worktree add ../before daedd27
    python benchmarks/before_and_after.py ../before .

Each checkout has a process of its own, and they work one at a time. The last one is compared with
each: more than 1 is how many times as long the other takes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from alternating import Contestant, Timings, all_of, ratio, seconds_of
from checks import own_check
from hypothesis import HealthCheck, Phase, given, settings
from passes import engine_pass
from random_cases import random_cases
from table import print_row
from whole_run import fuzz

import gradcheck.engines.time_limit
from gradcheck.engine import Value
from gradcheck.engines.objects import ObjectEngine
from gradcheck.expression import Case
from gradcheck.strategies import cases

_DRAWN = 100


def contestants() -> Mapping[str, Contestant]:
    """What is timed, in whatever checkout this is imported."""
    seeds = iter(range(10**9))
    return {
        "engine, 400 operations": all_of(engine_pass, random_cases(10, 400, 0)),
        "one check, 10 operations": all_of(own_check, random_cases(20, 10, 0)),
        f"drawing {_DRAWN} cases": _draw,
        "fuzz, 50 expressions": lambda: fuzz(ObjectEngine("engine:Value", Value), next(seeds), 50),
    }


@settings(
    max_examples=_DRAWN,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(cases())
def _draw(_case: Case) -> None:
    """Draw and do nothing."""


def serve() -> None:
    """Time what each line of the input asks for, and print its seconds."""
    # A checkout may be older than its clock.
    watched = getattr(gradcheck.engines.time_limit, "watched", contextlib.nullcontext)
    own = contestants()
    with watched():
        for line in sys.stdin:
            print(seconds_of(own[line.strip()]), flush=True)


@contextlib.contextmanager
def serving(checkout: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that works with a checkout's packages."""
    with subprocess.Popen(  # noqa: S603 - this very file
        [sys.executable, __file__, "--serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(checkout.resolve())},
    ) as process:
        yield process


def asked(process: subprocess.Popen[str], what: str) -> float:
    """The seconds that something took in a process."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{what}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def main() -> None:
    """Print a row for each thing that is timed and each checkout."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkouts", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    print_row(("figure", "checkout", "milliseconds", "as long as the last", "half of the rounds"))
    print_row(("---", "---", "---:", "---:", "---:"))
    with contextlib.ExitStack() as stack:
        processes = {each: stack.enter_context(serving(each)) for each in options.checkouts}
        for what in contestants():
            compare(what, processes, options.rounds)


def compare(what: str, processes: Mapping[Path, subprocess.Popen[str]], rounds: int) -> None:
    """Print how long something takes in each checkout."""
    for process in processes.values():
        asked(process, what)  # the first time, everything is compiled
    seconds: dict[Path, list[float]] = {each: [] for each in processes}
    for _ in range(rounds):
        for each, process in processes.items():
            seconds[each].append(asked(process, what))
    timings = {each: Timings(tuple(of_rounds)) for each, of_rounds in seconds.items()}
    last = [*timings.values()][-1]
    for each, of_checkout in timings.items():
        compared = ratio(of_checkout, last)
        assert not isinstance(compared, str)
        print_row(
            (
                what,
                each.name or "here",
                f"{1e3 * of_checkout.median:.3g}",
                f"{compared.number:.2f}",
                f"{compared.low:.2f} to {compared.high:.2f}",
            )
        )


if __name__ == "__main__":
    main()
