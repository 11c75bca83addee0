"""A run whose process was started to ignore Ctrl-C, as a script's background job is."""

import json
import signal
import subprocess

from helpers.limits import SECONDS
from helpers.processes import running_python

IGNORES_CTRL_C = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, "-m", "gradcheck", *sys.argv[1:]])
"""


def test_sigterm_stops_it_with_all_saved(tmp_path):
    engine = ("--engine", "engine.broken:counts_square_once")
    with running_python(
        *("-c", IGNORES_CTRL_C, "fuzz", *engine, "--time", "10m", "--format", "json"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
    ) as run:
        while json.loads(run.stdout.readline())["event"] != "finding":
            pass
        run.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGTERM)
        *_, last = run.communicate(timeout=SECONDS)[0].splitlines()
    assert run.returncode == 130
    assert json.loads(last)["interrupted"] is True
    assert json.loads((tmp_path / "reports" / "stats.json").read_text())["status"] == "interrupted"
