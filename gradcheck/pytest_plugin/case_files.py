"""Committed cases: each ``*.gradcase.json`` is a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from gradcheck.assertion import GradientMismatch, GradientUndecided, require_right
from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.engines.importing import EngineLoadError
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.engines.isolation.loading import load_isolated_if_possible
from gradcheck.engines.loading import load_any_engine
from gradcheck.findings.case_file import CaseFileError, SavedFinding, read_finding
from gradcheck.findings.loading import load_finding
from gradcheck.findings.replay import (
    ReplayOutcome,
    missing_for,
    outcome_of,
    verdicts_on,
    with_limit_of,
)
from gradcheck.kind import Kind
from gradcheck.pytest_plugin.engines import (
    engine_from_root,
    engine_under_test,
    import_operations_from_root,
)


class CaseFile(pytest.File):
    """A file with a committed case."""

    def collect(self) -> Iterator[CaseItem]:
        try:
            saved = read_finding(self.path)
        except CaseFileError as error:
            raise self.CollectError(str(error)) from None
        yield CaseItem.from_parent(self, name=saved.smallest.signature)


class CaseItem(pytest.Item):
    """The test that the bug of a committed case is fixed.

    The engine is that of ``--gradcheck-engine``, which may lack an operation, or else the one that
    the case names.
    """

    def runtest(self) -> None:
        is_given = bool(self.config.getoption("gradcheck_engine"))
        try:
            saved, engine = load_finding(
                self.path,
                self._given_engine if is_given else self._own_engine,
                partial(import_operations_from_root, config=self.config),
            )
        except (CaseFileError, EngineLoadError) as error:
            message = f"the case: {error}"
            raise pytest.UsageError(message) from None
        if reason := missing_for(saved, engine):
            if is_given:
                pytest.skip(reason)
            message = f"the case: {reason}"
            raise pytest.UsageError(message)
        verdicts = verdicts_on(saved, engine)
        for verdict in verdicts:
            require_right(verdict)  # without the engine, as the case is the smallest already
        outcome = outcome_of(*verdicts, was=saved.smallest.signature)
        if outcome.outcome is ReplayOutcome.CANNOT_RUN:
            raise GradientUndecided(str(verdicts[0]))

    def _given_engine(self, saved: SavedFinding) -> AnyEngine:
        return engine_under_test(self.config)

    def _own_engine(self, saved: SavedFinding) -> AnyEngine:
        """Return the engine that the case names, isolated if it could end or block pytest."""
        kinds = {saved.smallest.kind, saved.worst.kind}
        is_harmful = not kinds.isdisjoint((Kind.CRASH, Kind.HANG, Kind.MEMORY))
        limits = with_limit_of(saved.smallest, EngineLimits())
        load: Callable[[str], AnyEngine] = load_any_engine
        if is_harmful:
            load = partial(load_isolated_if_possible, limits=limits)
        return engine_from_root(saved.engine, self.config, "the case", load)

    def repr_failure(  # type: ignore[override] # its type is private in pytest
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> object:
        if isinstance(excinfo.value, (GradientMismatch, GradientUndecided, pytest.UsageError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name
