"""A finding: one bug of an engine under test, on its smallest case."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from gradcheck.engines.options import split_place
from gradcheck.findings.converter import unstructure
from gradcheck.findings.sighting import Sighting
from gradcheck.kind import Kind
from gradcheck.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict worth keeping, with where it came from.

    ``verdict`` is that of the smallest case, ``worst`` the one with the largest relative error that
    was seen: a small case can make a gross error look like rounding. ``seen`` is what the run saw
    of it, and ``cases`` how many cases it had judged when the bug first showed.
    """

    verdict: Verdict
    worst: Verdict
    seen: Sighting
    cases: int

    @property
    def only_loses_digits(self) -> bool:
        """Whether neither of the two verdicts is about more than lost digits."""
        return self.verdict.only_loses_digits and self.worst.only_loses_digits

    @property
    def kind(self) -> Kind:
        """The graver of the two verdicts in a word."""
        return min(self.verdict.kind, self.worst.kind, key=lambda kind: kind.gravity)

    @property
    def folder(self) -> Path:
        """Where it is kept, below the output folder: ``<engine>/<signature>-<8 hex>``.

        The digits come from the case, so that the same finding goes to the same place.
        """
        digits = _digits(repr(unstructure(self.verdict.case)))
        return engine_folder(self.verdict.engine) / f"{_plain(self.verdict.signature)}-{digits}"


_LONGEST_NAME = 100
"""File systems take some 255 letters for a part of a path, digits and a suffix included."""


def engine_folder(spec: str) -> Path:
    """Where all that is found of an engine is kept, below the output folder.

    For an engine in a file this is the path to it from the working directory, with dots: readable,
    the same in every checkout, and another one for every file. Where dots would not tell files
    apart, it is the file's own name and eight digits made of the path.

    >>> engine_folder("students/ada/engine.py:Value").as_posix()
    'students.ada.engine.py.Value'
    """
    place, rest = split_place(spec)
    if not place.endswith(".py"):
        return Path(_plain(f"{place}{rest}"))
    path = Path(os.path.relpath(Path(place.replace("\\", "/")).expanduser()))
    *folders, file = path.parts
    name = f"{'.'.join(path.parts)}{rest}"
    words = (re.fullmatch(r"[A-Za-z0-9_-]+", part) for part in (*folders, path.stem))
    if len(name) <= _LONGEST_NAME and all(words):
        return Path(_plain(name))
    return Path(f"{_plain(f'{file}{rest}')}-{_digits(path.as_posix())}")


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def _plain(text: str) -> str:
    """Text as a part of a path on any system."""
    return re.sub(r"[^A-Za-z0-9_.-]+", ".", text)[:_LONGEST_NAME].strip(".") or "unnamed"
