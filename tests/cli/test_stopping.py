"""A run whose process was started to ignore Ctrl-C, as a script's background job is."""

import json
import signal

IGNORES_CTRL_C = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, "-m", "gradcheck", *sys.argv[1:]])
"""


def test_sigterm_stops_it_with_all_saved(start, tmp_path):
    words = ("--engine", "engine.broken:counts_square_once", "--time", "10m", "--format", "json")
    run = start("fuzz", *words, program=("-c", IGNORES_CTRL_C))
    while json.loads(run.stdout.readline())["event"] != "finding":
        pass
    run.send_signal(signal.SIGINT)
    run.send_signal(signal.SIGTERM)
    *_, last = run.communicate()[0].splitlines()
    assert run.returncode == 130
    assert json.loads(last)["interrupted"] is True
    assert json.loads((tmp_path / "reports" / "stats.json").read_text())["status"] == "interrupted"
