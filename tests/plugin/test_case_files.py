"""Committed cases: collected as tests, run first, judged by the right engine."""

import json
import shutil
from pathlib import Path

import pytest

from gradcheck import Case, check, parse
from gradcheck.engines.isolation.loading import load_isolated
from gradcheck.findings.case_file import case_file
from helpers.findings import finding_of

ENGINES = Path(__file__).parents[1] / "engines"

WRONG = "engine.broken:counts_square_once"


def order(result):
    return [line.split()[0] for line in result.outlines if "%]" in line]


def test_a_case_is_a_test_of_the_engine_it_names(pytester, case):
    case("square")
    result = pytester.runpytest_inprocess("-v")
    result.assert_outcomes(passed=1)
    assert order(result) == ["square.gradcase.json::lost-contribution-of-mul"]


def test_a_case_fails_where_the_engine_it_names_is_wrong(pytester, case, saved):
    case("square", engine=WRONG)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["At fault is ?: a contribution is lost.", "*= gradcheck =*"])
    assert "Traceback" not in str(result.stdout)
    assert len(saved()) == 1


def test_a_case_may_have_steps(pytester, case, engines):
    file = case("square")
    content = json.loads(file.read_text())
    content["case"]["steps"] = [{"backward": 1}, {"backward": 1}]
    file.write_text(json.dumps(content))
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
    engine = f"{engines / 'life' / 'second_backward.py'}:Value"
    content["case"]["nodes"].append({"operation": "*", "operands": [1, 1]})
    content["case"] |= {"output": 2, "steps": [{"backward": 2}, {"backward": 2}]}
    file.write_text(json.dumps(content))
    result = pytester.runpytest_inprocess("--gradcheck-engine", engine)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["At fault is the engine as a whole: a second backward pass*"])


def test_the_flag_overrides_the_engine_it_names(pytester, case):
    case("square")
    pytester.runpytest_inprocess("--gradcheck-engine", WRONG).assert_outcomes(failed=1)


def test_the_engine_it_names_overrides_the_configuration(pytester, case):
    case("square")
    pytester.makeini(f"[pytest]\ngradcheck_engine = {WRONG}\n")
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_an_operation_that_the_engine_of_the_flag_lacks_skips_the_test(pytester, case):
    case("tail", "tanh(a)*tanh(a)")
    result = pytester.runpytest_inprocess("--gradcheck-engine", "micrograd.engine:Value", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED *: micrograd.engine:Value has no tanh"])


def test_an_operation_that_the_engine_it_names_lacks_fails_the_test(pytester, case, saved):
    case("tail", "tanh(a)*tanh(a)", engine="micrograd.engine:Value")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the case: micrograd.engine:Value has no tanh"])
    assert saved() == []


def test_the_path_of_an_engine_is_relative_to_the_root_folder(pytester, case, monkeypatch):
    pytester.makeini("[pytest]")
    pytester.makepyfile(at_the_root="from gradcheck.engine import Value\n")
    file = case("square", engine="at_the_root.py:Value")
    (pytester.path / "sub").mkdir()
    monkeypatch.chdir(pytester.path / "sub")
    pytester.runpytest_inprocess(f"{file}").assert_outcomes(passed=1)


def test_a_missing_engine_is_one_line(pytester, case):
    case("square", engine="nowhere:Value")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the case: there is no module 'nowhere' *"])
    assert "Traceback" not in str(result.stdout)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 1}'], ids=repr)
def test_a_malformed_file_is_a_collection_error_of_one_line(pytester, text):
    (pytester.path / "bad.gradcase.json").write_text(text)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    start = next(n for n, line in enumerate(result.outlines) if "ERROR collecting bad" in line)
    message, end = result.outlines[start + 1 : start + 3]
    assert "bad.gradcase.json" in message
    assert end.startswith("=")


def test_other_json_files_are_not_collected(pytester):
    (pytester.path / "case.json").write_text("{}")
    assert pytester.runpytest_inprocess().ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.usefixtures("plain_tests")
def test_cases_run_before_all_other_tests(pytester, case):
    case("zz_last_by_name")
    result = pytester.runpytest_inprocess("-v", "-k", "good or caught or zz_last")
    assert [name.partition("::")[0] for name in order(result)] == [
        *("zz_last_by_name.gradcase.json", "test_plain.py", "test_plain.py")
    ]


@pytest.mark.usefixtures("plain_tests")
def test_cases_and_tests_run_in_order_of_their_names_without_the_plugin(pytester, case):
    case("zz_last_by_name")
    result = pytester.runpytest_inprocess("-v", "-p", "no:gradcheck", "-k", "good or caught")
    assert len(order(result)) == 2


@pytest.mark.usefixtures("plain_tests")
def test_cases_run_with_xdist(pytester, case):
    case("square")
    result = pytester.runpytest_inprocess("-n1", "-k", "square or good")
    result.assert_outcomes(passed=2)


def test_a_case_that_ended_its_process_is_a_test_like_any_other(pytester, monkeypatch):
    monkeypatch.chdir(pytester.path)
    for name in ("ending.py", "plain.py"):
        shutil.copy(ENGINES / name, pytester.path)
    engine = load_isolated("ending.py:Aborts")
    verdict = check(Case(parse("a*b"), (3.0, 2.0)), engine)
    text = case_file(finding_of(verdict), seen_before=[])
    (pytester.path / "aborts.gradcase.json").write_text(text)
    (pytester.path / "mended.gradcase.json").write_text(text.replace("Aborts", "Healthy"))
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["At fault is ?: it ends its process, SIGABRT."])
