"""How a script of one's own imports an engine that gradcheck loads by its spec."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from gradcheck.adapters.loading import package_of


@dataclass(frozen=True, slots=True)
class EngineImport:
    """The lines that import an engine, and the name it then has."""

    lines: tuple[str, ...]
    name: str


def engine_import(spec: str) -> EngineImport:
    """The import of the engine that a spec names, for a script that is run in the same folder.

    >>> engine_import("micrograd.engine:Value")
    EngineImport(lines=('from micrograd.engine import Value',), name='Value')
    """
    place, _, name = spec.rpartition(":")
    if place.endswith(".py"):
        root, module = package_of(Path(place).expanduser().resolve())
        folder = str(root) if Path(place).is_absolute() else os.path.relpath(root)
    else:
        module, folder = place, "." if _lies_here(place) else ""
    imports = _imports(module, name)
    if not folder:
        return EngineImport(tuple(imports), name)
    # A text in JSON's double quotes is one in Python's, too.
    path = f"sys.path.insert(0, {json.dumps(folder)})  # where {module.partition('.')[0]} is"
    return EngineImport(("import sys", "", path, "", *imports), name)


def _imports(module: str, name: str) -> list[str]:
    if all(part.isidentifier() for part in module.split(".")):
        return [f"from {module} import {name}"]
    return [
        "import importlib",
        "",
        f"{name} = importlib.import_module({json.dumps(module)}).{name}",
    ]


def _lies_here(module: str) -> bool:
    """Whether a module that was imported lies in the working directory, and is not installed."""
    file = getattr(sys.modules.get(module.partition(".")[0]), "__file__", None)
    if file is None:
        return False
    here = Path.cwd()
    path = Path(file).resolve()
    return here in (path.parent, path.parent.parent) and "site-packages" not in path.parts
