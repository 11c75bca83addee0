"""Processes that tests start. None outlives its limit, which only what hangs comes to."""

import os
import subprocess
import sys

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
