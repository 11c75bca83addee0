"""A run: rounds of random cases, as a stream of events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gradcheck.adapters.engine import Engine
from gradcheck.blame.probe import forget_answers
from gradcheck.check import check
from gradcheck.expression import Case
from gradcheck.findings.finding import Finding
from gradcheck.fuzz.drawing import drawn_for
from gradcheck.fuzz.events import Event, Finished, Found, Progress, Started
from gradcheck.fuzz.reduction import reduced
from gradcheck.fuzz.search import search
from gradcheck.fuzz.statistics import Statistics
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import require_agreement
from gradcheck.verdict import Verdict

EXPRESSIONS_PER_ROUND = 50

EXPRESSIONS_TO_FIND_A_SMALLER_CASE = 200

WHOLE_FORMULA_EVERY = 16
"""One expression in so many is differentiated as a whole too, which takes SymPy milliseconds."""


class NothingToCheckError(Exception):
    """The engine has none of the operations asked for; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run is asked to do.

    It ends after ``seconds`` or after ``expressions``, whichever comes first and is given, or at
    the first finding with ``fail_fast``. ``output`` is the folder that findings are kept in.
    """

    operations: tuple[Operation, ...]
    max_size: int
    seed: int
    seconds: float | None
    expressions: int | None
    output: Path
    fail_fast: bool


def run(engine: Engine, options: Options, *, stopped: Callable[[], bool]) -> Iterator[Event]:
    """Judge random cases until the options or ``stopped`` say enough.

    Yields ``Started``, then ``Progress`` after every round with ``Found`` for each new bug, then
    ``Finished``. Raises ``NothingToCheckError`` before all of that.
    """
    operations = tuple(o for o in options.operations if o in engine.operations)
    if not operations:
        names = " ".join(o.name for o in options.operations)
        message = f"{engine.spec} has none of the operations {names}, so there is nothing to check"
        raise NothingToCheckError(message)
    missing = tuple(o.name for o in options.operations if o not in operations)
    started = Started(engine.spec, options.seed, tuple(o.name for o in operations), missing)
    yield started
    forget_answers()
    statistics = Statistics()
    found: list[Found] = []
    worst: dict[str, Verdict] = {}
    drawn = drawn_for(operations, options.max_size)

    def judge(case: Case) -> Verdict:
        if stopped():
            raise KeyboardInterrupt
        whole_formula = statistics.expressions % WHOLE_FORMULA_EVERY == 1
        verdict = check(case, engine, whole_formula=whole_formula)
        if verdict.kind.is_finding:
            known = worst.setdefault(verdict.signature, verdict)
            if verdict.relative_error > known.relative_error:
                worst[verdict.signature] = verdict
        return verdict

    interrupted, number = False, 0
    while not (interrupted or _is_over(options, statistics, found)):
        bugs, interrupted = search(
            drawn,
            judge,
            wanted=lambda verdict: (
                not (verdict.signature in statistics.set_aside or _is_known(verdict, found))
            ),
            statistics=statistics,
            round_seed=f"{options.seed}:{number}",
            expressions=_in_this_round(options, statistics),
        )
        if not interrupted:
            bugs = [_smallest(bug, operations, judge) for bug in bugs]
        for bug in sorted(bugs, key=lambda bug: bug.case.expression.size):
            if found and _is_known(reduced(bug, judge, signature=None), found):
                statistics.set_aside.add(bug.signature)
                continue
            # Nothing is held against an engine on the word of one route alone.
            require_agreement(bug.case, bug.certificate)
            finding = Finding(
                bug,
                worst=worst[bug.signature],
                seen=statistics.sighting(bug.signature, seed=options.seed),
                cases=statistics.cases,
            )
            found.append(Found(finding, options.output / finding.folder))
            yield found[-1]
        number += 1
        yield Progress(statistics, len(found))
    found = [
        replace(
            known,
            finding=replace(
                known.finding,
                worst=worst[known.signature],
                seen=statistics.sighting(known.signature, seed=options.seed),
            ),
        )
        for known in found
    ]
    found.sort(key=lambda known: known.finding.kind.gravity)
    yield Finished(started, statistics, tuple(found), interrupted)


def _is_known(verdict: Verdict, found: list[Found]) -> bool:
    return any(bug.finding.verdict.explains(verdict) for bug in found)


def _smallest(
    bug: Verdict, operations: tuple[Operation, ...], judge: Callable[[Case], Verdict]
) -> Verdict:
    """The bug on a case with fewer operations, as long as there is one to be found.

    Shrinking takes one step at a time, and some smaller cases are two steps away. So it is looked
    for again, from other starting points, among smaller expressions.
    """
    signature = bug.signature
    bug = reduced(bug, judge, signature=signature)
    while bug.case.expression.size > 1:
        smaller, interrupted = search(
            drawn_for(operations, bug.case.expression.size - 1),
            judge,
            wanted=lambda verdict: verdict.signature == signature,
            statistics=Statistics(),
            round_seed=signature,
            expressions=EXPRESSIONS_TO_FIND_A_SMALLER_CASE,
        )
        if not smaller or interrupted:
            break
        bug = reduced(smaller[0], judge, signature=signature)
    return bug


def _is_over(options: Options, statistics: Statistics, found: list[Found]) -> bool:
    if options.fail_fast and found:
        return True
    if options.expressions is not None and statistics.expressions >= options.expressions:
        return True
    return options.seconds is not None and statistics.seconds >= options.seconds


def _in_this_round(options: Options, statistics: Statistics) -> int:
    if options.expressions is None:
        return EXPRESSIONS_PER_ROUND
    return min(EXPRESSIONS_PER_ROUND, options.expressions - statistics.expressions)
