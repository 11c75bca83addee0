"""A finding has a place of its own, whatever its engine and its error are called."""

from dataclasses import replace

import pytest

from gradcheck import Case, check, parse
from gradcheck.blame.cause import Blame, Cause
from gradcheck.findings.finding import Finding
from gradcheck.findings.sighting import Sighting, now

VERDICT = check(Case(parse("a*a"), (3.0,)), "engine.broken:overwrites_gradient")


def folder(**changes):
    verdict = replace(VERDICT, **changes)
    return Finding(verdict, worst=verdict, seen=Sighting(now(), now(), 1, 0), cases=1).folder


@pytest.mark.parametrize("error", ["a/b", "C:\\b", "../..", "a b\n"])
def test_a_folder_begins_with_the_cause_and_is_one_part_of_a_path(error):
    found = folder(blame=Blame(Cause.CRASH, error=error))
    assert len(found.parts) == 2
    assert found.name.startswith("crash-")


def test_a_long_name_is_cut():
    found = folder(engine="m:" + "e" * 300, blame=Blame(Cause.CRASH, error="E" * 300))
    assert all(len(part) < 200 for part in found.parts)


def test_an_engine_in_a_file_is_called_as_the_file():
    assert folder(engine="some/where/mine.py:Value").parent.name == "mine.py.Value"
