"""Findings on disk, one folder each."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from gradcheck.findings.case_file import case_file
from gradcheck.findings.diagram import draw, render
from gradcheck.findings.finding import Finding


def save(finding: Finding, output: Path) -> Path:
    """Write a finding below ``output`` and return its folder, which may exist already.

    It holds ``case.json`` (the case and its numbers, data only), ``graph.gv`` and ``graph.svg``.
    Raises ``OSError`` where the disk does not allow it.
    """
    folder = output / finding.folder
    folder.mkdir(parents=True, exist_ok=True)
    source = draw(finding.verdict).source
    write_atomically(folder / "graph.gv", source.encode())
    write_atomically(folder / "graph.svg", render(source, "svg"))
    case = case_file(finding.verdict, worst=finding.worst, seed=finding.seed)
    write_atomically(folder / "case.json", case.encode())
    return folder


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
