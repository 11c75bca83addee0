"""Operations of a user's own: import the modules that register them, and tell where they are.

A *place* is a module, such as ``my_ops``, or a file, such as ``path/to/my_ops.py``.
"""

from __future__ import annotations

import os
from pathlib import Path

from gradcheck.engines.configuration import read_configuration, table_in
from gradcheck.engines.importing import FILE_PREFIX, EngineLoadError, import_place
from gradcheck.operations import BUILT_IN, OPERATIONS, REGISTERED_IN


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
            message = f"{table_in(folder)}: {error}"
            raise EngineLoadError(message) from None


def seen_from_here(place: str, folder: Path) -> str:
    """Return a place that is relative to a folder as one relative to the working directory."""
    is_relative = place.endswith(".py") and not Path(place).expanduser().is_absolute()
    return os.path.relpath(folder / place) if is_relative else place


def configured_places(folder: Path) -> tuple[str, ...]:
    """Return the places in the list ``operations`` of a folder's ``[tool.gradcheck]``.

    Raises ``EngineLoadError``.
    """
    places = read_configuration(folder).get("operations", [])
    if not isinstance(places, list) or not all(isinstance(place, str) for place in places):
        message = f'{table_in(folder)}: write operations = ["my_ops"]'
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
