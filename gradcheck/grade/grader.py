"""Grade one engine, in the process that was made for it."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.discovery.discover import object_engine
from gradcheck.engines.experiment import Mode, experiments
from gradcheck.engines.importing import EngineLoadError, import_place, stdout_to_stderr
from gradcheck.engines.isolation.child_process import Ended, Limits, can_fork, in_child
from gradcheck.engines.isolation.isolated_arrays import IsolatedArrays
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.engines.isolation.loading import SECONDS_UNTIL_STUCK
from gradcheck.engines.isolation.watchdog import exit_when_stuck
from gradcheck.engines.loading import engine_classes, engine_of_arrays
from gradcheck.engines.objects import interface_of
from gradcheck.engines.protocol import Engine
from gradcheck.errors import NothingToCheckError
from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.findings.store import save
from gradcheck.fuzz.events import EarlierFinding, Finished, Found
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.options import Options, requested_array_operations
from gradcheck.fuzz.run import run
from gradcheck.grade.notebook import ERRORS
from gradcheck.grade.properties import Judged, judged, judged_lifecycle
from gradcheck.grade.request import Request
from gradcheck.grade.results import Bug, Result, Stage, Status, read_result, write_result
from gradcheck.grade.words import no_engine, why_not_imported
from gradcheck.notation import in_one_line
from gradcheck.operations import ALL, OPERATIONS, Operation
from gradcheck.report import AnyCase
from gradcheck.shrinking import COSTLY, shrink_any
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict

_EXAMPLES = 150
"""Random expressions, in three rounds. The properties find what they miss."""

_MAX_OPS = 9
"""Operations in an expression; from 10 on some have 200, which take long to shrink."""

_SECONDS = 0.5
"""Computing time for one engine run, which takes milliseconds; a hang costs it a dozen times."""

_SEED = 0

_LONGEST = 200

_COPIED = ("math", "cmath", "random", "operator")
"""Modules of which an engine gets copies, so that it can patch them and the harness has its own."""


def grade(request: Request, open_doors: Sequence[str]) -> None:
    """Grade the engine and write its result, again and again, so that some is there at any time.

    The work is done in a child process. If the engine ends that, it is done once more, with every
    run of the engine in a process of its own.
    """
    start = Result(Stage.STARTING, Status.NOT_CHECKED, open_doors=tuple(open_doors))
    attempt = _Grading(request, start).carry_out
    if not can_fork():
        attempt(isolated=False)
        return
    ended = in_child(partial(attempt, isolated=False), Limits(None, request.memory))
    if not isinstance(ended, Ended):
        return
    result = read_result(request.result)
    if result.stage is Stage.IMPORTING:
        problem = f"importing it ends its process: {_words(ended)}"
        _finish(result, Status.NOT_LOADED, problem, request)
        return
    ended = in_child(partial(attempt, isolated=True), Limits(None, request.memory))
    if isinstance(ended, Ended):
        _finish(read_result(request.result), Status.WRONG, _words(ended), request)


def _words(ended: Ended) -> str:
    if ended.error == MemoryError.__name__:
        return f"it needs {ended.message} of memory, the limit"
    return in_one_line(f"{ended.error}, {ended.message}", _LONGEST)


def _finish(result: Result, status: Status, problem: str, request: Request) -> None:
    write_result(replace(result, stage=Stage.DONE, status=status, problem=problem), request.result)


class _Problem(Exception):  # noqa: N818 - the engine's, and no error of gradcheck's
    """The engine cannot be judged; the message is one line."""


@dataclass(slots=True)
class _Grading:
    """The work on one engine, and its result so far."""

    request: Request
    result: Result

    def carry_out(self, *, isolated: bool) -> None:
        """Grade the engine, and write the last result."""
        try:
            if isolated:
                with experiments(Mode.CHILD_FIRST):
                    engine = self._load()
                self._judge(_isolated(engine, self.request.memory))
            else:
                with exit_when_stuck(SECONDS_UNTIL_STUCK):
                    self._judge(self._load())
        except _Problem as problem:
            status = Status.NOT_CHECKED if self.result.engine else Status.NOT_LOADED
            self._write(stage=Stage.DONE, status=status, problem=str(problem))

    def _write(self, **changes: object) -> None:
        self.result = replace(self.result, **changes)  # type: ignore[arg-type] # fields of Result
        write_result(self.result, self.request.result)

    def _load(self) -> AnyEngine:
        """Import the file once, and return the engine. Raises ``_Problem``."""
        self._write(stage=Stage.IMPORTING)
        _copy_modules()
        with stdout_to_stderr():
            try:
                module = import_place(str(self.request.file))
            except EngineLoadError as error:
                why = error.__cause__ or error
                raise _Problem(why_not_imported(why, self.request.file)) from None
            self._write(stage=Stage.JUDGING)
            name, class_, others = _chosen(module, self.request.engine)
            spec = f"{self.request.place}:{name}"
            engine = engine_of_arrays(spec, class_, module) or object_engine(spec, class_, module)
        engine = replace(engine, seconds=_SECONDS)
        self._write(engine=name, others=others)
        return engine

    def _judge(self, engine: AnyEngine) -> None:
        """Search for bugs, count the properties, and save the findings."""
        self._write(operations=_operations(engine))
        finished = self._search(engine)
        verdicts = [found.finding.verdict for found in finished.findings]
        blames = [v.blame for v in verdicts if v.kind in COSTLY and v.blame is not None]
        costly = {operation.name for blame in blames for operation in blame.operations}
        noun = "programs" if isinstance(engine, ArrayEngine) else "graphs"
        random = Judged(f"random {noun}", holds=not verdicts)
        counted = [random, *judged(engine, costly)]
        new = self._unknown(counted, verdicts, engine)
        self._count([*counted, *judged_lifecycle(engine, costly)])
        findings = [*(found.finding for found in finished.findings), *new]
        bugs = tuple(self._saved(finding) for finding in findings)
        decided = finished.state.statistics.decided
        if not bugs and not decided:
            message = "nothing could be decided: its numbers cannot be told from rounding errors"
            raise _Problem(message)
        status = Status.WRONG if bugs else Status.RIGHT
        self._write(stage=Stage.DONE, status=status, bugs=bugs, advice=finished.advice)

    def _search(self, engine: AnyEngine) -> Finished:
        """Return the end of a run of random cases.

        A first run ends at the first bug, so that one is known whatever time the rest takes. There
        is no second run after a bug that is costly to meet again.
        """
        options = Options(
            operations=tuple(OPERATIONS.values()),
            array_operations=requested_array_operations(ALL, engine),
            seed=_SEED,
            output=self.request.findings,
            examples=_EXAMPLES,
            max_ops=_MAX_OPS,
            fail_fast=True,
        )
        first = self._run(engine, options)
        if not first.findings or any(found.finding.kind in COSTLY for found in first.findings):
            return first
        return self._run(engine, replace(options, fail_fast=False), known=first.findings)

    def _run(self, engine: AnyEngine, options: Options, known: Sequence[Found] = ()) -> Finished:
        """Return the end of a run; its bugs are part of the result at once."""
        executor, costly = InlineExecutor(engine, options), Flag()
        before = [EarlierFinding.of(found) for found in known]
        try:
            for event in run(engine, options, executor, stopped=costly.is_set, before=before):
                if isinstance(event, Found):
                    if event.finding.kind in COSTLY:
                        costly.set()
                    bugs = (*self.result.bugs, self._saved(event.finding))
                    self._write(status=Status.WRONG, bugs=bugs)
        except NothingToCheckError:
            message = "it has none of the operations that gradcheck knows, such as + and *"
            raise _Problem(message) from None
        assert isinstance(event, Finished)
        return event

    def _unknown(
        self, counted: Sequence[Judged], known: Sequence[AnyVerdict], engine: AnyEngine
    ) -> list[Finding]:
        """Return a finding for each bug that only a property shows."""
        verdicts = [*known]
        new: list[Finding] = []
        for each in counted:
            bug = each.verdict
            if bug is None or any(verdict.explains(bug) for verdict in verdicts):
                continue
            smallest = shrink_any(bug, engine, _in_order)
            verdicts += [bug, smallest]
            if any(verdict.explains(smallest) for verdict in verdicts[:-2]):
                continue
            smallest = _with_interface(smallest, engine)
            seen = Sighting(began=now(), last=now(), times=1, seed=None)
            new.append(Finding(smallest, worst=smallest, seen=seen, cases=0))
        return new

    def _count(self, counted: Sequence[Judged]) -> None:
        broken = tuple(each.name for each in counted if not each.holds)
        held = len(counted) - len(broken)
        self._write(properties=len(counted), held=held, broken=broken)

    def _saved(self, finding: Finding) -> Bug:
        """Save a finding, as if from the user's working directory, and return it in one line."""
        here = Path.cwd()
        os.chdir(self.request.home)
        try:
            folder = save(finding, self.request.findings).relative_to(self.request.findings)
        finally:
            os.chdir(here)
        verdict = finding.verdict
        sentence = verdict.blame.sentence if verdict.blame else verdict.signature
        case = in_one_line(_case(verdict.report.case), _LONGEST)
        return Bug(verdict.signature, in_one_line(sentence, _LONGEST), case, folder.as_posix())


def _case(case: AnyCase) -> str:
    numbers = ", ".join(f"{name} = {x!r}" for name, x in case.numbers.items())
    return f"{case.formula} at {numbers}" if numbers else case.formula


def _isolated(engine: AnyEngine, memory: int) -> AnyEngine:
    """Return an engine with a process for each run."""
    if isinstance(engine, ArrayEngine):
        return IsolatedArrays(engine, seconds=_SECONDS, memory=memory)
    return IsolatedEngine(engine, seconds=_SECONDS, memory=memory)


def _operations(engine: AnyEngine) -> tuple[str, ...]:
    """Return the names of the operations that an engine has."""
    if isinstance(engine, ArrayEngine):
        return tuple(sorted(engine.array_operations))
    return tuple(operation.name for operation in _in_order(engine))


def _in_order(engine: Engine) -> list[Operation]:
    return [operation for operation in OPERATIONS.values() if operation in engine.operations]


def _with_interface(verdict: AnyVerdict, engine: AnyEngine) -> AnyVerdict:
    """Return a verdict that tells how the objects of an engine of numbers are driven."""
    if isinstance(verdict, Verdict) and not isinstance(engine, ArrayEngine):
        return replace(verdict, interface=interface_of(engine))
    return verdict


def _chosen(module: types.ModuleType, wanted: str) -> tuple[str, type, tuple[str, ...]]:
    """Return the name and the class to grade, and the names of the others. Raises ``_Problem``.

    Classes that the file defines are preferred to those that it imports.
    """
    found = engine_classes(module)
    own = {n: c for n, c in found.items() if c.__module__ == module.__name__} or found
    if not own:
        classes = [name for name, each in vars(module).items() if isinstance(each, type)]
        raise _Problem(no_engine(classes, list(getattr(module, ERRORS, []))))
    name = wanted if wanted in own else next(iter(own))
    return name, own[name], tuple(other for other in own if other != name)


def _copy_modules() -> None:
    """Have what is imported from now on get copies, which it may patch, of some modules."""
    for name in _COPIED:
        original = sys.modules.get(name)
        if original is not None:
            copy = types.ModuleType(name, original.__doc__)
            vars(copy).update(vars(original))
            sys.modules[name] = copy
