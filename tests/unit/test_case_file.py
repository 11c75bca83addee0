"""A case file holds every kind of finding."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from gradcheck import Case, Operation, check, load_engine, parse, register_operation
from gradcheck.engine import Value
from gradcheck.expression import Backward, Build, Expression, Input, Repeat, Reset, ZeroGrad
from gradcheck.findings.case_file import case_file, read_finding
from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.findings.store import save
from gradcheck.operations import OPERATIONS
from gradcheck.strategies import cases

ENGINES = Path(__file__).parents[1] / "engines"


def finding(case, engine="engine.broken:overwrites_gradient"):
    verdict = check(case, engine)
    return Finding(verdict, worst=verdict, seen=Sighting(now(), now(), times=3, seed=7), cases=5)


SQUARE = finding(Case(parse("a*a"), (3.0,)))


def written(folder, text):
    path = folder / "case.json"
    path.write_text(text)
    return path


def as_read(folder, found):
    return read_finding(written(folder, case_file(found, seen_before=())))


@given(case=cases())
def test_what_is_written_is_read_again(tmp_path_factory, case):
    found = finding(case)
    saved = as_read(tmp_path_factory.mktemp("case"), found)
    assert saved.smallest.case == found.verdict.case
    # A NaN is equal to nothing, so the texts are compared.
    assert repr(saved.smallest) == repr(found.verdict.report)
    assert (saved.engine, saved.seen) == (found.verdict.engine, (found.seen,))


@pytest.mark.parametrize("engine", ["ReturnsNan", "NoGradient", "RaisesForward"])
def test_numbers_that_json_lacks_are_read_again(tmp_path, engine):
    found = finding(Case(parse("a*b"), (2.0, 3.0)), f"{ENGINES / 'misbehaving.py'}:{engine}")
    assert repr(as_read(tmp_path, found).smallest) == repr(found.verdict.report)


def test_the_limit_of_a_hang_is_read_again_and_older_files_have_none(tmp_path):
    found = finding(
        Case(parse("a*a"), (0.0,)), load_engine("engine.broken:hangs_on_square", seconds=0.05)
    )
    limit = found.verdict.run.fault.limit
    assert limit is not None
    assert as_read(tmp_path, found).smallest.limit == limit
    content = json.loads((tmp_path / "case.json").read_text())
    del content["verdict"]["limit"]
    saved = read_finding(written(tmp_path, json.dumps(content)))
    assert saved.smallest == replace(found.verdict.report, limit=None)


def test_the_steps_of_a_case_are_read_again(tmp_path):
    expression, other = parse("a*b"), parse("a + b*0.1")
    steps = (Backward(2), ZeroGrad(Reset.OUTPUT), Build(other), Backward(4), Repeat(12))
    case = Case(expression, (2.0, 3.0), steps)
    saved = as_read(tmp_path, finding(case, "engine:Value"))
    assert saved.smallest.case == case
    [_, zero_grad, build, *_] = json.loads((tmp_path / "case.json").read_text())["case"]["steps"]
    assert zero_grad == {"zero_grad": "output"}
    assert build["build"].keys() == {"nodes", "output"}


class Cubes(Value):
    def cube(self):
        return self * self * self


def test_operations_of_ones_own_are_saved_with_their_places_and_others_are_not(tmp_path):
    assert "operations" not in json.loads(case_file(SQUARE, seen_before=()))
    own = register_operation(Operation("cube", definition=lambda x: x**3))
    try:
        text = case_file(finding(Case(parse("cube(a)*a"), (2.0,)), Cubes), seen_before=())
        assert json.loads(text)["operations"] == {"cube": None}
    finally:
        del OPERATIONS["cube"]
    saved = read_finding(written(tmp_path, text))
    assert saved.unregistered == ["cube"]
    assert saved.smallest.formula == "cube(a)*a"
    assert own not in saved.smallest.case.operations


def test_a_name_of_an_input_is_only_text(tmp_path):
    name = '<script>"\\\n\u2028{}' + "x" * 10_000
    found = finding(Case(Expression((Input(name),)), (2.0,)))
    assert as_read(tmp_path, found).smallest.case.expression.inputs == (name,)


def test_sightings_of_earlier_runs_are_kept_and_the_same_run_counts_once(tmp_path):
    later = replace(SQUARE.seen, began=now().replace(year=2100), times=4)
    folder = save(SQUARE, tmp_path)
    for _ in range(2):
        save(replace(SQUARE, seen=later), tmp_path)
    assert read_finding(folder).seen == (SQUARE.seen, later)
    assert read_finding(folder).times == 7


def test_an_unreadable_file_is_replaced(tmp_path):
    folder = save(SQUARE, tmp_path)
    written(folder, "no case")
    save(SQUARE, tmp_path)
    assert read_finding(folder).seen == (SQUARE.seen,)


def test_no_number_of_a_case_is_rounded(tmp_path):
    point = (math.nextafter(0.1, 1.0), 5e-324)
    assert as_read(tmp_path, finding(Case(parse("a*b"), point))).smallest.case.point == point
