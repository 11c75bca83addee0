"""Annotations and the job summary on GitHub."""

import pytest

from gradcheck.pytest_plugin.summary import (
    BUG,
    CASE,
    REPLAY,
    ReportedFinding,
    _annotation,
    _markdown,
)

NASTY = ReportedFinding(
    test="t.py::test[50%, a:b\n`*|<x>]",
    file="t.py",
    line=7,
    properties=((BUG, "bug: a*b at a = 1.0\r\n%"), (CASE, "a_b_c"), (REPLAY, "replay it")),
)


@pytest.fixture
def on_github(monkeypatch, tmp_path):
    """Set GitHub's environment, and return the file of the job summary."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


@pytest.mark.usefixtures("plain_tests", "on_github")
def test_a_finding_is_an_annotation_at_the_test(pytester):
    result = pytester.runpytest_inprocess("-k", "bad")
    [line] = [line for line in result.outlines if line.startswith("::error ")]
    place, _, message = line.removeprefix("::error ").partition("::")
    line_number = 1 + (pytester.path / "test_plain.py").read_text().splitlines().index(
        "def test_bad():"
    )
    assert place == f"file=test_plain.py,line={line_number},title=test_plain.py%3A%3Atest_bad"
    assert message.startswith("lost-contribution-of-mul: a*a at a = 1.0%0Apython -m gradcheck")


@pytest.mark.usefixtures("plain_tests")
def test_a_finding_is_part_of_the_summary_which_is_appended_to(pytester, on_github):
    on_github.write_text("# Before\n")
    pytester.runpytest_inprocess("-k", "bad")
    text = on_github.read_text()
    assert text.startswith("# Before\n### gradcheck\n\n- <code>test")
    assert "a&#42;a at a &#61; 1.0</code>\n" in text.replace(" = ", " &#61; ")
    assert "  - replay: <code>python -m gradcheck replay reports/engine.broken" in text


@pytest.mark.usefixtures("plain_tests")
def test_outside_github_nothing_is_annotated(pytester):
    result = pytester.runpytest_inprocess("-k", "bad")
    result.stdout.no_fnmatch_line("::error *")


@pytest.mark.usefixtures("plain_tests")
def test_without_a_finding_nothing_is_annotated(pytester, on_github):
    result = pytester.runpytest_inprocess("-k", "good")
    result.stdout.no_fnmatch_line("::error *")
    assert not on_github.exists()


@pytest.mark.usefixtures("plain_tests", "on_github")
def test_xdist_annotates_each_finding_once(pytester):
    result = pytester.runpytest_inprocess("-n1", "-k", "bad")
    assert len([line for line in result.outlines if line.startswith("::error ")]) == 1


@pytest.mark.usefixtures("plain_tests", "on_github")
def test_a_summary_that_cannot_be_written_is_reported(pytester, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "nowhere" / "summary.md"))
    result = pytester.runpytest_inprocess("-k", "bad")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(["cannot write GITHUB_STEP_SUMMARY: *"])


def test_an_annotation_is_escaped_as_github_reads_it(tmp_path):
    assert _annotation(NASTY, tmp_path) == (
        "::error file=t.py,line=7,title=t.py%3A%3Atest[50%25%2C a%3Ab%0A`*|<x>]"
        "::bug: a*b at a = 1.0%0D%0A%25%0Areplay it"
    )


def test_a_path_is_relative_to_the_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert _annotation(NASTY, tmp_path / "sub").startswith("::error file=sub/t.py,")


def test_the_summary_shows_text_as_it_is():
    text = "".join(_markdown([NASTY]))
    assert not {*"`*|_"} & {*text}
    assert text.count("\n") == 6
    assert "<x>" not in text
    assert "a&#95;b&#95;c" in text
