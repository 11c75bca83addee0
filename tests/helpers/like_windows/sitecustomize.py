"""Take away from Python what Windows lacks: fork, POSIX timers and their kin.

Python imports this at its start, in child processes too, if its folder is in ``PYTHONPATH``.
"""

import multiprocessing
import multiprocessing.context
import os
import signal
import subprocess  # noqa: F401 - it takes what it needs before that is gone
import sys

import psutil  # noqa: F401 - likewise

for module, names in {
    os: ("fork", "killpg", "setsid", "waitid"),
    signal: ("alarm", "getitimer", "setitimer", "SIGALRM"),
}.items():
    for name in names:
        delattr(module, name)
for method in ("fork", "forkserver"):
    del multiprocessing.context._concrete_contexts[method]
spawn = multiprocessing.get_context("spawn")
multiprocessing.context._default_context._default_context = spawn
multiprocessing.get_all_start_methods = lambda: ["spawn"]
sys.modules["resource"] = None
