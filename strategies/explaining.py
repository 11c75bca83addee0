"""Have Hypothesis explain a failure by lines of the user's code, such as those of the engine.

It looks for lines that only failing examples run. Those of gradcheck and of installed packages
explain nothing, and to trace them takes long.
"""

from __future__ import annotations

import functools
import sysconfig
from collections.abc import Callable
from pathlib import Path

from hypothesis.internal import scrutineer

_NAME = "should_trace_file"

_HARNESS = str(Path(__file__).parents[1])

_PYTHON = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))

_PACKAGES = {"site-packages", "dist-packages"}
"""The names of the folders of installed packages."""


def explain_by_users_code() -> None:
    """Leave the others out of the search.

    There is no public way. Where Hypothesis has no such function, it names more lines.
    """
    before: Callable[[str], bool] | None = vars(scrutineer).get(_NAME)
    if before is None or before.__module__ == __name__:
        return

    @functools.cache
    def should_trace_file(file: str) -> bool:
        is_of_others = file.startswith((_HARNESS, *_PYTHON)) or _PACKAGES & {*Path(file).parts}
        return not is_of_others and before(file)

    vars(scrutineer)[_NAME] = should_trace_file
