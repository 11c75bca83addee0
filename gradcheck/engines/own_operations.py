"""Operations of a user's own: import the modules that register them, and tell where they are.

A *place* is a module, such as ``my_ops``, or a file, such as ``path/to/my_ops.py``.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from gradcheck.engines.importing import FILE_PREFIX, EngineLoadError, import_place
from gradcheck.operations import BUILT_IN, OPERATIONS, REGISTERED_IN

TABLE = "[tool.gradcheck]"
"""The table of ``pyproject.toml`` whose list ``operations`` has modules and files."""


def import_operations(place: str) -> None:
    """Import a place that registers operations, or another place that does.

    The working directory is searched first. Raises ``EngineLoadError``, also if nothing is
    registered.
    """
    try:
        import_place(place)
    except EngineLoadError as error:
        message = f"operations of {place}: {error}"
        raise EngineLoadError(message) from None
    if BUILT_IN.issuperset(OPERATIONS.values()):
        message = f"operations of {place}: it registers none; call register_operation in it"
        raise EngineLoadError(message)


def import_configured_operations(folder: Path) -> None:
    """Import the operations that the ``pyproject.toml`` of a folder names.

    Their places are relative to the folder. Raises ``EngineLoadError``.
    """
    for place in configured_places(folder):
        try:
            import_operations(seen_from_here(place, folder))
        except EngineLoadError as error:
            message = f"{TABLE} in {_configuration(folder)}: {error}"
            raise EngineLoadError(message) from None


def seen_from_here(place: str, folder: Path) -> str:
    """Return a place that is relative to a folder as one relative to the working directory."""
    is_relative = place.endswith(".py") and not Path(place).expanduser().is_absolute()
    return os.path.relpath(folder / place) if is_relative else place


def _configuration(folder: Path) -> Path:
    return Path(os.path.relpath(folder / "pyproject.toml"))


def configured_places(folder: Path) -> tuple[str, ...]:
    """Return the places in the ``pyproject.toml`` of a folder. Raises ``EngineLoadError``."""
    file = _configuration(folder)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ()  # the file is not for gradcheck
    if TABLE not in text:
        return ()
    try:
        table = tomllib.loads(text).get("tool", {}).get("gradcheck", {"operations": []})
    except tomllib.TOMLDecodeError as error:
        message = f"cannot read {file}: {error}"
        raise EngineLoadError(message) from None
    places = table.get("operations")
    if (
        table.keys() != {"operations"}
        or not isinstance(places, list)
        or not all(isinstance(place, str) for place in places)
    ):
        message = f'{TABLE} in {file}: write operations = ["my_ops"], and nothing else'
        raise EngineLoadError(message)
    return tuple(places)


def place_of(operation: str) -> str | None:
    """Return the place that registers the operation of a name, or ``None`` if that is not known.

    It is a module that Python finds by its name, or else a path, which is relative for a file below
    the working directory.
    """
    spec = REGISTERED_IN.get(operation)
    if spec is None or spec.origin is None:
        return None
    path, here = Path(spec.origin).resolve(), Path.cwd().resolve()
    if not spec.name.startswith(FILE_PREFIX):
        root = path.parents[spec.name.count(".") + (path.name == "__init__.py")]
        is_installed = not root.is_relative_to(here) or "site-packages" in root.parts
        if root == here or is_installed:
            return spec.name
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)
