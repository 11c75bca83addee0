"""The order that the process of one engine gets: what to grade, and where to write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class Request:
    """The order for one engine.

    ``file`` is imported; ``place`` is how the user named it, as in a spec. ``engine`` is the class,
    empty for the first that is found. ``home`` is the user's working directory, and ``findings``
    the folder to save below, seen from there. ``work`` is the working directory of the engine.
    ``memory`` is the memory limit in bytes.
    """

    file: Path
    place: str
    engine: str
    home: Path
    findings: Path
    work: Path
    memory: int

    @property
    def result(self) -> Path:
        """The file for the result."""
        return self.home / self.findings / RESULT

    @property
    def writable(self) -> tuple[Path, Path]:
        """The folders that the process may write to."""
        return self.work, self.home / self.findings

    def as_text(self) -> str:
        """Return the request as one argument of a command."""
        return json.dumps([str(getattr(self, name)) for name in self.__slots__])

    @classmethod
    def from_text(cls, text: str) -> Request:
        """Return the request that ``as_text`` has written."""
        file, place, engine, home, findings, work, memory = json.loads(text)
        return cls(Path(file), place, engine, Path(home), Path(findings), Path(work), int(memory))
