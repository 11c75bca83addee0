"""The process of one engine: enter the sandbox, then grade. The scheduler starts it."""

from __future__ import annotations

import contextlib
import sys

from gradcheck.grade.request import Request
from gradcheck.grade.sandbox import enter


def main() -> None:
    """Grade the engine of the request in the last argument."""
    request = Request.from_text(sys.argv[-1])
    open_doors = enter(request.writable, memory=request.memory)
    # What these modules import may start threads, and a process with threads cannot enter.
    from gradcheck.grade.grader import grade  # noqa: PLC0415

    grade(request, open_doors)
    _end_descendants()


def _end_descendants() -> None:
    """End what the engine has started and left behind; on Linux this process adopts orphans."""
    import psutil  # noqa: PLC0415 - see above

    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            process.kill()


if __name__ == "__main__":
    main()
