"""The report of a failed test: a table as wide as the terminal, the blame, no inner frames."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from types import TracebackType

import pytest

from gradcheck.assertion import GradientMismatch

_MARGIN, _MARGIN_IN_A_GROUP = 8, 10
"""Columns that pytest puts before each line of a message."""


def mismatches(error: BaseException) -> Iterator[GradientMismatch]:
    """Yield the error itself, or the mismatches in a group: a test may find several bugs."""
    if isinstance(error, GradientMismatch):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from mismatches(part)


def prepare(error: BaseException) -> None:
    """Lay out the tables in an error, before pytest writes it.

    pytest leaves out the frames that hide themselves, but not those of the errors in a group.
    """
    is_group = isinstance(error, BaseExceptionGroup)
    margin = _MARGIN_IN_A_GROUP if is_group else _MARGIN
    for mismatch in mismatches(error):
        mismatch.lay_out(shutil.get_terminal_size().columns - margin)
        if is_group:
            mismatch.__traceback__ = _without_hidden_frames(mismatch.__traceback__)


def _without_hidden_frames(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames that have ``__tracebackhide__``, unless all have it."""
    entries = []
    entry = traceback
    while entry is not None:
        if not entry.tb_frame.f_locals.get("__tracebackhide__"):
            entries.append(entry)
        entry = entry.tb_next
    if not entries:
        return traceback
    for entry, following in zip(entries, (*entries[1:], None), strict=True):
        entry.tb_next = following
    return entries[0]


def put_blame_first(report: pytest.TestReport, error: BaseException) -> None:
    """Have the short summary name the operations at fault: it shows the first line of a message."""
    crash = getattr(report.longrepr, "reprcrash", None)
    verdicts = [mismatch.verdict for mismatch in mismatches(error)]
    if crash is None or not verdicts:
        return
    blames = (
        verdict.kind.value if verdict.blame is None else verdict.blame.sentence
        for verdict in verdicts
    )
    crash.message = f"{'; '.join(dict.fromkeys(blames))}\n{crash.message}"
