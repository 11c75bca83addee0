"""Which engine the tests are to check."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gradcheck.engines.importing import EngineLoadError, searched_first
from gradcheck.engines.loading import load_engine
from gradcheck.engines.options import split_place
from gradcheck.engines.protocol import Engine

_LOADED = pytest.StashKey[Engine]()

_NO_ENGINE = (
    "there is no engine under test: pass --gradcheck-engine module:Class or "
    "--gradcheck-engine path/to/file.py:Class, or set gradcheck_engine in pytest's configuration"
)


def engine_under_test(config: pytest.Config) -> Engine:
    """The engine of ``--gradcheck-engine``, or else of ``gradcheck_engine`` in the configuration.

    Raises ``pytest.UsageError``, whose message is one line.
    """
    if _LOADED not in config.stash:
        flag, ini = config.getoption("gradcheck_engine"), config.getini("gradcheck_engine")
        if not flag and not ini:
            raise pytest.UsageError(_NO_ENGINE)
        if flag:
            config.stash[_LOADED] = _load(flag, "--gradcheck-engine")
        else:
            config.stash[_LOADED] = engine_from_root(ini, config, "gradcheck_engine")
    return config.stash[_LOADED]


def engine_or_failure(config: pytest.Config) -> Engine:
    """The same for a test, which fails in one line where there is no such engine."""
    try:
        return engine_under_test(config)
    except pytest.UsageError as error:
        message = str(error)
    pytest.fail(message, pytrace=False)


def engine_from_root(
    spec: str, config: pytest.Config, who: str, load: Callable[[str], Engine] = load_engine
) -> Engine:
    """The engine of a spec that was written down, and so is meant from pytest's root folder.

    Raises ``pytest.UsageError``, whose message is one line and names ``who`` asked for it.
    """
    place, rest = split_place(spec)
    if place.endswith(".py") and not Path(place).expanduser().is_absolute():
        spec = f"{os.path.relpath(config.rootpath / place)}{rest}"
    with searched_first(config.rootpath):
        return _load(spec, who, load)


def _load(spec: str, who: str, load: Callable[[str], Engine] = load_engine) -> Engine:
    try:
        return load(spec)
    except EngineLoadError as error:
        message = f"{who}: {error}"
        raise pytest.UsageError(message) from None
