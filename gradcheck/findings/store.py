"""Findings on disk, one folder each."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from gradcheck.findings.case_file import FILE_NAME, case_file
from gradcheck.findings.diagram import draw, render
from gradcheck.findings.finding import Finding
from gradcheck.findings.reading import CaseFileError, read_finding
from gradcheck.findings.sighting import Sighting


def save(finding: Finding, output: Path) -> Path:
    """Write a finding below ``output`` and return its folder, which may exist already.

    It holds ``case.json`` (the case and its numbers, data only), ``graph.gv`` and ``graph.svg``.
    When the bug was seen by earlier runs is kept. Raises ``OSError`` where the disk does not allow
    it.
    """
    folder = output / finding.folder
    folder.mkdir(parents=True, exist_ok=True)
    source = draw(finding.verdict).source
    write_atomically(folder / "graph.gv", source.encode())
    write_atomically(folder / "graph.svg", render(source, "svg"))
    case = case_file(finding, seen_before=_seen_before(finding, folder))
    write_atomically(folder / FILE_NAME, case.encode())
    return folder


def _seen_before(finding: Finding, folder: Path) -> list[Sighting]:
    """What other runs saw of it; nothing where there is no file, or none that can be read."""
    try:
        saved = read_finding(folder)
    except CaseFileError:
        return []
    return [sighting for sighting in saved.seen if sighting.began != finding.seen.began]


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, and never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
