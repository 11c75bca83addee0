"""A finding's card on the page, with the files of its folder."""

from __future__ import annotations

import base64
import os
import shlex
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from gradcheck.blame.cause import Blame
from gradcheck.findings.case_file import read_finding
from gradcheck.findings.diagram.rendering import NOT_INSTALLED
from gradcheck.findings.json_file import read_text
from gradcheck.kind import Kind
from gradcheck.report import Report
from gradcheck.table import cells

LARGEST_FILE = 2**20
"""Bytes. The page includes smaller files, and has only links to larger ones."""

_WHOLE_ENGINE = "the engine as a whole"
"""The choice of the filter for a blame without operations."""

_NO_BLAME = "unknown"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file's content, or the problem with it. ``link`` is empty if there is no such file."""

    name: str
    link: str
    content: str
    problem: str

    @property
    def as_image(self) -> str:
        """An SVG as a data URL. Browsers never run the scripts of an image."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.content.encode()).decode()}"


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A case with its diagram, and a row of texts for each of its numbers."""

    report: Report
    rows: tuple[tuple[str, ...], ...]
    diagram: Attachment


@dataclass(frozen=True, slots=True)
class Card:
    """The content of a card.

    ``operations`` are the operations to blame, for the filter. ``worst`` is ``None`` if the worst
    case is the smallest. ``commands`` reproduce the finding with gradcheck and without.
    """

    engine: str
    kind: Kind
    operations: tuple[str, ...]
    blame: str
    conclusion: tuple[str, ...]
    seen: str
    last: datetime
    smallest: ShownCase
    worst: ShownCase | None
    script: Attachment
    commands: tuple[str, str]

    @property
    def rank(self) -> tuple[int, float]:
        """Sort key: the most serious kind first, then the one that was seen last."""
        return self.kind.gravity, -self.last.timestamp()


def card_of(path: Path, output: Path) -> Card:
    """Return the card of a case file, for a page in ``output``. Raises ``CaseFileError``."""
    finding = read_finding(path)
    folder = finding.path.parent
    smallest, worst = finding.smallest, finding.worst
    blame = smallest.blame
    place = shlex.quote(folder.as_posix())
    script = shlex.quote((folder / "repro.py").as_posix())
    return Card(
        engine=finding.engine,
        kind=min(smallest.kind, worst.kind, key=lambda kind: kind.gravity),
        operations=_operations(blame),
        blame=_NO_BLAME if blame is None else blame.sentence,
        # The card shows the blame separately.
        conclusion=tuple(
            s for s in smallest.conclusion if blame is None or blame.sentence not in s
        ),
        seen=finding.sightings,
        last=max(sighting.last for sighting in finding.seen),
        smallest=_shown(smallest, folder / "graph.svg", output),
        worst=None if worst.case == smallest.case else _shown(worst, folder / "worst.svg", output),
        script=attachment(folder / "repro.py", output),
        commands=(f"python -m gradcheck replay {place}", f"python {script}"),
    )


def _operations(blame: Blame | None) -> tuple[str, ...]:
    if blame is None:
        return (_NO_BLAME,)
    return tuple(operation.name for operation in blame.operations) or (_WHOLE_ENGINE,)


def _shown(report: Report, diagram: Path, output: Path) -> ShownCase:
    return ShownCase(report, tuple(map(cells, report.rows)), attachment(diagram, output))


def attachment(file: Path, output: Path) -> Attachment:
    """Return a file below ``output``, with a link to it from a page there."""
    # A path may hold bytes that are no text. Quoting keeps a name from being a scheme or a host.
    link = quote(os.fsencode(file.relative_to(output).as_posix()))
    try:
        content = read_text(file, largest=LARGEST_FILE)
    except FileNotFoundError:
        is_text_only = file.suffix == ".svg" and file.with_suffix(".gv").exists()
        problem = f"does not exist; {NOT_INSTALLED}" if is_text_only else "does not exist"
        return Attachment(file.name, link="", content="", problem=problem)
    except (OSError, ValueError) as error:
        problem = f"is not shown: {' '.join(str(error).split())}"
        return Attachment(file.name, link, content="", problem=problem)
    return Attachment(file.name, link, content, problem="")
