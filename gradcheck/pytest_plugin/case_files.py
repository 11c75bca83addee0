"""Committed cases: each ``*.gradcase.json`` is a test."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from gradcheck.assertion import GradientMismatch, assert_gradients
from gradcheck.engines.arrays.protocol import ArrayEngine
from gradcheck.engines.importing import EngineLoadError
from gradcheck.engines.isolation.child_process import can_fork
from gradcheck.engines.isolation.loading import CannotIsolateError, load_isolated
from gradcheck.engines.loading import load_engine
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.findings.case_file import CaseFileError, SavedFinding, read_finding
from gradcheck.findings.loading import load_finding
from gradcheck.findings.replay import missing_operations
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
        case = saved.smallest.case
        if is_given and (reason := missing_operations(case, engine)):
            pytest.skip(reason)
        assert isinstance(case, Case)
        assert not isinstance(engine, ArrayEngine)
        assert_gradients(case, engine)

    def _given_engine(self, saved: SavedFinding) -> Engine:
        return engine_under_test(self.config)

    def _own_engine(self, saved: SavedFinding) -> Engine:
        """Return the engine that the case names, isolated if it could end or block pytest."""
        kinds = {saved.smallest.kind, saved.worst.kind}
        is_harmful = not kinds.isdisjoint((Kind.CRASH, Kind.HANG, Kind.MEMORY))
        load = _isolated_if_possible if is_harmful else load_engine
        return engine_from_root(saved.engine, self.config, "the case", load)

    def repr_failure(  # type: ignore[override] # its type is private in pytest
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> object:
        if isinstance(excinfo.value, (GradientMismatch, pytest.UsageError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name


def _isolated_if_possible(spec: str) -> Engine:
    try:
        return load_isolated(spec) if can_fork() else load_engine(spec)
    except CannotIsolateError:
        return load_engine(spec)
