"""The pytest plugin: fixtures for tests of an engine, committed cases, and saved findings.

pytest loads it in every run, so this module imports only pytest. A hook imports what it needs when
it has something to do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from gradcheck.engines.arrays.protocol import AnyEngine

_CASE_FILE = ".gradcase.json"
"""The end of a committed case's file name."""


class CheckFunction(Protocol):
    """The type of the fixture ``gradcheck``."""

    def __call__(
        self,
        function: Callable[..., object],
        /,
        *numbers: object,
        engine: AnyEngine | type | str | None = None,
        **named: object,
    ) -> None:
        """Raise ``GradientMismatch`` if an engine gets the function or its gradient wrong."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the command line and of the configuration."""
    group = parser.getgroup("gradcheck", "gradcheck, the gradient checker")
    group.addoption(
        "--gradcheck-engine",
        metavar="SPEC",
        help="The engine under test: module:Class or path/to/file.py:Class",
    )
    group.addoption(
        "--gradcheck-output",
        metavar="DIR",
        help="Folder for findings (default: reports, in pytest's root folder)",
    )
    parser.addini("gradcheck_engine", "The engine under test if --gradcheck-engine is not passed")


def pytest_configure(config: pytest.Config) -> None:
    """Import the user's own operations, and load the engine of ``--gradcheck-engine``.

    So tests can use the operations when they are collected, and a mistake is reported at once.
    """
    if _has_operations(config.rootpath / "pyproject.toml"):
        from gradcheck.pytest_plugin.engines import import_operations_of

        import_operations_of(config)
    if config.getoption("gradcheck_engine"):
        from gradcheck.pytest_plugin.engines import engine_under_test

        engine_under_test(config)


def _has_operations(configuration: Path) -> bool:
    """Return whether a ``pyproject.toml`` may name operations, without importing a parser."""
    try:
        return "[tool.gradcheck]" in configuration.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a committed case as a test."""
    if not file_path.name.endswith(_CASE_FILE):
        return None
    from gradcheck.pytest_plugin.case_files import CaseFile

    return CaseFile.from_parent(parent, path=file_path)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put committed cases first: they are quick, and have failed before."""
    items.sort(key=lambda item: not item.path.name.endswith(_CASE_FILE))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load the engine of the configuration if a test needs it, to report a mistake at once."""
    config = session.config
    # A worker of pytest-xdist cannot end the run; there, each test that needs an engine fails.
    if config.getoption("collectonly") or hasattr(config, "workerinput"):
        return
    if any("gradcheck_engine" in getattr(item, "fixturenames", ()) for item in session.items):
        from gradcheck.pytest_plugin.engines import engine_under_test

        engine_under_test(config)


@pytest.fixture(scope="session")
def gradcheck_engine(pytestconfig: pytest.Config) -> AnyEngine:
    """The engine of ``--gradcheck-engine``, or else of the configuration."""
    from gradcheck.pytest_plugin.engines import engine_or_failure

    return engine_or_failure(pytestconfig)


@pytest.fixture(scope="session")
def gradcheck(pytestconfig: pytest.Config) -> CheckFunction:
    """Check a plain function: ``gradcheck(lambda a, b: (a*b + 3).tanh(), a=2.0, b=-3.0)``.

    Pass the numbers by name, or in order: ``gradcheck(loss, *parameters)``. The function is checked
    as by ``check_function``, with the engine under test or the one given as ``engine=``. Raises
    ``GradientMismatch`` as ``assert_gradients`` does, and ``TraceError`` for a function that cannot
    be traced.
    """
    from gradcheck.assertion import require_right
    from gradcheck.checking import check_function
    from gradcheck.pytest_plugin.engines import engine_or_failure

    def check(
        function: Callable[..., object],
        /,
        *numbers: object,
        engine: AnyEngine | type | str | None = None,
        **named: object,
    ) -> None:
        __tracebackhide__ = True
        if numbers and named:
            message = "pass all numbers of the function in order, or all by name"
            raise TypeError(message)
        under_test = engine_or_failure(pytestconfig) if engine is None else engine
        require_right(check_function(function, numbers or named, under_test))

    return check


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Save the findings of a failed test, and have its report show them to a reader.

    Hypothesis raises only the smallest cases.
    """
    error = None if call.excinfo is None else call.excinfo.value
    # Unless this module has been imported, nothing can have raised its error.
    if error is None or "gradcheck.assertion" not in sys.modules:
        return (yield)
    from gradcheck.pytest_plugin.failures import prepare, put_blame_first

    prepare(error)
    report = yield
    if report.failed:
        from gradcheck.pytest_plugin.saving import save_findings

        put_blame_first(report, error)
        properties = save_findings(error, item.config)
        item.user_properties.extend(properties)  # for later reports, as JUnit XML reads the last
        report.user_properties.extend(properties)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the findings in the terminal and on GitHub."""
    from gradcheck.pytest_plugin.summary import write_summary

    write_summary(terminalreporter)
