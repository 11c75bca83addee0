"""The file of an engine, and the line where it does an operation."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.experiment import class_of
from gradcheck.engines.isolation.isolated_engine import unwrapped
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.options import split_place
from gradcheck.engines.protocol import Engine
from gradcheck.operations import Operation


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of an engine's file; 1 is the first one."""

    file: Path
    line: int = 1


def source_of(engine: AnyEngine, operations: Iterable[object] = ()) -> SourceLine | None:
    """Return the line where the first of the operations is defined whose line is known.

    If none is known, it is the line of the engine's class, or else the beginning of its file.
    Of an engine of arrays it is always the file. Return ``None`` where the engine has no file, as a
    library in C.
    """
    if isinstance(engine, ArrayEngine):
        return _file_of(engine.spec)
    own = [operation for operation in operations if isinstance(operation, Operation)]
    lines = filter(None, map(_line_of, _definitions(unwrapped(engine), own)))
    return next(lines, None) or _file_of(engine.spec)


def _definitions(engine: Engine, operations: Iterable[Operation]) -> Iterator[object]:
    """Yield the functions that do the operations, then the class of the engine's objects."""
    if not isinstance(engine, ObjectEngine):
        return
    class_ = class_of(engine.make)
    bindings = {operation.name: binding for operation, binding in engine.bindings.items()}
    for operation in operations:
        if binding := bindings.get(operation.name):
            yield binding.function or getattr(class_, binding.name, None)
    if class_ is not object:
        yield class_


def _line_of(definition: object) -> SourceLine | None:
    if not (inspect.isclass(definition) or callable(definition)):
        return None
    # The source may be missing, or not be what was executed.
    with contextlib.suppress(OSError, TypeError, ValueError, IndexError, SyntaxError):
        found: type | Callable[..., object] = inspect.unwrap(definition)
        if file := inspect.getsourcefile(found):
            return SourceLine(Path(file).resolve(), max(1, inspect.getsourcelines(found)[1]))
    return None


def _file_of(spec: str) -> SourceLine | None:
    place, _ = split_place(spec)
    if place.endswith(".py"):
        file: str | None = place
    else:
        file = getattr(sys.modules.get(place), "__file__", None)
    return None if file is None else SourceLine(Path(file).expanduser().resolve())
