"""A case file holds what was found, whatever it is, and is believed in nothing."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from gradcheck import Case, check, load_engine, parse
from gradcheck.expression import Expression, Input
from gradcheck.findings.case_file import case_file
from gradcheck.findings.finding import Finding
from gradcheck.findings.json_file import LARGEST
from gradcheck.findings.reading import CaseFileError, read_finding
from gradcheck.findings.sighting import Sighting, now
from gradcheck.findings.store import save
from gradcheck.report import report_on
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
    assert saved.smallest.case == case
    assert saved.smallest.report == report_on(found.verdict)
    assert (saved.engine, saved.seen) == (found.verdict.engine, (found.seen,))


@pytest.mark.parametrize("engine", ["ReturnsNan", "NoGradient", "RaisesForward"])
def test_numbers_that_json_has_no_word_for_are_read_again(tmp_path, engine):
    found = finding(Case(parse("a*b"), (2.0, 3.0)), f"{ENGINES / 'misbehaving.py'}:{engine}")
    # A NaN is equal to nothing, so the texts are compared.
    assert repr(as_read(tmp_path, found).smallest.report) == repr(report_on(found.verdict))


def test_the_limit_of_a_hang_is_read_again_and_older_files_have_none(tmp_path):
    found = finding(
        Case(parse("a*a"), (0.0,)), load_engine("engine.broken:hangs_on_square", seconds=0.05)
    )
    limit = found.verdict.run.fault.limit
    assert limit is not None
    assert as_read(tmp_path, found).smallest.report.limit == limit
    content = json.loads((tmp_path / "case.json").read_text())
    del content["verdict"]["limit"]
    saved = read_finding(written(tmp_path, json.dumps(content)))
    assert saved.smallest.report == replace(report_on(found.verdict), limit=None)


def test_a_name_of_an_input_is_only_text(tmp_path):
    name = '<script>"\\\n\u2028{}' + "x" * 10_000
    found = finding(Case(Expression((Input(name),)), (2.0,)))
    assert as_read(tmp_path, found).smallest.case.expression.inputs == (name,)


def changed(**changes):
    content = json.loads(case_file(SQUARE, seen_before=()))
    return json.dumps({**content, **changes})


def with_case(**changes):
    content = json.loads(case_file(SQUARE, seen_before=()))
    return changed(case={**content["case"], **changes})


TEXT = case_file(SQUARE, seen_before=())

UNREADABLE = {
    "nothing": ("", "not whole, or not JSON"),
    "half of a case": (TEXT[: len(TEXT) // 2], "not whole, or not JSON"),
    "a newer format": (changed(format=2), "it has format 2, this gradcheck reads 1"),
    "no format": (changed(format=None), "a finding is expected"),
    "a list": ("[]", "a finding is expected where it has []"),
    "NaN": (TEXT.replace('"times": 3', '"times": NaN'), "NaN is not a number that JSON has"),
    "nan as text": (with_case(point={"a": "nan"}), "not a finite number"),
    "infinity": (with_case(point={"a": "inf"}), "not a finite number"),
    "a number too large": (with_case(point={"a": "0x1p5000"}), "too large"),
    "a decimal text": (with_case(point={"a": "zero"}), "hexadecimal"),
    "a number for a text": (with_case(point={"a": 3.0}), "a text is expected where it has 3.0"),
    "a point for other inputs": (with_case(point={"b": "0x1p0"}), "not for its inputs"),
    "an unknown operation": (
        with_case(nodes=[{"operation": "__import__", "operands": [0]}]),
        "no operation '__import__'",
    ),
    "a node that uses a later one": (
        with_case(nodes=[{"input": "a"}, {"operation": "tanh", "operands": [5]}]),
        "uses only earlier ones",
    ),
    "a negative operand": (
        with_case(nodes=[{"input": "a"}, {"operation": "tanh", "operands": [-1]}]),
        "a whole number is expected where it has -1",
    ),
    "an output that is not there": (with_case(output=9), "the output is node 9"),
    "a yes for a number": (
        changed(seen=[{"began": "2026-01-01", "last": "2026-01-01"}]),
        "a sight",
    ),
    "an unknown cause": (TEXT.replace('"lost-contribution"', '"magic"'), "'magic' is not a valid"),
    "half of a surrogate pair": (TEXT.replace('"a*a"', '"\\ud800"'), "surrogates not allowed"),
    "a yes for a format": (changed(format=True), "a number for its format is expected"),
    "a number of 5,000 digits": (
        TEXT.replace('"times": 3', f'"times": {"9" * 5000}'),
        "5000 digits",
    ),
    "deep nesting": ("[" * 100_000, "nested too deeply"),
    "not text": ("\udcff", "utf-8"),
}


@pytest.mark.parametrize(("text", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_case_is_refused_in_one_line_with_the_reason(tmp_path, text, reason):
    path = tmp_path / "case.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(CaseFileError) as caught:
        read_finding(path)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_large_is_not_even_read(tmp_path):
    path = tmp_path / "case.json"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(CaseFileError, match=f"104,857,600 bytes, and {LARGEST:,} are the most"):
        read_finding(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CaseFileError, match="there is no"):
        read_finding(tmp_path)


def test_a_link_that_leads_out_of_its_folder_is_not_followed(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "finding").mkdir()
    (tmp_path / "finding" / "case.json").symlink_to(written(tmp_path / "outside", TEXT))
    with pytest.raises(CaseFileError, match="leads out of its folder"):
        read_finding(tmp_path / "finding")
    assert read_finding(tmp_path / "outside").engine == SQUARE.verdict.engine


def test_what_earlier_runs_saw_is_kept_and_the_same_run_counts_once(tmp_path):
    later = replace(SQUARE.seen, began=now().replace(year=2100), times=4)
    folder = save(SQUARE, tmp_path)
    for _ in range(2):
        save(replace(SQUARE, seen=later), tmp_path)
    assert read_finding(folder).seen == (SQUARE.seen, later)
    assert read_finding(folder).times == 7


def test_a_file_that_cannot_be_read_is_written_anew(tmp_path):
    folder = save(SQUARE, tmp_path)
    written(folder, "no case")
    save(SQUARE, tmp_path)
    assert read_finding(folder).seen == (SQUARE.seen,)


def test_no_number_of_a_case_is_rounded(tmp_path):
    point = (math.nextafter(0.1, 1.0), 5e-324)
    assert as_read(tmp_path, finding(Case(parse("a*b"), point))).smallest.case.point == point
