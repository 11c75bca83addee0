"""The table of a report fits its terminal: side by side, or one number below the other."""

import io

import pytest
from rich.console import Console

from gradcheck import Case, check, parse
from gradcheck.table import Prose, plain, render

VERDICT = check(Case(parse("tanh(a*b + c)"), (2.0, -3.0, 10.0)), "engine:Value")


def shown(what, width):
    console = Console(file=io.StringIO(), width=width, soft_wrap=True)
    console.print(what)
    return console.file.getvalue().splitlines()


def test_a_table_that_fits_is_a_table():
    assert any(
        "backprop" in line and "verdict" in line for line in shown(render(VERDICT.report), 160)
    )


@pytest.mark.parametrize("width", [60, 80])
def test_a_table_that_does_not_fit_is_stacked_and_no_line_is_too_long(width):
    lines = shown(render(VERDICT.report), width)
    assert "value: correct" in lines
    assert max(map(len, lines)) <= width
    for row in VERDICT.report.rows:
        assert any(line.endswith(f" {row.backprop!r}") for line in lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("  one two three", ["  one two", "three"]),
        ("much_too_long_a_word one", ["much_too_long_a_word", "one"]),
        ("  much_too_long_a_word", ["  much_too_long_a_word"]),
        ("one\n\ntwo", ["one", "", "two"]),
    ],
)
def test_a_text_is_wrapped_between_words_and_no_word_is_broken(text, lines):
    assert shown(Prose(plain(text)), 9) == lines
