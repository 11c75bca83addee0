"""The process of one engine: enter the sandbox, then grade. The scheduler starts it."""

from __future__ import annotations

import sys

from gradcheck.engines.isolation.sandbox import end_descendants, enter
from gradcheck.grade.request import Request


def main() -> None:
    """Grade the engine of the request in the last argument."""
    request = Request.from_text(sys.argv[-1])
    open_doors = enter(request.writable, memory=request.memory)
    # What these modules import may start threads, and a process with threads cannot enter.
    from gradcheck.grade.grader import grade  # noqa: PLC0415

    grade(request, open_doors)
    end_descendants()


if __name__ == "__main__":
    main()
