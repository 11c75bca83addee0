"""Findings on disk, one folder each."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from gradcheck.findings.case_file import FILE_NAME, case_file
from gradcheck.findings.diagram.dot import as_dot
from gradcheck.findings.diagram.mermaid import as_mermaid
from gradcheck.findings.diagram.picture import picture_of
from gradcheck.findings.diagram.rendering import render
from gradcheck.findings.finding import Finding
from gradcheck.findings.reading import CaseFileError, read_finding
from gradcheck.findings.readme import readme
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.findings.sighting import Sighting
from gradcheck.verdict import Verdict


def save(finding: Finding, output: Path) -> Path:
    """Write a finding below ``output`` and return its folder, which may exist already.

    It holds ``case.json`` (the case and its numbers, data only), the diagram, that of the worst
    case where it is another one, ``repro.py`` and a README. When the bug was seen by earlier runs
    is kept. Raises ``OSError`` where the disk does not allow it.
    """
    folder = output / finding.folder
    folder.mkdir(parents=True, exist_ok=True)
    _write_text(folder / "README.md", readme(finding.verdict.report, folder))
    _write_text(folder / "repro.py", reproduction(finding.verdict))
    _write_diagram(finding.verdict, folder / "graph")
    if finding.worst.case != finding.verdict.case:
        _write_diagram(finding.worst, folder / "worst")
    _write_text(folder / FILE_NAME, case_file(finding, seen_before=_seen_before(finding, folder)))
    return folder


def _write_diagram(verdict: Verdict, stem: Path) -> None:
    picture = picture_of(verdict)
    source = as_dot(picture).source
    _write_text(stem.with_suffix(".gv"), source)
    _write_text(stem.with_suffix(".mmd"), as_mermaid(picture))
    write_atomically(stem.with_suffix(".svg"), render(source, "svg"))


def _seen_before(finding: Finding, folder: Path) -> list[Sighting]:
    """What other runs saw of it; nothing where there is no file, or none that can be read."""
    try:
        saved = read_finding(folder)
    except CaseFileError:
        return []
    if saved.engine != finding.verdict.engine:
        return []  # another file of the same name
    return [sighting for sighting in saved.seen if sighting.began != finding.seen.began]


def _write_text(path: Path, text: str) -> None:
    """Write text; half of a surrogate pair, which UTF-8 has no place for, becomes a ``?``."""
    write_atomically(path, text.encode("utf-8", "replace"))


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, and never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave an empty file
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
