"""The environment of an engine's process: clean, with a temporary home."""

from __future__ import annotations

import os
import site
from collections.abc import Mapping
from pathlib import Path

_KEPT = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ"),
    *("TERM", "COLUMNS", "LINES", "COLORTERM", "NO_COLOR", "FORCE_COLOR"),
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("SYSTEMROOT", "WINDIR", "PATHEXT", "COMSPEC"),
)
"""Variables by which Python finds its packages, the system its programs, and text its width."""

_ONE_THREAD = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"),
    "VECLIB_MAXIMUM_THREADS",
)


def environment(work: Path, variables: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a process that works in a folder; nothing secret is passed on."""
    folders = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), str(work))
    return {
        **{name: variables[name] for name in _KEPT if name in variables},
        **folders,
        **dict.fromkeys(_ONE_THREAD, "1"),
        "MPLBACKEND": "Agg",
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }
