"""Processes that tests start. None outlives its limit, which only what hangs comes to."""

import contextlib
import os
import subprocess
import sys
import threading

from helpers.limits import SECONDS


def run_python(*words, folder=None, **environment):
    """Run this Python in a folder, and return its exit code and what it wrote."""
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def output_of_python(*words, **options):
    """Run this Python, which has to succeed, and return what it wrote to standard output."""
    result = run_python(*words, **options)
    assert result.returncode == 0, result.stderr
    return result.stdout


@contextlib.contextmanager
def running_python(*words, **options):
    """Start this Python, and kill it at the end of the block if it still runs."""
    with subprocess.Popen([sys.executable, *map(str, words)], text=True, **options) as process:
        limit = threading.Timer(SECONDS, process.kill)
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            process.kill()
