"""The comparison with other checkers runs, whichever of them are installed."""

from pathlib import Path

from helpers.processes import output_of_python

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "detection.py"


def test_the_smallest_comparison_runs_and_gradcheck_gives_no_false_alarm(tmp_path):
    table = output_of_python(BENCHMARK, "--cases", "1", folder=tmp_path)
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
    [heading] = [row for row in rows if row[0] == "| family"]
    [alarms] = [row for row in rows if row[0] == "| false alarms"]
    assert heading[2].startswith("gradcheck")
    assert alarms[2].startswith("0.0%")


def test_the_smallest_comparison_of_arrays_finds_the_bug_and_gives_no_false_alarm(tmp_path):
    words = ("--cases", "20", "--bugs", "matmul without upstream")
    table = output_of_python(BENCHMARK.with_name("array_detection.py"), *words, folder=tmp_path)
    rows = {line.split(" | ")[0]: line.split(" | ") for line in table.splitlines()}
    assert rows["| accepted with a bug"][2].startswith("0.0%")
    assert rows["| false alarms"][2].startswith("0.0%")
