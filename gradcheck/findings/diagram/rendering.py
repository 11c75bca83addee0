"""Graphviz text as a picture; Graphviz comes inside pygraphviz's wheel."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pygraphviz

from gradcheck.findings.diagram.palette import DARK_BACKGROUND, DARK_FOREGROUND, ON_DARK


def render(source: str, file_format: str) -> bytes:
    """The picture, ``svg`` or ``png``. An SVG follows its reader's choice of light or dark."""
    with _silent():
        picture = pygraphviz.AGraph(string=source).draw(format=file_format, prog="dot")
    assert isinstance(picture, bytes)
    if file_format == "svg":
        picture = picture.replace(b"<g id=", f"{_DARK}<g id=".encode(), 1)
    return picture


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Drop what C libraries write to standard error: the one for fonts warns of newer set-ups."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _dark() -> str:
    """A style sheet for dark backgrounds; what Graphviz drew in black has no ``fill``."""
    rules = [
        f".graph > polygon:first-of-type {{ fill: {DARK_BACKGROUND}; }}",
        f"text:not([fill]) {{ fill: {DARK_FOREGROUND}; }}",
        f'[stroke="black"] {{ stroke: {DARK_FOREGROUND}; }}',
        f'[fill="black"] {{ fill: {DARK_FOREGROUND}; }}',
    ]
    for light, dark in ON_DARK.items():
        rules.append(f'[stroke="{light}"] {{ stroke: {dark}; }}')
        rules.append(f'[fill="{light}"] {{ fill: {dark}; }}')
    return f"<style>@media (prefers-color-scheme: dark) {{ {' '.join(rules)} }}</style>\n"


_DARK = _dark()
