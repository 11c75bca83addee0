"""The planted bugs of arrays: broken tensors, each with what has to be said of it."""

from __future__ import annotations

import fnmatch
import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, cast

from gradcheck.engines.arrays.protocol import ArrayEngine

if TYPE_CHECKING:
    from gradcheck.array_checks.verdict import ArrayVerdict

_ZOO = "gradcheck.engine.broken.array_bugs"

_CLASS = "Tensor"


class _Entry(Protocol):
    """A planted bug as the zoo describes it; see ``gradcheck.engine.broken.array_bugs``."""

    source: str
    signatures: tuple[str, ...]
    words: str
    size: int


@dataclass(frozen=True, slots=True)
class PlantedArrayBug:
    """A broken engine of arrays as text, and the signatures and words that are right for it."""

    name: str
    source: str
    signatures: tuple[str, ...]
    words: str
    smallest_size: int
    family: str = "arrays"

    @property
    def wrong(self) -> str:
        """A sentence on what is wrong."""
        return f"{self.name[0].upper()}{self.name[1:]}."

    @property
    def engine(self) -> ArrayEngine:
        """The broken engine, made anew."""
        from gradcheck.engines.arrays.discovery.discover import (  # noqa: PLC0415 - needs NumPy
            array_engine,
        )

        module = ModuleType("tensor")
        exec(self.source, vars(module))  # noqa: S102 - text of the zoo
        return array_engine(f"{_ZOO}:{self.name}", vars(module)[_CLASS], module)

    def is_shown_by(self, verdict: ArrayVerdict) -> bool:
        """Tell whether a finding is blamed on this bug, in the right words."""
        if verdict.blame is None:
            return False
        said = " ".join([verdict.blame.sentence, *verdict.conclusion])
        fits = verdict.run.fault is not None or self.words in said
        return fits and verdict.signature.startswith(self.signatures)


def planted_array_bugs(pattern: str = "*") -> list[PlantedArrayBug]:
    """Return the bugs whose name matches a pattern such as ``*matmul*``; none without NumPy."""
    if importlib.util.find_spec("numpy") is None:
        return []
    entries = cast("Mapping[str, _Entry]", importlib.import_module(_ZOO).BUGS)
    return [
        PlantedArrayBug(name, bug.source, bug.signatures, bug.words, bug.size)
        for name, bug in entries.items()
        if fnmatch.fnmatch(name, pattern)
    ]
