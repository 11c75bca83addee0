"""The pytest plugin: an engine for the tests, committed cases, and findings that are kept.

pytest loads it in every run, so this module imports nothing but pytest. What a hook needs is
imported when the hook has something to do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from gradcheck.engines.protocol import Engine

_CASE_FILE = ".gradcase.json"
"""How the name of a committed case ends."""


class CheckFunction(Protocol):
    """What the fixture ``gradcheck`` is."""

    def __call__(
        self,
        function: Callable[..., object],
        /,
        *numbers: float,
        engine: Engine | type | str | None = None,
        **named: float,
    ) -> None:
        """Trace a function and raise ``GradientMismatch`` if an engine is wrong at the numbers."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("gradcheck", "gradcheck, the gradient checker")
    group.addoption(
        "--gradcheck-engine",
        metavar="SPEC",
        help="The engine under test: module:Class or path/to/file.py:Class.",
    )
    group.addoption(
        "--gradcheck-output",
        metavar="DIR",
        help="Where findings are saved. [default: reports, below the root folder]",
    )
    parser.addini("gradcheck_engine", "The engine under test without --gradcheck-engine.")


def pytest_configure(config: pytest.Config) -> None:
    """Load the engine that was asked for, so that a mistake is told before anything runs."""
    if config.getoption("gradcheck_engine"):
        from gradcheck.pytest_plugin.engines import engine_under_test

        engine_under_test(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a committed case."""
    if not file_path.name.endswith(_CASE_FILE):
        return None
    from gradcheck.pytest_plugin.case_files import CaseFile

    return CaseFile.from_parent(parent, path=file_path)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put committed cases first: they are quick, and known to have failed."""
    items.sort(key=lambda item: not item.path.name.endswith(_CASE_FILE))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load the engine of the configuration if a test needs one; the first mistake ends the run."""
    config = session.config
    # A worker of pytest-xdist cannot end a run: there, each test that needs an engine says so.
    if config.getoption("collectonly") or hasattr(config, "workerinput"):
        return
    if any("gradcheck_engine" in getattr(item, "fixturenames", ()) for item in session.items):
        from gradcheck.pytest_plugin.engines import engine_under_test

        engine_under_test(config)


@pytest.fixture(scope="session")
def gradcheck_engine(pytestconfig: pytest.Config) -> Engine:
    """The engine of ``--gradcheck-engine``, or of ``gradcheck_engine`` in the configuration."""
    from gradcheck.pytest_plugin.engines import engine_or_failure

    return engine_or_failure(pytestconfig)


@pytest.fixture(scope="session")
def gradcheck(pytestconfig: pytest.Config) -> CheckFunction:
    """Check a plain function: ``gradcheck(lambda a, b: (a*b + 3).tanh(), a=2.0, b=-3.0)``.

    The numbers are given by name, or in order: ``gradcheck(loss, *parameters)``. The function is
    traced and judged as by ``check_function``, with the engine under test or ``engine=``. Raises
    ``GradientMismatch`` as ``assert_gradients`` does, and ``TraceError`` for what is no expression.
    """
    from gradcheck.pytest_plugin.functions import checker

    return checker(pytestconfig)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Save the findings that a test ends with. Hypothesis ends with its smallest ones only."""
    report = yield
    # While nobody has imported the assertion, nothing can have raised its error.
    if report.failed and call.excinfo is not None and "gradcheck.assertion" in sys.modules:
        from gradcheck.pytest_plugin.saving import saved

        properties = saved(call.excinfo.value, item.config)
        item.user_properties.extend(properties)  # for the reports to come: JUnit XML reads the last
        report.user_properties.extend(properties)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell where the findings are, and tell GitHub."""
    from gradcheck.pytest_plugin.summary import tell

    tell(terminalreporter)
