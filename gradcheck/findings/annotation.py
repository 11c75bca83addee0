"""Workflow commands, which make annotations in the log and in the changed files on GitHub."""

from __future__ import annotations

import os
from pathlib import Path


def annotation(
    message: str,
    *,
    title: str,
    file: str | None = None,
    line: int | None = None,
    level: str = "error",
) -> str:
    """Return a workflow command, escaped as GitHub's own toolkit does.

    ``file`` is relative to the repository.

    >>> annotation("50% is wrong", title="a*a: wrong")
    '::error title=a*a%3A wrong::50%25 is wrong'
    """
    properties = {"file": file, "line": line, "title": title}
    place = ",".join(
        f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None
    )
    return f"::{level} {place}::{_data(message)}"


def in_repository(file: Path) -> str | None:
    """Return the path of a file in the repository that GitHub has checked out, if it is in there.

    Elsewhere the working directory stands for the repository.
    """
    root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    file = file.resolve()
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else None


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
