"""What the page says of one finding."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gradcheck.blame.cause import Blame
from gradcheck.findings.gallery.attachment import Attachment, attachment
from gradcheck.findings.reading import read_finding
from gradcheck.kind import Kind
from gradcheck.report import Report
from gradcheck.table import cells

_NO_OPERATION = "the engine as a whole"
"""Who is to blame where it is none of the operations."""

_NO_BLAME = "nothing in particular"


@dataclass(frozen=True, slots=True)
class Picture:
    """A case with its numbers: a row of texts for each, and the diagram."""

    report: Report
    rows: tuple[tuple[str, ...], ...]
    diagram: Attachment


@dataclass(frozen=True, slots=True)
class Card:
    """A finding; ``worst`` is ``None`` where it is the smallest case too.

    ``operations`` are those to blame, and ``again`` the commands that show it again: by gradcheck,
    and without it.
    """

    engine: str
    kind: Kind
    operations: tuple[str, ...]
    blame: str
    conclusion: tuple[str, ...]
    seen: str
    last: datetime
    smallest: Picture
    worst: Picture | None
    script: Attachment
    again: tuple[str, str]

    @property
    def rank(self) -> tuple[int, float]:
        """The gravest come first, and among them those that were seen last."""
        return self.kind.gravity, -self.last.timestamp()


def card_of(path: Path, output: Path) -> Card:
    """The card of a case file, for the page in ``output``. Raises ``CaseFileError``."""
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
        # The blame has a place of its own on the card.
        conclusion=tuple(
            s for s in smallest.conclusion if blame is None or blame.sentence not in s
        ),
        seen=finding.sightings,
        last=max(sighting.last for sighting in finding.seen),
        smallest=_picture(smallest, folder / "graph.svg", output),
        worst=None
        if worst.case == smallest.case
        else _picture(worst, folder / "worst.svg", output),
        script=attachment(folder / "repro.py", output),
        again=(f"python -m gradcheck replay {place}", f"python {script}"),
    )


def _operations(blame: Blame | None) -> tuple[str, ...]:
    if blame is None:
        return (_NO_BLAME,)
    return tuple(operation.name for operation in blame.operations) or (_NO_OPERATION,)


def _picture(report: Report, diagram: Path, output: Path) -> Picture:
    return Picture(report, tuple(map(cells, report.rows)), attachment(diagram, output))
