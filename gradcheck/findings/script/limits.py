"""How a script fails where an engine takes more than it may: the limit is that of the run."""

from __future__ import annotations

from gradcheck.engines.faults import Fault
from gradcheck.findings.script.engine_import import EngineImport

_MUCH_MEMORY = 4 * 2**30
"""How many bytes beyond the limit a script is stopped. They count before they are resident."""

_PEAK = "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss"


def import_lines(engine: EngineImport, fault: Fault | None) -> list[str]:
    """The lines that import an engine, and what stops it where it takes more than it may.

    An error that the engine raised itself needs nothing: it is raised again.
    """
    if fault is None or fault.limit is None:
        return list(engine.lines)
    if fault.is_waiting:
        return [
            "import faulthandler",
            *engine.lines,
            "",
            "# It may wait for so many seconds: then this shows where it is, and stops it.",
            f"faulthandler.dump_traceback_later({_seconds(fault.limit)}, exit=True)",
        ]
    if fault.is_hang:
        return [
            *("import faulthandler", "import signal"),
            *engine.lines,
            "",
            "# It may compute for so many seconds: then this shows where it is, and stops it.",
            "faulthandler.register(signal.SIGPROF, chain=True)",
            f"signal.setitimer(signal.ITIMER_PROF, {_seconds(fault.limit)})",
        ]
    much = int(fault.limit) + _MUCH_MEMORY
    return [
        *("import os", "import resource", "import sys"),
        *(line for line in engine.lines if line != "import sys"),
        "",
        "# The rest is done by a copy of this process, as this one may have had its peak before:",
        "# while it imported the engine, or from what has started it.",
        "if child := os.fork():",
        "    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))",
        f"before = {_PEAK}",
        "",
        "# What never has enough is stopped.",
        f"resource.setrlimit(resource.RLIMIT_DATA, ({much}, {much}))",
    ]


def memory_check(fault: Fault | None) -> list[str]:
    """The lines at the end that count the memory, if it is what an engine took too much of."""
    if fault is None or fault.limit is None or fault.is_hang:
        return []
    return [
        f"taken = {_PEAK} - before",
        'taken *= 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere',
        f'assert taken <= {fault.limit}, f"it took {{taken}} bytes, and may take {fault.limit}"',
    ]


def limit_options(fault: Fault | None) -> list[str]:
    """The limit as an option of gradcheck's commands, where an engine went beyond one.

    >>> limit_options(Fault("forward", "HangError", "no end", limit=1.02))
    ['--case-timeout', '1.02s']
    """
    if fault is None or fault.limit is None:
        return []
    if fault.is_hang:
        return ["--case-timeout", f"{_seconds(fault.limit)}s"]
    return ["--memory-limit", str(fault.limit)]


def _seconds(limit: float) -> float:
    """Seconds as one writes them down; none at all would set no limit."""
    return max(round(limit, 3), 0.001)
