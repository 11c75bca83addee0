"""A finding: one bug of an engine under test, with its smallest case."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck.engines.options import split_place
from gradcheck.findings.converter import case_as_data
from gradcheck.kind import Kind

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict

_MAX_NAME_LENGTH = 100
"""Characters. File systems allow about 255 in one part of a path, and a suffix follows."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The cases of one run that showed a bug: ``times`` of them, the last one at ``last``.

    ``began`` is when the run began, which identifies it. ``seed`` is the run's seed, if it had one.
    """

    began: datetime
    last: datetime
    times: int
    seed: int | None


def now() -> datetime:
    """Return the time in UTC, exact enough to tell two runs apart."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """A bug with the two verdicts that show it best.

    ``verdict`` is that of the smallest case. ``worst`` is the verdict with the largest relative
    error, as a small case can make a gross error look like rounding. ``seen`` counts the cases of
    this run that showed the bug. ``cases`` is the number of cases that the run had judged when it
    found the bug.
    """

    verdict: AnyVerdict
    worst: AnyVerdict
    seen: Sighting
    cases: int

    @property
    def only_loses_digits(self) -> bool:
        """Whether both verdicts are about lost digits and nothing else."""
        return self.verdict.only_loses_digits and self.worst.only_loses_digits

    @property
    def kind(self) -> Kind:
        """The more serious kind of the two verdicts."""
        return min(self.verdict.kind, self.worst.kind, key=lambda kind: kind.gravity)

    @property
    def folder(self) -> Path:
        """The finding's folder, below the output folder: ``<engine>/<signature>-<8 hex digits>``.

        The digits are a hash of the case, so the same finding always has the same folder.
        """
        digits = _hash(repr(case_as_data(self.verdict.report.case)))
        return engine_folder(self.verdict.engine) / f"{_path_part(self.verdict.signature)}-{digits}"


def engine_folder(spec: str) -> Path:
    """Return the folder of an engine's findings, below the output folder.

    For an engine in a file, the name is the file's path from the working directory with dots for
    slashes. This is readable, the same in every checkout, and unique to the file. If dots could
    make two paths equal, the name is that of the file alone and a hash of its path.

    >>> engine_folder("students/ada/engine.py:Value").as_posix()
    'students.ada.engine.py.Value'
    """
    place, rest = split_place(spec)
    if not place.endswith(".py"):
        return Path(_path_part(f"{place}{rest}"))
    path = Path(os.path.relpath(Path(place.replace("\\", "/")).expanduser()))
    *folders, file = path.parts
    name = f"{'.'.join(path.parts)}{rest}"
    words = (re.fullmatch(r"[A-Za-z0-9_-]+", part) for part in (*folders, path.stem))
    if len(name) <= _MAX_NAME_LENGTH and all(words):
        return Path(_path_part(name))
    return Path(f"{_path_part(f'{file}{rest}')}-{_hash(path.as_posix())}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def _path_part(text: str) -> str:
    """Return text as one part of a path that is valid on every system."""
    return re.sub(r"[^A-Za-z0-9_.-]+", ".", text)[:_MAX_NAME_LENGTH].strip(".") or "unnamed"
