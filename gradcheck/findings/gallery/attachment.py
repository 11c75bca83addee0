"""A file of a finding's folder, as far as the page can show it."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

LARGEST = 2**20
"""Bytes that are put into the page; of a larger file there is only the link."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is in a file or the problem with it, and the link to it, empty if it is not there."""

    name: str
    link: str
    content: str
    problem: str

    @property
    def as_image(self) -> str:
        """An SVG as a URL that holds all of it: a script in an image is never run."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.content.encode()).decode()}"


def attachment(file: Path, output: Path) -> Attachment:
    """Read a file for the page in ``output``."""
    # Bytes, as a path may hold what is no text; and quoted, so that no name is a scheme or a host.
    link = quote(os.fsencode(file.relative_to(output).as_posix()))
    try:
        return Attachment(file.name, link, content=_text(file), problem="")
    except FileNotFoundError:
        return Attachment(file.name, link="", content="", problem="is not there")
    except (OSError, ValueError) as error:
        problem = f"is not shown: {' '.join(str(error).split())}"
    return Attachment(file.name, link, content="", problem=problem)


def _text(file: Path) -> str:
    if file.resolve().parent != file.parent.resolve():
        # The page may be passed on, and is to hold nothing but findings.
        message = "it is a link that leads out of its folder"
        raise ValueError(message)
    size = file.stat().st_size
    if size > LARGEST:
        message = f"it has {size:,} bytes, and {LARGEST:,} are the most"
        raise ValueError(message)
    if not file.is_file():
        message = "it is no file"
        raise ValueError(message)
    return file.read_text(encoding="utf-8")
