"""Diagrams of array cases: tables of small arrays, and maps of the errors in larger ones."""

import numpy as np
import pytest

from gradcheck import array_case, check
from gradcheck.findings.diagram.array_picture import picture_of_arrays
from gradcheck.findings.diagram.dot import as_dot
from gradcheck.findings.diagram.mermaid import as_mermaid
from gradcheck.findings.diagram.palette import DARK_FOREGROUND, FAR_OFF, FILLS_ON_DARK, OFF
from gradcheck.findings.diagram.picture import Error
from gradcheck.findings.diagram.rendering import render
from gradcheck.selftest.array_zoo import planted_array_bugs

SMALL = array_case("x[[0, 0, 1]] * y", x=[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], y=2.0)
LARGE = array_case("tanh(x)", x=(np.arange(20.0).reshape(4, 5) / 50.0).tolist())


def picture(name, case):
    [bug] = planted_array_bugs(name)
    verdict = check(case, bug.engine)
    assert verdict.is_finding
    return picture_of_arrays(verdict)


def test_the_wrong_elements_of_a_small_array_stand_beside_the_true_ones():
    x, y, *_ = picture("a repeated index is written over", SMALL).boxes
    [[first, second], [third, _], _] = x.grids[1].rows
    assert (first.text, first.error) == ("2 ≠ 4", Error.FAR_OFF)
    assert (second.text, third.text, third.error) == ("2 ≠ 4", "2", Error.NONE)
    assert (x.is_wrong, y.is_wrong) == (True, False)
    assert y.grids[1].rows[0][0].text == "13"


def test_a_larger_array_is_a_map_of_the_errors_with_marks():
    [x, tanh] = picture("the derivative of tanh", LARGE).boxes
    [grid] = x.grids
    marks = "".join(cell.text for row in grid.rows for cell in row)
    assert (grid.is_map, len(marks), set(marks)) == (True, 20, {"·", "x", "X"})
    assert marks[0] == "·"  # at 0 both derivatives are 1
    assert grid.title == f"gradient: {20 - marks.count('·')} of 20 WRONG"
    assert (tanh.blame, tanh.grids) == ("TO BLAME", ())


def test_of_a_very_large_array_the_first_rows_and_columns_are_shown():
    case = array_case("tanh(x)", x=np.full((20, 30), 0.5).tolist())
    [grid] = picture("the derivative of tanh", case).boxes[0].grids
    assert (len(grid.rows), len(grid.rows[0])) == (17, 25)
    assert grid.rows[0][-1].text == grid.rows[-1][0].text == "…"


@pytest.mark.parametrize("case", [SMALL, LARGE], ids=["small", "large"])
def test_the_picture_is_drawn_with_its_text_and_in_mermaid(case):
    name = "a repeated index is written over" if case is SMALL else "the derivative of tanh"
    drawn = picture(name, case)
    svg = render(as_dot(drawn).source, "svg").decode()
    assert "WRONG" in svg
    assert FAR_OFF in svg
    assert ("no digit right" in svg) is (case is LARGE)
    assert "WRONG" in as_mermaid(drawn)


def luminance(colour):
    channels = (int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_can_be_read_on_every_background():
    pairs = [("#000000", OFF), ("#000000", FAR_OFF)]
    pairs += [(DARK_FOREGROUND, fill) for fill in FILLS_ON_DARK.values()]
    for text, fill in pairs:
        dark, light = sorted((luminance(text), luminance(fill)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5
