"""The conformance suite: each of its tests is failed by a broken engine.

That right engines pass it is shown by its own tests, which run beside these, and on a page of the
documentation.
"""

import numpy  # noqa: F401, ICN001 - a process can load it only once, and pytester forgets modules
import pytest

from gradcheck.engine.broken.array_bugs import BUGS, RIGHT

SUITE = ("--pyargs", "gradcheck.conformance")

BROKEN = {
    "test_an_operation_alone": "engine.broken:sign_in_sum",
    "test_a_constant_on_the_left": "engine.broken:detached_left_factor",
    "test_a_constant_on_the_right": "fails_conformance.py:DetachedRight",
    "test_sharing": "engine.broken:counts_square_once",
    "test_order": "engine.broken:depth_first",
    "test_unused_inputs": "engine.broken:starts_at_one",
    "test_an_input_as_the_output": "engine.broken:seed_of_two",
    "test_long_chains": "engine.broken:halves_when_deep",
    "test_the_tail_of_tanh": "engine.broken:no_tail",
    "test_subnormals": "fails_conformance.py:FlushesTheTiny",
    "test_random_graphs": "engine.broken:forgets_upstream_in_sum",
    "test_lifecycle": "life/second_backward.py:Value",
}
"""An engine that fails it, for each test."""

BROKEN_ARRAYS = {
    "test_an_operation_on_every_element": "the derivative of tanh",
    "test_broadcasting": "addition is not summed",
    "test_constants_as_operands": "2 - a is a - 2",
    "test_reductions": "a lost keepdims",
    "test_products_of_matrices": "matmul for matrices only",
    "test_moved_elements": "a repeated index is written over",
    "test_arrays_used_twice": "one buffer for two operands",
    "test_random_graphs": "a sign of division",
    "test_lifecycle": "no sign of abs",  # like the right one, it counts inner gradients again
}
"""A bug of arrays that fails it, for each test of arrays."""


@pytest.mark.parametrize(("test", "engine"), BROKEN.items(), ids=BROKEN)
def test_each_test_is_failed_by_a_broken_engine(pytester, engines, test, engine):
    if ".py:" in engine:
        engine = f"{engines / engine}"
    words = ("--gradcheck-engine", engine, "-k", test, "-x")
    result = pytester.runpytest_inprocess(*SUITE, *words)
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] == 1
    assert "errors" not in outcomes
    result.stdout.fnmatch_lines(["*GradientMismatch*", f"FAILED *::{test}*"])


@pytest.mark.parametrize(("test", "bug"), BROKEN_ARRAYS.items(), ids=BROKEN_ARRAYS)
def test_each_test_of_arrays_is_failed_by_a_broken_engine(pytester, test, bug):
    pytester.makepyfile(broken=BUGS[bug].source)
    words = ("--gradcheck-engine", "broken.py:Tensor", "-k", test, "-x")
    result = pytester.runpytest_inprocess(*SUITE, *words)
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] == 1
    assert "errors" not in outcomes
    result.stdout.fnmatch_lines(["*GradientMismatch*", f"FAILED *::{test}*"])


def test_a_right_engine_of_arrays_passes(pytester):
    pytester.makepyfile(right=RIGHT)
    words = ("--gradcheck-engine", "right.py:Tensor", "-k", "not lifecycle", "-rs")
    result = pytester.runpytest_inprocess(*SUITE, *words)
    assert result.parseoutcomes().keys() == {"passed", "skipped", "deselected"}
    result.stdout.fnmatch_lines(["SKIPPED *right.py:Tensor has no sin"])


def test_there_is_a_broken_engine_for_every_test(pytester):
    result = pytester.runpytest_inprocess(*SUITE, "--collect-only", "-q")
    tests = {line.partition("::")[2].partition("[")[0] for line in result.outlines if "::" in line}
    assert tests == BROKEN.keys() | BROKEN_ARRAYS.keys()


def test_an_operation_that_an_engine_lacks_skips_the_test(pytester):
    words = (
        "--gradcheck-engine",
        "micrograd.engine:Value",
        "-rs",
        "-v",
        "-k",
        "not 30 and not lifecycle and not random",
    )
    result = pytester.runpytest_inprocess(*SUITE, *words)
    assert result.parseoutcomes().keys() == {"passed", "skipped", "deselected"}
    result.stdout.fnmatch_lines(["SKIPPED *micrograd.engine:Value has no tanh"])
    verbose = [line for line in result.outlines if "test_the_tail_of_tanh" in line]
    assert verbose
    assert all("SKIPPED" in line for line in verbose)
    assert not any("SKIPPED" in line for line in result.outlines if "test_long_chains[*]" in line)


def test_an_engine_without_operations_does_not_pass(pytester):
    pytester.makepyfile(empty="class Value:\n    def __init__(self, data): pass\n")
    words = ("--gradcheck-engine", "empty.py:Value", "-k", "random_graphs")
    result = pytester.runpytest_inprocess(*SUITE, *words)
    assert result.parseoutcomes().keys() >= {"skipped"}
    assert "passed" not in result.parseoutcomes()


RECORDING = """
import pathlib
from gradcheck.engine import Value as Right

class Value(Right):
    def __init__(self, data, *others):
        super().__init__(data, *others)
        with pathlib.Path("made").open("a") as file:
            file.write(f"{data!r} ")
"""


@pytest.fixture
def drawn(pytester, run_with_fresh_hypothesis):
    """Return every number that a run of the random graphs passes to the engine."""
    pytester.makepyfile(recording=RECORDING)

    def run(*words):
        made = pytester.path / "made"
        made.unlink(missing_ok=True)
        suite = (*SUITE, "-k", "random_graphs and 4", "--gradcheck-engine", "recording:Value")
        assert run_with_fresh_hypothesis(*suite, *words).ret == 0
        return made.read_text()

    return run


def test_random_graphs_are_the_same_in_every_run(drawn):
    is_the_same = drawn() == drawn()  # megabytes of text, which pytest would compare line by line
    assert is_the_same


def test_a_seed_draws_other_graphs_and_repeats_them(drawn):
    once = drawn("--hypothesis-seed=1")
    is_repeated, is_other = once == drawn("--hypothesis-seed=1"), once != drawn()
    assert (is_repeated, is_other) == (True, True)


def test_the_profile_of_the_user_is_kept(drawn):
    assert len(drawn("--hypothesis-profile=few")) < len(drawn()) / 4
