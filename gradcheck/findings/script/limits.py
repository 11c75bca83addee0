"""Limits in a script for an engine that exceeded a limit of the run."""

from __future__ import annotations

from gradcheck.engines.faults import Fault
from gradcheck.findings.script.engine_import import EngineImport

_MEMORY_MARGIN = 4 * 2**30
"""Bytes beyond the limit after which a script is stopped; reserved memory counts here."""

_PEAK = "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss"


def import_lines(engine: EngineImport, fault: Fault | None) -> list[str]:
    """Return lines that import an engine and set the limit that it exceeded, if any."""
    if fault is None or fault.limit is None:
        return list(engine.lines)
    if fault.is_waiting:
        return [
            "import faulthandler",
            *engine.lines,
            "",
            "# After this many seconds, this prints where the engine is and ends the script.",
            f"faulthandler.dump_traceback_later({_seconds(fault.limit)}, exit=True)",
        ]
    if fault.is_hang:
        return [
            *("import faulthandler", "import signal"),
            *engine.lines,
            "",
            "# After this many seconds of CPU time, this prints where the engine is and ends.",
            "faulthandler.register(signal.SIGPROF, chain=True)",
            f"signal.setitimer(signal.ITIMER_PROF, {_seconds(fault.limit)})",
        ]
    most = int(fault.limit) + _MEMORY_MARGIN
    return [
        *("import os", "import resource", "import sys"),
        *(line for line in engine.lines if line != "import sys"),
        "",
        "# A copy of this process runs the rest. This one may have had its peak of memory before,",
        "# in the import of the engine or in the process that started it.",
        "if child := os.fork():",
        "    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))",
        f"before = {_PEAK}",
        "",
        "# This stops an engine that takes memory without end.",
        f"resource.setrlimit(resource.RLIMIT_DATA, ({most}, {most}))",
    ]


def memory_check(fault: Fault | None) -> list[str]:
    """Return lines for the end that check the memory used, if its limit was exceeded."""
    if fault is None or fault.limit is None or fault.is_hang:
        return []
    return [
        f"taken = {_PEAK} - before",
        'taken *= 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere',
        f'assert taken <= {fault.limit}, f"it took {{taken}} bytes; the limit is {fault.limit}"',
    ]


def limit_options(fault: Fault | None) -> list[str]:
    """Return the limit that an engine exceeded, if any, as an option of gradcheck's commands.

    >>> limit_options(Fault("forward", "HangError", "no end", limit=1.02))
    ['--case-timeout', '1.02s']
    """
    if fault is None or fault.limit is None:
        return []
    if fault.is_hang:
        return ["--case-timeout", f"{_seconds(fault.limit)}s"]
    return ["--memory-limit", str(fault.limit)]


def _seconds(limit: float) -> float:
    """Return rounded seconds, but never zero, which would mean no limit."""
    return max(round(limit, 3), 0.001)
