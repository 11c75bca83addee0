"""Graphviz text as an image, by pygraphviz or by the program ``dot``, whichever is installed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Callable

from gradcheck.engines.importing import stderr_discarded
from gradcheck.errors import UserError
from gradcheck.findings.diagram.palette import (
    DARK_BACKGROUND,
    DARK_FOREGROUND,
    FILLS_ON_DARK,
    ON_DARK,
)

NOT_INSTALLED = (
    "pictures are drawn by Graphviz: install its program `dot`, or pip install 'gradcheck[draw]'"
)

_SECONDS = 20.0
"""Ends a program that hangs."""


class DrawingError(UserError):
    """Nothing that draws is installed, or it failed; the message is one line."""


def drawing_tool() -> Callable[[str, str], bytes]:
    """Return a function that draws Graphviz text in a format. Raises ``DrawingError``."""
    if importlib.util.find_spec("pygraphviz") is not None:
        return _by_pygraphviz
    program = shutil.which("dot")
    if program is None:
        raise DrawingError(NOT_INSTALLED)
    return lambda source, file_format: _by_program(program, source, file_format)


def render(source: str, file_format: str) -> bytes:
    """Return Graphviz text as an image, an ``svg`` or a ``png``.

    An SVG follows the reader's choice of light or dark. Raises ``DrawingError``.
    """
    picture = drawing_tool()(source, file_format)
    if file_format == "svg":
        picture = picture.replace(b"<g id=", f"{_DARK}<g id=".encode(), 1)
    return picture


def _by_pygraphviz(source: str, file_format: str) -> bytes:
    import pygraphviz  # noqa: PLC0415 - an extra of 110 MB, which includes Graphviz

    with stderr_discarded():  # fontconfig warns about newer set-ups
        picture = pygraphviz.AGraph(string=source).draw(format=file_format, prog="dot")
    assert isinstance(picture, bytes)
    return picture


def _by_program(program: str, source: str, file_format: str) -> bytes:
    try:
        drawn = subprocess.run(  # noqa: S603 - the program is the user's Graphviz
            [program, f"-T{file_format}"],
            input=source.encode("utf-8", "replace"),
            capture_output=True,
            check=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as error:
        message = f"{program} draws no {file_format}: {error}"
        raise DrawingError(message) from error
    return drawn.stdout


def _dark() -> str:
    """Return a style sheet for dark themes; what Graphviz drew in black has no ``fill``."""
    rules = [
        f".graph > polygon:first-of-type {{ fill: {DARK_BACKGROUND}; }}",
        f"text:not([fill]) {{ fill: {DARK_FOREGROUND}; }}",
        f'[stroke="black"] {{ stroke: {DARK_FOREGROUND}; }}',
        f'[fill="black"] {{ fill: {DARK_FOREGROUND}; }}',
    ]
    for light, dark in ON_DARK.items():
        rules.append(f'[stroke="{light}"] {{ stroke: {dark}; }}')
        rules.append(f'[fill="{light}"] {{ fill: {dark}; }}')
    rules += [f'[fill="{light}"] {{ fill: {dark}; }}' for light, dark in FILLS_ON_DARK.items()]
    return f"<style>@media (prefers-color-scheme: dark) {{ {' '.join(rules)} }}</style>\n"


_DARK = _dark()
