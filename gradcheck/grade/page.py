"""The report as one HTML page, which needs no script and no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from markupsafe import Markup

from gradcheck.findings.gallery.card import Attachment, attachment
from gradcheck.findings.gallery.page import FILE_NAME, policy_for, style_sheet, templates
from gradcheck.findings.store import write_atomically
from gradcheck.grade.results import Bug, Graded
from gradcheck.grade.summary import counts, findings_folder, shared_bugs

_HERE = Path(__file__).parent

_ENVIRONMENT = templates(_HERE)


@dataclass(frozen=True, slots=True)
class ShownBug:
    """A bug with the picture of its smallest case."""

    bug: Bug
    picture: Attachment


@dataclass(frozen=True, slots=True)
class ShownEngine:
    """An engine with its bugs; ``link`` leads to its findings, and is empty if it has none."""

    graded: Graded
    bugs: tuple[ShownBug, ...]
    link: str


def write_page(results: Sequence[Graded], report: Path) -> Path:
    """Write the page into the folder of the report, and return its path. Raises ``OSError``."""
    style = f"{style_sheet()}\n{(_HERE / 'style.css').read_text(encoding='utf-8')}"
    text = _ENVIRONMENT.get_template("page.html.jinja").render(
        engines=[_shown(graded, report) for graded in results],
        counts=counts(results),
        shared=shared_bugs(results),
        open_doors=sorted({door for graded in results for door in graded.result.open_doors}),
        policy=policy_for(style, ""),
        style=Markup(style),  # noqa: S704 - it is our own
    )
    file = report / FILE_NAME
    write_atomically(file, text.encode("utf-8", "replace"))
    return file


def _shown(graded: Graded, report: Path) -> ShownEngine:
    folder = report / findings_folder(graded)
    bugs = tuple(
        ShownBug(bug, attachment(folder / bug.folder / "graph.svg", report))
        for bug in graded.result.bugs
        if _is_below(bug.folder)
    )
    link = quote(f"{findings_folder(graded)}/{FILE_NAME}") if bugs else ""
    return ShownEngine(graded, bugs, link)


def _is_below(folder: str) -> bool:
    """Tell whether a path stays in its folder; it was written by the engine's process."""
    path = PurePosixPath(folder)
    return not path.is_absolute() and ".." not in path.parts
