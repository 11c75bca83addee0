"""The files that ``gradcheck init`` writes into a project."""

from __future__ import annotations

import importlib.metadata
import json
import shlex
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from gradcheck.engines.configuration import FILE_NAME, TABLE
from gradcheck.errors import UserError

UNKNOWN_PLACE = "path/to/gradcheck"
"""Stands for the place that gradcheck is to be installed from, where that is not known."""

TEST = '''\
"""Random expressions, checked by gradcheck. pyproject.toml names the engine."""

from hypothesis import given, settings

from gradcheck import assert_gradients
from gradcheck.strategies import cases


def test_random_expressions(gradcheck_engine):
    operations = sorted(gradcheck_engine.operations, key=lambda operation: operation.name)

    # The same cases in every run, so that a commit that changes nothing cannot fail.
    @settings(deadline=None, max_examples=200, derandomize=True, database=None)
    @given(cases(operations=operations))
    def every_case_is_right(case):
        assert_gradients(case, gradcheck_engine)

    every_case_is_right()
'''

_WORKFLOW = """\
name: gradients

on: [push, pull_request]

permissions:
  contents: read

jobs:
  gradcheck:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "{python}"
      - run: pip install {requirements}
      - run: python -m pytest tests/test_gradients.py
      - run: python -m gradcheck fuzz --format github
      - uses: actions/upload-artifact@v4
        if: failure()
        with:
          name: findings
          path: reports
"""


def engine_line(engine: str) -> str:
    """Return the line of the table that names an engine."""
    return f"engine = {json.dumps(engine, ensure_ascii=False)}"


def with_table(text: str, engine: str) -> str:
    """Return the text of a ``pyproject.toml`` with the table at its end.

    All that is there is kept. Raises ``UserError`` if the result is not TOML.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text else end if text.endswith("\n") else 2 * end
    table = "".join(f"{line}{end}" for line in (TABLE, engine_line(engine), 'time = "60s"'))
    whole = f"{text}{gap}{table}"
    try:
        tomllib.loads(whole)
    except tomllib.TOMLDecodeError as error:
        message = f"{TABLE} cannot be added to {FILE_NAME}: {error}"
        raise UserError(message) from None
    return whole


def workflow(folder: Path, gradcheck: str) -> str:
    """Return a workflow that installs what the project in a folder needs, and gradcheck."""
    requirements = ["pytest", shlex.quote(gradcheck)]
    if (folder / "requirements.txt").is_file():
        requirements.append("-r requirements.txt")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return _WORKFLOW.format(python=version, requirements=" ".join(requirements))


def gradcheck_requirement(folder: Path) -> str:
    """Return what pip has to install to get this gradcheck again, on another machine."""
    gradcheck = importlib.metadata.distribution("gradcheck")
    return requirement(gradcheck.read_text("direct_url.json"), gradcheck.version, folder)


def requirement(origin: str | None, version: str, folder: Path) -> str:
    """Return the requirement for a gradcheck whose origin pip has saved as ``direct_url.json``.

    A folder of this machine is of use only if it is part of the project in ``folder``; for any
    other one, ``UNKNOWN_PLACE`` is returned.

    >>> requirement(None, "1.0", Path())
    'gradcheck==1.0'
    """
    if origin is None:
        return f"gradcheck=={version}"
    saved = json.loads(origin)
    url = str(saved["url"])
    if not url.startswith("file:"):
        source = saved.get("vcs_info")
        return f"{source['vcs']}+{url}@{source['commit_id']}" if source else url
    path = Path(url2pathname(urlsplit(url).path)).resolve()
    folder = folder.resolve()
    if not path.is_relative_to(folder):
        return UNKNOWN_PLACE
    return f"./{path.relative_to(folder).as_posix()}"
