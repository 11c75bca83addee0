"""Every planted bug shows on its smallest case, and the blame is right."""

import pytest

from gradcheck import check
from gradcheck.engine.broken import BUGS, Twin
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.kind import Kind
from gradcheck.selftest.zoo import planted_bugs

ZOO = planted_bugs()

every_bug = pytest.mark.parametrize("bug", ZOO, ids=[bug.name for bug in ZOO])


def test_there_are_at_least_forty_bugs_of_all_families():
    assert len(ZOO) >= 40
    assert {bug.family for bug in ZOO} == {
        *("accumulation", "order", "partials", "values", "precision", "failures", "rare")
    }


@every_bug
def test_a_bug_shows_on_its_smallest_case_and_is_blamed_by_the_nodes(bug):
    verdict = check(bug.smallest, bug.engine)
    assert verdict.kind.is_finding
    assert bug.is_blamed_by(verdict.blame), verdict.blame


@every_bug
def test_a_bug_is_blamed_by_probing_where_no_node_can_be_read(bug):
    verdict = check(bug.smallest, EngineWithoutNodes(bug.engine))
    assert bug.is_blamed_by(verdict.blame), verdict.blame


@every_bug
def test_the_healthy_twin_is_right_where_the_bug_shows(bug):
    for engine in (ObjectEngine("twin", Twin), EngineWithoutNodes(ObjectEngine("twin", Twin))):
        verdict = check(bug.smallest, engine)
        assert verdict.kind in (Kind.CORRECT, Kind.UNDECIDED)
        assert verdict.blame is None


def test_the_wrong_blame_is_not_taken_for_the_right_one():
    first, *others = (bug for bug in ZOO if bug.cause == "wrong-partial")
    blame = check(first.smallest, first.engine).blame
    assert first.is_blamed_by(blame)
    assert not any(bug.is_blamed_by(blame) for bug in others)
    assert not first.is_blamed_by(None)


def test_a_bug_says_in_a_line_what_is_wrong():
    for bug in BUGS.values():
        assert "\n" not in bug.wrong
        assert bug.wrong.endswith(".")
