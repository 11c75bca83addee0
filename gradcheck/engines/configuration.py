"""The table ``[tool.gradcheck]`` of a ``pyproject.toml``."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from gradcheck.engines.importing import EngineLoadError

FILE_NAME = "pyproject.toml"

TABLE = "[tool.gradcheck]"


def read_configuration(folder: Path) -> dict[str, object]:
    """Return the table in the ``pyproject.toml`` of a folder, empty where there is none.

    Raises ``EngineLoadError`` for a file that has the table and cannot be parsed.
    """
    file = folder / FILE_NAME
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}  # the file is not for gradcheck
    if TABLE not in text:
        return {}
    try:
        tools = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        message = f"cannot read {os.path.relpath(file)}: {error}"
        raise EngineLoadError(message) from None
    table = tools.get("gradcheck", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        message = f"{table_in(folder)}: write it once, in single brackets"
        raise EngineLoadError(message)
    return table


def table_in(folder: Path) -> str:
    """Return the table and its file as the beginning of a message."""
    return f"{TABLE} in {os.path.relpath(folder / FILE_NAME)}"


def configured_engine(folder: Path) -> str | None:
    """Return the engine that the table names, if it does. Raises ``EngineLoadError``."""
    spec = read_configuration(folder).get("engine")
    if spec is None or isinstance(spec, str):
        return spec
    message = f'{table_in(folder)}: write engine = "my_engine.py:Value"'
    raise EngineLoadError(message)
