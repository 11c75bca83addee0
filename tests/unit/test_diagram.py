"""The diagram of a verdict: what it shows, and that it is the same every time."""

import math
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from flint import arb

from gradcheck import Case, check, load_engine, parse
from gradcheck.comparison import Comparison
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.expression import Apply, Expression, Input
from gradcheck.findings.diagram import palette
from gradcheck.findings.diagram.dot import as_dot
from gradcheck.findings.diagram.mermaid import as_mermaid
from gradcheck.findings.diagram.picture import LARGEST, picture_of
from gradcheck.findings.diagram.rendering import DrawingError, render
from gradcheck.findings.diagram.text import correct_bits
from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.findings.gallery.page import write_gallery
from gradcheck.findings.store import save
from gradcheck.operations import OPERATIONS
from gradcheck.oracles.certificate import Certified

ENGINES = Path(__file__).parents[1] / "engines"
HOSTILE = '<b>"\\n{|}&amp;\0\u2028]]>' + "x" * 10_000


def verdict(engine, formula, *point):
    return check(Case(parse(formula), point), engine)


def boxes(engine, formula, *point):
    return {box.title: box for box in picture_of(verdict(engine, formula, *point)).boxes}


def headline(engine, formula, *point):
    return picture_of(verdict(engine, formula, *point)).headline


def source(engine, formula, *point):
    return as_dot(picture_of(verdict(engine, formula, *point))).source


def lines_with(text, word):
    return [line for line in text.splitlines() if word in line]


def hostile():
    expression = Expression((Input(HOSTILE), Apply(OPERATIONS["*"], (0, 0))))
    return picture_of(check(Case(expression, (0.5,)), "engine.broken:overwrites_gradient"))


def chain(length, engine="engine:Value"):
    nodes = [Input("a"), *(Apply(OPERATIONS["tanh"], (i,)) for i in range(length))]
    return picture_of(check(Case(Expression(tuple(nodes)), (0.5,)), engine))


def test_the_headline_says_what_is_wrong_what_is_to_blame_and_what_was_computed():
    assert headline("engine.broken:overwrites_in_product", "a*a", 3.0) == (
        "Gradient of a is 3, should be 6",
        "At fault is *: a contribution is lost",
        "a*a",
        "engine.broken:overwrites_in_product at a = 3.0",
    )


@pytest.mark.parametrize(
    ("engine", "formula", "point", "says"),
    [
        ("engine:Value", "a*a", (3.0,), "Correct: proved, every"),
        ("engine:Value", "s = a*a; s + s*-1", (1e200,), "Undecided: an intermediate result"),
        ("engine.broken:clips_tanh", "tanh(a)", (3.0,), "Value is 0.99, should be 0.9951"),
        ("engine.broken:forgets_gradient", "tanh(a)", (0.0,), "No gradient of a, should be 1"),
        ("engine.broken:tanh_overflows", "tanh(a)", (400.0,), "Crash: OverflowError: math range"),
        ("engine.broken:off_by_a_trillionth", "tanh(a)", (0.0,), "correct to 39 of 53 bits"),
        (
            f"{ENGINES}/misbehaving.py:MutatesInputs",
            "a*b",
            (2.0, 3.0),
            "Input a was changed, input b",
        ),
        (f"{ENGINES}/misbehaving.py:ReturnsNan", "a*b", (2.0, 3.0), "Gradient of a is nan"),
        (
            f"{ENGINES}/wrong_off_the_grid.py:Value",
            "a*b",
            (1.0, 1.0),
            "Slope with respect to a is 6",
        ),
        ("engine.broken:sign_in_sum", "a + b + c*d", (1.0, 1.0, 1.0, 1.0), ", and 1 more"),
    ],
)
def test_each_kind_of_wrong_number_is_put_into_words(engine, formula, point, says):
    assert says in headline(engine, formula, *point)[0]


def test_a_wrong_number_stands_above_the_truth():
    box = boxes("engine.broken:overwrites_gradient", "a*a", 3.0)["a = 3"]
    assert box.lines == ("gradient 3 WRONG", "true 6")
    assert box.is_wrong


def test_a_slightly_wrong_number_says_how_many_bits_are_correct():
    box = boxes("engine.broken:off_by_a_trillionth", "tanh(a)", 0.0)["a = 0"]
    assert box.lines == ("gradient 1 WRONG", "correct to 39 of 53 bits")
    assert "gradient 1.000000000001 (true 1.0, allowed error 2.6" in box.details


def test_no_line_has_seventeen_digits():
    drawn = picture_of(verdict("engine.broken:overwrites_in_sum", "tanh(a) + a", 1 / 3))
    assert not any(re.search(r"\d{7}", line) for box in drawn.boxes for line in box.lines)


def test_the_operation_to_blame_says_so_and_the_arrow_of_the_wrong_operand_is_thick():
    drawn = source("engine.broken:sign_in_product", "a*b", 1.0, 2.0)
    [blamed] = lines_with(drawn, ">TO BLAME<")
    assert "penwidth=3" in blamed
    assert "penwidth=3" in lines_with(drawn, "n1 -> n2")[0]
    assert "penwidth" not in lines_with(drawn, "n0 -> n2")[0]


def test_a_candidate_is_only_perhaps_to_blame():
    engine = EngineWithoutNodes(load_engine(f"{ENGINES}/loses_what_meets.py:Value"))
    drawn = picture_of(verdict(engine, "a*2 + tanh(a)", 0.5))
    assert any("PERHAPS TO BLAME" in box.lines for box in drawn.boxes)
    assert not any("TO BLAME" in box.lines for box in drawn.boxes)


def test_where_the_engine_as_a_whole_is_at_fault_no_operation_is_marked():
    drawn = picture_of(verdict("engine.broken:overwrites_gradient", "a*a", 3.0))
    assert not drawn.has_blamed
    assert "the engine as a whole" in drawn.headline[1]


def test_a_right_engine_has_nothing_marked_and_no_legend():
    drawn = source("engine:Value", "a*a", 3.0)
    for mark in ("WRONG", "BLAME", "peripheries=2", "a number is wrong", "penwidth=3"):
        assert mark not in drawn


def test_an_unused_input_shows_a_gradient_that_should_be_zero():
    nodes = (Input("a"), Input("b"), Apply(OPERATIONS["tanh"], (0,)))
    drawn = picture_of(check(Case(Expression(nodes), (1.0, 2.0)), "engine.broken:starts_at_one"))
    assert drawn.boxes[1].lines == ("gradient 1 WRONG", "true 0")


def test_a_crash_still_shows_the_truth():
    box = boxes(f"{ENGINES}/misbehaving.py:RaisesForward", "a*b", 2.0, 3.0)["*"]
    assert "true value 6" in box.lines
    assert "TO BLAME" in box.lines


def test_a_large_graph_is_drawn_around_its_output_and_inputs():
    drawn = chain(300)
    assert (len(drawn.boxes), drawn.hidden_nodes) == (LARGEST, 301 - LARGEST)
    assert drawn.boxes[-1].position == 300
    assert [box.position for box in drawn.boxes if box.has_hidden_operands] == [
        300 - LARGEST // 2 + 1
    ]
    assert "241 more nodes are not shown" in as_dot(drawn).source


def test_a_large_graph_is_drawn_around_the_blame():
    nodes = [Input("a"), Input("b"), Apply(OPERATIONS["*"], (0, 1))]
    nodes += [Apply(OPERATIONS["tanh"], (i + 2,)) for i in range(300)]
    case = Case(Expression(tuple(nodes)), (0.5, 0.25))
    drawn = picture_of(check(case, "engine.broken:sign_in_product"))
    assert drawn.has_blamed
    assert [box.position for box in drawn.boxes] == list(range(LARGEST))


def test_names_special_to_graphviz_are_only_text():
    tree = ET.fromstring(render(as_dot(hostile()).source, "svg"))
    texts = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert any(text.startswith('<b>"\\n{|}&amp;\ufffd\ufffd]]>xxx') for text in texts)
    assert all(len(text) < 200 for text in texts)
    assert not list(tree.iter("{http://www.w3.org/2000/svg}b"))


def test_names_special_to_mermaid_are_only_text():
    nodes = lines_with(as_mermaid(hostile()), "n0[")
    assert len(nodes) == 1
    text = nodes[0].partition('["')[2].rpartition('"]')[0].replace("<br/>", "")
    assert not set(text) & set('<>{}|\\"&')


def test_a_diagram_is_rendered_by_the_extra_alone(monkeypatch):
    monkeypatch.setenv("PATH", "")
    drawn = source("engine:Value", "a*a", 3.0)
    assert ET.fromstring(render(drawn, "svg")).tag.endswith("svg")
    assert render(drawn, "png").startswith(b"\x89PNG")


@pytest.fixture
def _without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.mark.usefixtures("_without_the_extra")
def test_without_anything_that_draws_the_message_names_the_extra(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DrawingError, match=r"pip install 'gradcheck\[draw\]'"):
        render(source("engine:Value", "a*a", 3.0), "svg")


@pytest.mark.usefixtures("_without_the_extra")
def test_without_the_extra_an_installed_graphviz_draws(monkeypatch, tmp_path):
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho \"<svg><g id='$1'>\"; /bin/cat")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    drawn = source("engine:Value", "a*a", 3.0)
    svg = render(drawn, "svg").decode()
    assert "<g id='-Tsvg'>" in svg
    assert drawn in svg
    assert "prefers-color-scheme: dark" in svg


@pytest.mark.usefixtures("_without_the_extra")
def test_a_graphviz_that_fails_is_named(monkeypatch, tmp_path):
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nexit 3")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DrawingError, match=f"{program} draws no svg.*exit status 3"):
        render(source("engine:Value", "a*a", 3.0), "svg")


@pytest.mark.usefixtures("_without_the_extra")
def test_a_finding_is_saved_without_its_picture_and_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "")
    bug = verdict("engine.broken:sign_in_product", "a*b", 2.0, 3.0)
    seen = Sighting(began=now(), last=now(), times=1, seed=1)
    folder = save(Finding(bug, worst=bug, seen=seen, cases=1), tmp_path)
    assert {file.name for file in folder.glob("graph.*")} == {"graph.gv", "graph.mmd"}
    assert "gradcheck[draw]" in (folder / "README.md").read_text()
    assert "graph.svg" not in (folder / "README.md").read_text()
    page = write_gallery(tmp_path).read_text()
    assert "graph.svg does not exist; pictures are drawn by Graphviz" in " ".join(page.split())


def rectangles_of_nodes(svg):
    """For each node of an SVG the corners of its outline."""
    namespace = "{http://www.w3.org/2000/svg}"
    for group in svg.iter(f"{namespace}g"):
        if group.get("class") == "node":
            numbers = " ".join(
                element.get("points") or element.get("d") or ""
                for element in group.iter()
                if element.tag in (f"{namespace}polygon", f"{namespace}path")
            )
            pairs = [tuple(map(float, p)) for p in re.findall(r"(-?[\d.]+),(-?[\d.]+)", numbers)]
            if pairs:
                xs, ys = zip(*pairs, strict=True)
                yield min(xs), max(xs), min(ys), max(ys)


@pytest.mark.parametrize("length", [3, 300])
def test_no_two_boxes_overlap(length):
    svg = ET.fromstring(render(as_dot(chain(length)).source, "svg"))
    rectangles = list(rectangles_of_nodes(svg))
    assert len(rectangles) == min(length + 1, LARGEST)
    for number, (left, right, low, high) in enumerate(rectangles):
        for other_left, other_right, other_low, other_high in rectangles[:number]:
            beside = right < other_left or other_right < left
            assert beside or high < other_low or other_high < low


def contrast(one, other):
    """The ratio of WCAG 2: from 1 to 21, and 4.5 is enough for text."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(a * b for a, b in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_colour_has_contrast_on_white_and_its_counterpart_on_dark():
    for light, dark in palette.ON_DARK.items():
        assert contrast(light, "#ffffff") >= 4.5
        assert contrast(dark, palette.DARK_BACKGROUND) >= 4.5
    assert contrast("#ffff00", "#ffffff") < 4.5


GOLDEN = Path(__file__).parents[1] / "golden"

PICTURES = {
    "square": ("engine.broken:overwrites_in_product", "a*a", 3.0),
    "neuron": ("engine:Value", "tanh(x1*w1 + x2*w2 + b)", 2.0, -3.0, 0.0, 1.0, 6.875),
    "precision": ("engine.broken:off_by_a_millionth", "tanh(a*b + c*2.0) + a", 0.5, -0.25, 0.125),
    "crash": ("engine.broken:tanh_overflows", "tanh(a*a) + b", 20.0, 1.0),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_text_of_a_picture_is_that_of_the_golden_file(name):
    # Where a change is meant: check … --diagram tests/golden/NAME.gv, and .mmd, and look at them.
    picture = picture_of(verdict(*PICTURES[name]))
    assert as_dot(picture).source == (GOLDEN / f"{name}.gv").read_text()
    assert as_mermaid(picture) == (GOLDEN / f"{name}.mmd").read_text()


@pytest.mark.parametrize(
    ("returned", "bits"), [(1.0 + 2.0**-20, 20), (2.0, 0), (5.0, 0), (math.inf, 0)]
)
def test_correct_bits_are_counted(returned, bits):
    assert correct_bits(Comparison(returned, Certified(arb(1), arb(1)))) == bits
