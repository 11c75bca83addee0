"""Import statements for an engine that gradcheck loads by its spec."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from keyword import iskeyword
from pathlib import Path

from gradcheck.engines.importing import module_name, package_of
from gradcheck.engines.options import split_spec


@dataclass(frozen=True, slots=True)
class EngineImport:
    """Lines that import an engine and functions, and the names that these then have."""

    lines: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the engine's class."""
        return self.names[0]


def engine_import(spec: str, functions: Sequence[str] = ()) -> EngineImport:
    """Return the import of an engine and functions, for a script that runs in the same folder.

    A function is in the engine's module unless it is given as ``module:function``.

    >>> engine_import("micrograd.engine:Value")
    EngineImport(lines=('from micrograd.engine import Value',), names=('Value',))
    """
    place, _, name = split_spec(spec)[0].rpartition(":")
    module, folder = _located(place)
    names = [name, *(function for function in functions if ":" not in function)]
    imports = _imports(module, names)
    folders = {folder: module}
    for function in functions:
        other, colon, dotted = function.rpartition(":")
        if colon:
            inner = dotted.partition(".")[0]
            module, folder = _located(other)
            imports += _imports(module, [inner])
            names.append(inner)
            folders.setdefault(folder, module)
    paths = [
        f"sys.path.insert(0, {_quoted(folder)})  # where {module.partition('.')[0]} is"
        for folder, module in folders.items()
        if folder
    ]
    before = ("import sys", "", *paths, "") if paths else ()
    return EngineImport((*before, *imports), tuple(names))


def with_numpy(engine: EngineImport) -> EngineImport:
    """Return the import with that of NumPy, after ``import sys`` if that comes first."""
    lines, numpy = engine.lines, "import numpy as np"
    if lines[0] == "import sys":
        return replace(engine, lines=(lines[0], "", numpy, *lines[1:]))
    return replace(engine, lines=(numpy, "", *lines))


def _located(place: str) -> tuple[str, str]:
    """Return the name of a module or file, and the folder to import it from, if one is needed."""
    if place.endswith(".py"):
        root, module = package_of(Path(place).expanduser().resolve())
        return module, str(root) if Path(place).is_absolute() else os.path.relpath(root)
    module = module_name(place)
    return module, "." if _is_local(module) else ""


def _imports(module: str, names: Sequence[str]) -> list[str]:
    if all(part.isidentifier() and not iskeyword(part) for part in module.split(".")):
        return [f"from {module} import {', '.join(names)}"]
    return [
        "import importlib",
        "",
        *(f"{name} = importlib.import_module({_quoted(module)}).{name}" for name in names),
    ]


def _is_local(module: str) -> bool:
    """Return whether an imported module is in the working directory, not installed."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None:
        return False
    top = Path.cwd() / module.partition(".")[0]
    path = Path(file).resolve()
    return path.is_relative_to(top) or path == top.with_suffix(".py")


def _quoted(text: str) -> str:
    """Return text as a Python string in double quotes."""
    return json.dumps(text, ensure_ascii=False)
