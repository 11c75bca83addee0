"""Findings on disk, each in its own folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck.findings.case_file import FILE_NAME, CaseFileError, case_file, read_finding
from gradcheck.findings.diagram.dot import as_dot
from gradcheck.findings.diagram.mermaid import as_mermaid
from gradcheck.findings.diagram.picture import Picture, picture_of
from gradcheck.findings.diagram.rendering import DrawingError, render
from gradcheck.findings.finding import Finding, Sighting
from gradcheck.findings.readme import readme
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict


def save(finding: Finding, output: Path) -> Path:
    """Write a finding below ``output`` and return its folder, which may exist already.

    The folder gets ``case.json``, a README, ``repro.py``, the diagram, and the diagram of the worst
    case if that is not the smallest. Where nothing can draw it, the diagram is there as text only.
    The sightings of earlier runs are kept. Raises ``OSError``.
    """
    folder = output / finding.folder
    folder.mkdir(parents=True, exist_ok=True)
    is_drawn = _write_diagram(finding.verdict, folder / "graph")
    _write_text(folder / "README.md", readme(finding.verdict.report, folder, is_drawn=is_drawn))
    _write_text(folder / "repro.py", reproduction(finding.verdict))
    if finding.worst.case != finding.verdict.case:
        _write_diagram(finding.worst, folder / "worst")
    _write_text(folder / FILE_NAME, case_file(finding, seen_before=_seen_before(finding, folder)))
    return folder


def _write_diagram(verdict: AnyVerdict, stem: Path) -> bool:
    """Write the diagram as text and as an SVG, and tell whether the SVG could be drawn."""
    picture = picture_of_any(verdict)
    source = as_dot(picture).source
    _write_text(stem.with_suffix(".gv"), source)
    _write_text(stem.with_suffix(".mmd"), as_mermaid(picture))
    file = stem.with_suffix(".svg")
    try:
        write_atomically(file, render(source, "svg"))
    except DrawingError:
        file.unlink(missing_ok=True)  # of an earlier run
        return False
    return True


def picture_of_any(verdict: AnyVerdict) -> Picture:
    """Return the picture of a case of numbers or of arrays."""
    if isinstance(verdict, Verdict):
        return picture_of(verdict)
    from gradcheck.findings.diagram.array_picture import (  # noqa: PLC0415 - needs NumPy
        picture_of_arrays,
    )

    return picture_of_arrays(verdict)


def _seen_before(finding: Finding, folder: Path) -> list[Sighting]:
    """Return the sightings of other runs; none if there is no case file or it is unreadable."""
    try:
        saved = read_finding(folder)
    except CaseFileError:
        return []
    if saved.engine != finding.verdict.engine:
        return []  # an engine in another file of the same name
    return [sighting for sighting in saved.seen if sighting.began != finding.seen.began]


def _write_text(path: Path, text: str) -> None:
    """Write text as UTF-8; half of a surrogate pair, which UTF-8 cannot encode, becomes ``?``."""
    write_atomically(path, text.encode("utf-8", "replace"))


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers see the old content or the new, never a part of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # otherwise a power cut could leave an empty file
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
