"""Every finding has its own folder, for any names of engines and errors."""

import re
from dataclasses import replace

import pytest

from gradcheck import Case, check, parse
from gradcheck.blame.cause import Blame, Cause
from gradcheck.findings.finding import Finding, Sighting, now

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


NAMES = {
    "mine.py:Value": "mine.py.Value",
    "./mine.py:Value": "mine.py.Value",
    "some/where/mine.py:Value": "some.where.mine.py.Value",
    "else/where/mine.py:Value": "else.where.mine.py.Value",
    "package.mine:Value": "package.mine.Value",
}


@pytest.mark.parametrize(("spec", "name"), NAMES.items())
def test_an_engine_folder_is_the_path_with_dots(spec, name):
    assert folder(engine=spec).parent.name == name


def test_a_path_below_the_working_directory_is_the_same_however_it_is_written(
    monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    assert folder(engine=f"{tmp_path}/a/mine.py:Value") == folder(engine="a/mine.py:Value")


ALIKE = ["a.b/mine.py", "a/b.mine.py", "a/b/mine.py", "../mine.py", "../a/mine.py", "a b/mine.py"]


def test_paths_that_dots_would_make_equal_get_a_hash():
    names = [folder(engine=f"{path}:Value").parent.name for path in ALIKE]
    assert len(set(names)) == len(names)
    assert names[2] == "a.b.mine.py.Value"
    assert all(re.fullmatch(r"(b\.)?mine\.py\.Value-[0-9a-f]{8}", name) for name in names[:2])


def test_a_path_that_is_too_long_gets_a_hash():
    names = {folder(engine=f"{'deep/' * 30}{x}/mine.py:Value").parent.name for x in "ab"}
    assert len(names) == 2
    assert all(name.startswith("mine.py.Value-") for name in names)
