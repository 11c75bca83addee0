"""How long each checker takes to find a planted bug, in a loop over the same cases."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from alternating import Timings, measured, ratio
from detection import EngineFunction
from peers import PEERS, Accepts, careful
from table import Figure
from whole_run import judged_cases

from gradcheck.checking import check
from gradcheck.expression import Case
from gradcheck.selftest.zoo import PlantedBug, planted_bugs

Finds = Callable[[PlantedBug, Case], bool]


def own_finds(bug: PlantedBug, case: Case) -> bool:
    """Tell whether gradcheck finds something wrong with a broken engine at a case."""
    return check(case, bug.engine, whole_formula=False).kind.is_finding


def _finds(accepts: Accepts) -> Finds:
    """Return the same test by a peer."""
    return lambda bug, case: not accepts(EngineFunction(bug.engine, case), case.point)


@dataclass(frozen=True, slots=True)
class Search:
    """The result of a loop over cases."""

    found: bool
    seconds: float


def search(bug: PlantedBug, cases: Sequence[Case], finds: Finds) -> Search:
    """Check a broken engine at one case after the other until the bug is found."""
    begin = time.process_time()
    found = any(finds(bug, case) for case in cases)
    return Search(found, time.process_time() - begin)


def figures(pattern: str, *, most_cases: int, seed: int) -> list[Figure]:
    """Compare gradcheck's loop with that of each peer, bug by bug in turns."""
    stream = judged_cases(seed, most_cases)
    cases = [case for case in stream if case.expression.size][:most_cases]
    bugs = planted_bugs(pattern)
    peers = {name: finds for name in PEERS if (finds := _loaded(name))}
    own: list[Search] = []
    others: dict[str, list[Search]] = {name: [] for name in peers}
    for finds in (own_finds, *peers.values()):
        finds(bugs[0], cases[0])  # the first call of a library prepares things, and is not timed
    for bug in bugs:
        own.append(search(bug, cases, own_finds))
        for name, finds in peers.items():
            others[name].append(search(bug, cases, finds))
    within = f"of {len(bugs)} bugs within {most_cases} cases"
    milliseconds = [1e3 * search.seconds for search in own if search.found]
    return [
        Figure(
            f"milliseconds to find one {within}: gradcheck, which finds {len(milliseconds)}",
            measured(median(milliseconds), milliseconds) if milliseconds else "none found",
        ),
        *(_figure(name, others.get(name), own) for name in PEERS),
    ]


def _figure(name: str, searches: list[Search] | None, own: list[Search]) -> Figure:
    """Compare a peer's loop with gradcheck's, at the bugs that both find."""
    what = f"to find one: as fast as {name}"
    if searches is None:
        return Figure(what, "not installed")
    both = [
        (its.seconds, ours.seconds)
        for its, ours in zip(searches, own, strict=True)
        if its.found and ours.found
    ]
    if not both:
        return Figure(what, "none that both find")
    its, ours = (Timings(tuple(seconds)) for seconds in zip(*both, strict=True))
    found = sum(search.found for search in searches)
    return Figure(f"{what}, which finds {found}", ratio(its, ours))


def _loaded(name: str) -> Finds | None:
    try:
        return _finds(careful(PEERS[name]()))
    except ImportError:
        return None
