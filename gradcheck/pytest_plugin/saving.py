"""Save the findings of a failed test."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gradcheck.blame.probe import ask
from gradcheck.blame.small_cases import Use, alone
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.composition import operations_within
from gradcheck.engines.protocol import Engine
from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.findings.gallery.page import write_gallery
from gradcheck.findings.store import save
from gradcheck.notation import in_one_line
from gradcheck.operations import DEFAULT_OPERATIONS, OPERATIONS, Operation
from gradcheck.pytest_plugin.failures import mismatches
from gradcheck.pytest_plugin.summary import BUG, CASE, DIAGRAM, MEND_FIRST, NOT_SAVED, REPLAY
from gradcheck.shrinking import shrink_any
from gradcheck.verdict import drop_explained

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict

Properties = list[tuple[str, object]]

_MAX_LENGTH = 200
"""Characters of a formula or a point in the summary."""


def save_findings(error: BaseException, config: pytest.Config) -> Properties:
    """Save the smallest case of each bug in an error, and return properties for the test's report.

    The properties reach JUnit XML and the main process of pytest-xdist. Nothing is raised, as that
    would hide the failure of the test.
    """
    properties: Properties = []
    raised = list(mismatches(error))
    for found in drop_explained(mismatch.verdict for mismatch in raised):
        [engine] = [mismatch.engine for mismatch in raised if mismatch.verdict is found]
        bug: AnyVerdict = found
        try:
            bug = found if engine is None else _smallest(found, engine)
            folder = _save(bug, config)
        except Exception as fault:  # noqa: BLE001 - of any kind, see above
            reason = f"{type(fault).__name__}: {' '.join(str(fault).split())}"
            properties += [(BUG, _bug(bug)), (NOT_SAVED, reason)]
        else:
            properties += [
                (BUG, _bug(bug)),
                *_mend_first(bug, engine),
                (CASE, str(folder / "case.json")),
                (DIAGRAM, str(_diagram(folder))),
                (REPLAY, f"python -m gradcheck replay {shlex.quote(str(folder))}"),
            ]
    return properties


def _diagram(folder: Path) -> Path:
    """Return the diagram of a finding, which is text where nothing can draw it."""
    drawn = folder / "graph.svg"
    return drawn if drawn.exists() else drawn.with_suffix(".gv")


def _smallest(bug: AnyVerdict, engine: AnyEngine) -> AnyVerdict:
    """Return the bug on its smallest case, the one that a long run reports."""
    occurring = bug.report.case.operations

    def operations_of(engine: Engine) -> list[Operation]:
        return [
            operation
            for operation in OPERATIONS.values()
            if operation in engine.operations
            and (operation in DEFAULT_OPERATIONS or operation in occurring)
        ]

    return shrink_any(bug, engine, operations_of)


def _mend_first(bug: AnyVerdict, engine: AnyEngine | None) -> Properties:
    """Return the operations that the blamed one uses and that are wrong too, if there are any."""
    if engine is None or bug.blame is None or len(bug.blame.operations) != 1:
        return []
    [blamed] = bug.blame.operations
    if isinstance(engine, ArrayEngine) or not isinstance(blamed, Operation):
        return []
    wrong = [
        operation.name
        for operation in sorted(operations_within(engine, blamed), key=lambda o: o.name)
        if not ask(engine, alone(Use.ordinary(operation))).is_right
    ]
    them = "it" if len(wrong) == 1 else "them"
    return [(MEND_FIRST, f"{' and '.join(wrong)}, as {blamed.name} uses {them}")] if wrong else []


def _save(verdict: AnyVerdict, config: pytest.Config) -> Path:
    """Save a finding and return its folder, relative to the working directory if it is below."""
    here = config.invocation_params.dir
    output = config.getoption("gradcheck_output")
    place = config.rootpath / "reports" if output is None else here / output
    seen = Sighting(began=now(), last=now(), times=1, seed=None)
    folder = save(Finding(verdict, worst=verdict, seen=seen, cases=1), place)
    write_gallery(place)
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _bug(verdict: AnyVerdict) -> str:
    case = verdict.report.case
    formula = in_one_line(case.formula, _MAX_LENGTH)
    numbers = ", ".join(f"{name} = {number!r}" for name, number in case.numbers.items())
    where = f" at {in_one_line(numbers, _MAX_LENGTH)}" if numbers else ""
    return f"{verdict.signature}: {formula}{where}"
