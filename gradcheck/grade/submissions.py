"""Find submissions: the Python files and notebooks in folders, and those that are named."""

from __future__ import annotations

import ast
import glob
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gradcheck.engines.operator_classes import operator_classes, parsed
from gradcheck.errors import UserError

SUFFIXES = (".py", ".ipynb")

_LEFT_OUT = {"__pycache__", "node_modules", "site-packages", "venv", "env"}


class NoSubmissionsError(UserError):
    """There is nothing to grade; the message is one line: where it was looked, what to do."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A file with engines; ``digest`` changes with it and with the Python files beside it."""

    path: Path
    digest: str

    @property
    def is_notebook(self) -> bool:
        """Whether it is a notebook, which is turned into a module."""
        return self.path.suffix == ".ipynb"


def find_submissions(places: Sequence[str], *, besides: Path | None = None) -> list[Submission]:
    """Return the submissions in files, in folders with all below, and at patterns such as ``*.py``.

    A file in a folder that only helps another one is left out: it has no class with operators, and
    it imports a file beside it or is imported by one. So are tests, hidden folders, and what lies
    ``besides`` them in the folder of the report. Raises ``NoSubmissionsError``.
    """
    found: dict[Path, None] = {}
    for place in places:
        # Unlike Path.glob, it takes patterns that begin with a slash or with "..".
        found_at = glob.glob(place, recursive=True)  # noqa: PTH207 - see above
        matches = [place] if Path(place).exists() else sorted(found_at)
        if not matches:
            message = f"there is no file or folder {place!r:.200}"
            raise NoSubmissionsError(message)
        for path in map(Path, matches):
            found.update(dict.fromkeys(_in_folder(path, besides) if path.is_dir() else [path]))
    wrong = [path for path in found if path.suffix not in SUFFIXES]
    if wrong:
        message = f"{wrong[0]} is neither a Python file (.py) nor a notebook (.ipynb)"
        raise NoSubmissionsError(message)
    if not found:
        message = f"no Python files or notebooks in {' '.join(places):.200}"
        raise NoSubmissionsError(message)
    hashed = cache(_hash)  # many submissions lie beside the same files
    return [Submission(path, _digest(path, hashed)) for path in found]


def may_have_engine(path: Path) -> bool:
    """Tell whether a file has a class with operators, without running it; true if unreadable."""
    return _Look.at(path).has_engine


def _in_folder(folder: Path, besides: Path | None) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(name for name in folders if _is_open(here / name, besides))
        files = [here / name for name in sorted(names) if _is_candidate(name)]
        looks = {path: _Look.at(path) for path in files}
        yield from (path for path in files if not _only_helps(path, looks))


def _is_open(folder: Path, besides: Path | None) -> bool:
    is_report = besides is not None and folder.resolve() == besides.resolve()
    return not (folder.name.startswith(".") or folder.name in _LEFT_OUT or is_report)


def _is_candidate(name: str) -> bool:
    is_test = name.startswith("test_") or name.endswith("_test.py")
    special = name in {"conftest.py", "setup.py", "__main__.py"} or name.startswith(".")
    return name.endswith(SUFFIXES) and not is_test and not special


@dataclass(frozen=True, slots=True)
class _Look:
    """The imports of a file by their last names, and whether it has a class with operators."""

    imports: frozenset[str] = frozenset()
    has_engine: bool = False

    @classmethod
    def at(cls, path: Path) -> _Look:
        """Look at a file without running it; one that cannot be read is to be graded all the same.

        A notebook always is.
        """
        tree = parsed(path) if path.suffix == ".py" else None
        if tree is None:
            return cls(has_engine=True)
        return cls(frozenset(_imports(ast.walk(tree))), any(operator_classes(tree)))


def _imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.rpartition(".")[2] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").rpartition(".")[2]
            yield from (alias.name for alias in node.names)


def _only_helps(path: Path, looks: dict[Path, _Look]) -> bool:
    own = looks[path]
    others = [look for other, look in looks.items() if other != path]
    if own.has_engine:
        return False
    if path.name == "__init__.py":
        return True
    imported = any(path.stem in look.imports for look in others)
    return imported or any(other.stem in own.imports for other in looks if other != path)


def _digest(path: Path, hashed: Callable[[Path], bytes]) -> str:
    """Return a hash of a file and of the Python files beside it, which it may import."""
    content = hashlib.sha256()
    for file in (path, *sorted(path.parent.glob("*.py"))):
        content.update(f"{file.name}\n".encode("utf-8", "replace"))
        content.update(hashed(file))
    return content.hexdigest()


def _hash(file: Path) -> bytes:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return b"unreadable"
