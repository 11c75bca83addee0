"""Classes that define operators, found by reading source files and without running them."""

from __future__ import annotations

import ast
import pkgutil
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

_OPERATORS = {"__add__", "__mul__", "__sub__", "__radd__", "__rmul__"}

_LARGEST = 10 * 2**20
"""Bytes of a file that is read to look for classes."""

_MAX_FILES = 200
"""Files of a package that are read, as some packages have thousands."""

_LEFT_OUT = ("_", "test", "conftest")
"""How the names of submodules begin that hold no engine for others."""


def parsed(path: Path) -> ast.Module | None:
    """Return the syntax tree of a file, ``None`` if it cannot be read or is no Python."""
    try:
        if path.stat().st_size > _LARGEST:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as about "\\d", which is the author's business
            return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def operator_classes(tree: ast.AST) -> Iterator[str]:
    """Yield the names of the classes in a syntax tree that define an operator of numbers.

    >>> [*operator_classes(ast.parse("class Value: __add__ = None"))]
    ['Value']
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and _OPERATORS.intersection(_defined(node.body)):
            yield node.name


def _defined(body: Iterable[ast.stmt]) -> Iterator[str]:
    for part in body:
        if isinstance(part, ast.FunctionDef):
            yield part.name
        elif isinstance(part, ast.Assign):
            yield from (target.id for target in part.targets if isinstance(target, ast.Name))


def classes_below(package: ModuleType) -> list[str]:
    """Return specs of classes that may be engines, in the submodules of a package.

    No submodule is imported. A module that is no package has none.
    """
    return [
        f"{name}:{class_}"
        for name, file in _submodules(package)
        if (tree := parsed(file)) is not None
        for class_ in operator_classes(tree)
        if not class_.startswith("_")
    ]


def _submodules(package: ModuleType) -> Iterator[tuple[str, Path]]:
    """Yield the submodules of a package with their files, those nearer to the top first."""
    waiting = deque([(package.__name__, [*getattr(package, "__path__", ())])])
    files = 0
    while waiting and files < _MAX_FILES:
        parent, folders = waiting.popleft()
        for module in pkgutil.iter_modules(folders):
            if module.name.startswith(_LEFT_OUT):
                continue
            name, folder = f"{parent}.{module.name}", Path(_folder_of(module))
            if module.ispkg:
                waiting.append((name, [str(folder / module.name)]))
                yield name, folder / module.name / "__init__.py"
            else:
                yield name, folder / f"{module.name}.py"
            files += 1


def _folder_of(module: pkgutil.ModuleInfo) -> str:
    return getattr(module.module_finder, "path", "")
