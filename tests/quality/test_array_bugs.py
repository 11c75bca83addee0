"""Planted bugs of engines of arrays are found, rightly blamed, and shrunk."""

from itertools import islice
from types import ModuleType

import pytest

from gradcheck.array_checks.checking import check_arrays, shrink_verdict
from gradcheck.engines.arrays.discovery.discover import array_engine
from gradcheck.generation.array_programs import random_cases
from helpers.array_bugs import BUGS, RIGHT

_PROGRAMS = 500


def engine_of(source):
    module = ModuleType("tensor")
    exec(source, module.__dict__)
    return array_engine("tensor:Tensor", module.Tensor, module)


def verdicts_of(engine):
    drawn = random_cases(
        sorted(engine.array_operations), missing_forms=engine.missing_forms, seed="1"
    )
    return (check_arrays(case, engine) for case in islice(drawn, _PROGRAMS))


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found_blamed_and_shrunk(name):
    bug = BUGS[name]
    engine = engine_of(bug.source)
    found = next(
        verdict
        for verdict in verdicts_of(engine)
        if bug.signature in verdict.signature and bug.words in verdict.blame.sentence
    )
    smallest = shrink_verdict(found, engine)
    assert smallest.signature == found.signature
    assert smallest.case.program.size <= found.case.program.size
    assert smallest.case.program.size <= 3


def test_the_right_engine_is_not_accused():
    engine = engine_of(RIGHT)
    assert not any(verdict.is_finding for verdict in verdicts_of(engine))
