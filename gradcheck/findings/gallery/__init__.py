"""The gallery: all findings on one page, which needs nothing but itself."""

from __future__ import annotations

from pathlib import Path

from gradcheck.findings.gallery.card import card_of
from gradcheck.findings.gallery.page import page
from gradcheck.findings.reading import CaseFileError, saved_findings
from gradcheck.findings.store import write_atomically

FILE_NAME = "index.html"


def write_gallery(output: Path) -> Path:
    """Write ``index.html`` below ``output``, of all findings there, and return its path.

    What cannot be read is named on the page. Raises ``OSError`` where the disk does not allow to
    write.
    """
    cards, unreadable = [], []
    for path in saved_findings(output):
        try:
            cards.append(card_of(path, output))
        except CaseFileError as error:
            unreadable.append(str(error))
    place = output / FILE_NAME
    write_atomically(place, page(cards, unreadable, output).encode("utf-8", "replace"))
    return place
