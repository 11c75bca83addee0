"""An operation whose row contradicts itself is the user's mistake: one line, and no traceback."""

from pathlib import Path

import pytest

ENGINE = f"{Path(__file__).parents[1] / 'engines' / 'own_rows.py'}:Value"


@pytest.mark.parametrize("operation", ["wave", "plain_wave"])
def test_a_row_that_is_right_is_accepted(command_line, operation):
    result = command_line("check", f"{operation}(a)", "a=2", "--engine", ENGINE)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (
            "near_wave",
            "Error: operation near_wave: its row contradicts itself at 0.75: partial 1 is 0.71875, "
            "and the derivative of the definition 0.7316888688738209; correct `partials`, or leave "
            "them out\n",
        ),
        (
            "twice_wave",
            "Error: operation twice_wave: its row has 2 partials for 1 operands; return one "
            "formula for each operand that is no parameter\n",
        ),
    ],
)
def test_a_row_that_is_wrong_is_one_line(command_line, operation, message):
    result = command_line("check", f"{operation}(a)", "a=2", "--engine", ENGINE)
    assert (result.returncode, result.stderr) == (2, message)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_long_run_ends_with_the_same_line(command_line, workers):
    words = ("--ops", "near_wave", "--examples", "50", "--seed", "1", "--workers", workers)
    result = command_line("fuzz", "--engine", ENGINE, *words)
    assert result.returncode == 2
    assert result.stderr.startswith("Error: operation near_wave: its row contradicts itself at ")
    assert result.stderr.count("\n") == 1
