"""The diagram of a verdict: what it shows, and that it is the same every time."""

import xml.etree.ElementTree as ET
from pathlib import Path

from gradcheck import Case, check, parse
from gradcheck.expression import Apply, Expression, Input
from gradcheck.findings.diagram import LARGEST, draw, render
from gradcheck.operations import OPERATIONS

ENGINES = Path(__file__).parents[1] / "engines"


def source(engine, formula, *point):
    return draw(check(Case(parse(formula), point), engine)).source


def lines_with(text, word):
    return [line for line in text.splitlines() if word in line]


def test_a_square_has_two_edges():
    assert len(lines_with(source("engine:Value", "a*a", 3.0), "n0 -> n1")) == 2


def test_the_same_case_gives_the_same_text():
    assert source("engine:Value", "a*b + 1", 2.0, 3.0) == source(
        "engine:Value", "a*b + 1", 2.0, 3.0
    )


def test_a_wrong_number_stands_beside_the_truth_and_the_operation_to_blame_stands_out():
    drawn = source("engine.broken:overwrites_gradient", "a*a", 3.0)
    [wrong] = lines_with(drawn, "WRONG,")
    assert "gradient 3 WRONG, true 6" in wrong
    assert "peripheries=2" in wrong
    [blamed] = lines_with(drawn, "TO BLAME")
    assert "penwidth=3" in blamed


def test_a_right_engine_has_nothing_marked():
    drawn = source("engine:Value", "a*a", 3.0)
    assert "WRONG" not in drawn
    assert "BLAME" not in drawn
    assert "peripheries=2" not in drawn


def test_numbers_that_differ_late_are_written_out_until_they_do():
    drawn = source("engine.broken:off_by_a_trillionth", "tanh(a)", 0.0)
    assert "gradient 1.000000000001 WRONG, true 1" in drawn


def test_a_crash_still_shows_the_truth():
    drawn = source(f"{ENGINES / 'misbehaving'}.py:RaisesForward", "a*b", 2.0, 3.0)
    assert "true value 6" in drawn
    assert "RuntimeError" in drawn


def test_of_a_large_graph_what_surrounds_the_output_is_drawn():
    nodes = [Input("a"), *(Apply(OPERATIONS["tanh"], (i,)) for i in range(300))]
    drawn = draw(check(Case(Expression(tuple(nodes)), (0.5,)), "engine:Value")).source
    assert len(lines_with(drawn, '[label="tanh')) <= LARGEST
    assert f"({301 - LARGEST} more nodes)" in drawn
    assert "n300 " in drawn


def test_names_that_mean_something_to_graphviz_are_only_text():
    hostile = Expression((Input('<b>"\\n{|}'), Apply(OPERATIONS["tanh"], (0,))))
    drawn = draw(check(Case(hostile, (0.5,)), "engine:Value")).source
    ET.fromstring(render(drawn, "svg"))


def test_it_renders_without_a_graphviz_installation(monkeypatch):
    monkeypatch.setenv("PATH", "")
    drawn = source("engine:Value", "a*a", 3.0)
    assert ET.fromstring(render(drawn, "svg")).tag.endswith("svg")
    assert render(drawn, "png").startswith(b"\x89PNG")
