"""The comparison with other checkers runs, whichever of them are installed."""

import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "detection.py"


def test_the_smallest_comparison_runs_and_gradcheck_gives_no_false_alarm(tmp_path):
    result = subprocess.run(
        [sys.executable, BENCHMARK, "--cases", "4"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(" | ") for line in result.stdout.splitlines() if line.startswith("| ")]
    [heading] = [row for row in rows if row[0] == "| family"]
    [alarms] = [row for row in rows if row[0] == "| false alarms"]
    assert heading[2].startswith("gradcheck")
    assert alarms[2].startswith("0.0%")
