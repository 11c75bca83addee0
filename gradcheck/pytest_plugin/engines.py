"""The engine under test: chosen, found and loaded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.engines.configuration import configured_engine, table_in
from gradcheck.engines.importing import EngineLoadError, searched_first
from gradcheck.engines.loading import load_any_engine
from gradcheck.engines.options import EngineOptionError, with_places
from gradcheck.engines.own_operations import (
    import_configured_operations,
    import_operations,
    seen_from_here,
)

_LOADED = pytest.StashKey[AnyEngine]()

_NO_ENGINE = (
    "no engine under test: pass --gradcheck-engine module:Class or "
    '--gradcheck-engine path/to/file.py:Class, or write engine = "my_engine.py:Value" in '
    "[tool.gradcheck] of pyproject.toml"
)


def engine_under_test(config: pytest.Config) -> AnyEngine:
    """Return the engine of ``--gradcheck-engine``, or else of the configuration.

    That is ``gradcheck_engine`` of pytest, or else ``engine`` of ``[tool.gradcheck]``. Raises
    ``pytest.UsageError`` with a message of one line.
    """
    if _LOADED not in config.stash:
        config.stash[_LOADED] = _engine_under_test(config)
    return config.stash[_LOADED]


def _engine_under_test(config: pytest.Config) -> AnyEngine:
    if flag := config.getoption("gradcheck_engine"):
        return _load(flag, "--gradcheck-engine")
    if ini := config.getini("gradcheck_engine"):
        return engine_from_root(ini, config, "gradcheck_engine")
    try:
        spec = configured_engine(config.rootpath)
    except EngineLoadError as error:
        raise pytest.UsageError(str(error)) from None
    if spec is None:
        raise pytest.UsageError(_NO_ENGINE)
    return engine_from_root(spec, config, table_in(config.rootpath))


def engine_or_failure(config: pytest.Config) -> AnyEngine:
    """Return the engine under test; without one, the test fails with a message of one line."""
    try:
        return engine_under_test(config)
    except pytest.UsageError as error:
        message = str(error)
    pytest.fail(message, pytrace=False)


def engine_from_root(
    spec: str,
    config: pytest.Config,
    source: str,
    load: Callable[[str], AnyEngine] = load_any_engine,
) -> AnyEngine:
    """Return the engine of a spec in a file, which is relative to pytest's root folder.

    Raises ``pytest.UsageError`` with a message of one line that begins with ``source``.
    """
    try:
        spec = with_places(spec, partial(seen_from_here, folder=config.rootpath))
    except EngineOptionError as error:
        message = f"{source}: {error}"
        raise pytest.UsageError(message) from None
    with searched_first(config.rootpath):
        return _load(spec, source, load)


def import_operations_from_root(place: str, config: pytest.Config) -> None:
    """Import operations from a place that is relative to pytest's root folder.

    Raises ``EngineLoadError``.
    """
    with searched_first(config.rootpath):
        import_operations(seen_from_here(place, config.rootpath))


def import_operations_of(config: pytest.Config) -> None:
    """Import the operations that ``pyproject.toml`` in pytest's root folder names.

    Raises ``pytest.UsageError`` with a message of one line.
    """
    try:
        with searched_first(config.rootpath):
            import_configured_operations(config.rootpath)
    except EngineLoadError as error:
        raise pytest.UsageError(str(error)) from None


def _load(spec: str, source: str, load: Callable[[str], AnyEngine] = load_any_engine) -> AnyEngine:
    try:
        return load(spec)
    except EngineLoadError as error:
        message = f"{source}: {error}"
        raise pytest.UsageError(message) from None
