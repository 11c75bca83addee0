"""Planted bugs of engines of arrays are found, rightly blamed, and shrunk."""

import sys
from itertools import islice
from operator import attrgetter
from string import ascii_lowercase
from types import ModuleType

import pytest

from gradcheck.array_checks.checking import check_arrays, shrink_verdict
from gradcheck.arrays.notation import array_case
from gradcheck.engine.broken.array_bugs import RIGHT
from gradcheck.engines.arrays.discovery.discover import array_engine
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.generation.array_programs import random_cases
from gradcheck.precision import TooLargeError
from gradcheck.selftest.array_zoo import planted_array_bugs
from helpers.array_shapes import changed
from helpers.network_bugs import NETWORK_BUGS
from helpers.network_formulas import RIGHT as RIGHT_NETWORK

BUGS = {bug.name: bug for bug in planted_array_bugs()}

_ALL = {**BUGS, **NETWORK_BUGS}

_PROGRAMS = 500

_ELEMENTS = 8
"""Numbers that the inputs of a smallest case have together, at most."""


def module_of(source):
    module = ModuleType("tensor")
    exec(source, module.__dict__)
    return module


def engine_of(source):
    module = module_of(source)
    return array_engine("tensor:Tensor", module.Tensor, module)


def verdicts_of(engine):
    drawn = random_cases(
        sorted(engine.array_operations),
        missing_forms=engine.missing_forms,
        max_ops=10,
        seed="0",
    )
    return (check_arrays(case, engine) for case in islice(drawn, _PROGRAMS))


def smallest(name):
    """Return the first verdict that shows a bug, and that on its smallest case."""
    engine = engine_of(_ALL[name].source)
    shown = filter(_ALL[name].is_shown_by, filter(attrgetter("is_finding"), verdicts_of(engine)))
    found = next(shown, None)
    assert found is not None, "not found, or blamed on something else"
    return found, shrink_verdict(found, engine)


@pytest.fixture(scope="module", params=_ALL)
def shrunk(request):
    """The name of a bug, the verdict that found it, and that on its smallest case.

    All tests of a bug run one after the other.
    """
    return request.param, *smallest(request.param)


def test_a_planted_bug_is_found_and_blamed(shrunk):
    name, found, small = shrunk
    assert _ALL[name].is_shown_by(small)
    assert small.case.program.size <= found.case.program.size


def test_a_smallest_case_has_few_elements(shrunk):
    _, _, small = shrunk
    assert sum(map(len, small.case.values)) <= _ELEMENTS


LARGER = {
    "a transposition that is reshaped back",
    "each way back is walked again",
    "a loss that ignores the upstream gradient",
    "a normalization whose variance is a constant",
}
"""The bugs whose smallest case has one operation more than the smallest known one.

No single step leads from the one to the other: less is wrong, or nothing, in between.
"""


def test_a_smallest_case_has_the_known_number_of_operations(shrunk):
    name, _, small = shrunk
    more = 1 if name in LARGER else 0
    assert small.case.program.size == _ALL[name].smallest_size + more


def test_few_smallest_cases_have_an_operation_too_many():
    assert _ALL.keys() >= LARGER
    assert len(LARGER) <= 0.05 * len(_ALL)


def test_the_script_of_a_bug_fails_until_the_bug_is_mended(shrunk, monkeypatch):
    name, _, small = shrunk
    if "a choice" in name:
        pytest.skip("a condition is made of numbers: what is done with it cannot be written down")
    script = reproduction(small)
    assert "import numpy as np" in script
    monkeypatch.setitem(sys.modules, "tensor", module_of(_ALL[name].source))
    with pytest.raises((AssertionError, ValueError, TypeError)) as raised:
        exec(script, {})
    assert (raised.type is AssertionError) == (small.run.fault is None)
    right = RIGHT if name in BUGS else RIGHT_NETWORK
    monkeypatch.setitem(sys.modules, "tensor", module_of(right))
    exec(script, {})


def test_a_script_looks_as_if_written_by_hand():
    assert reproduction(smallest("a repeated index is written over")[1]).endswith(
        """\
import numpy as np

from tensor import Tensor

x = Tensor(np.array([1.0]))
out = (x[[0, 0]] * Tensor(np.array([1.0, 1.0]))).sum()
out.backward()

# True gradient, from SymPy and ball arithmetic: [2.0]. Rounding cannot change it.
assert np.array_equal(x.grad, [2.0]), f"x.grad is {x.grad}"
"""
    )


def test_there_are_enough_bugs_and_no_two_are_the_same():
    assert len({bug.source for bug in _ALL.values()} - {RIGHT}) == len(_ALL) >= 60


def test_an_engine_that_does_nothing_for_an_input_alone_starts_right():
    idle = ("        self.grad = np.ones", "        if not order[1:]:\n            return\n")
    source = BUGS["the derivative of tanh"].source.replace(idle[0], idle[1] + idle[0])
    found = [verdict for verdict in verdicts_of(engine_of(source)) if verdict.is_finding]
    assert {verdict.signature for verdict in found} == {"wrong-partial-of-tanh"}


def test_in_a_short_format_only_the_wrong_operation_is_blamed():
    source = BUGS["the derivative of tanh"].source.replace("np.float64", "np.float32")
    found = [verdict for verdict in verdicts_of(engine_of(source)) if verdict.is_finding]
    assert {verdict.signature for verdict in found} == {"wrong-partial-of-tanh"}


def test_blame_passes_over_an_operation_whose_operand_has_overflowed():
    engine = engine_of(BUGS["the derivative of tanh"].source)
    case = array_case("exp(x) * 0.5 + tanh(y)", x=[1000.0], y=[1.0])
    assert check_arrays(case, engine).signature == "wrong-partial-of-tanh"


@pytest.mark.parametrize("inputs", [22, 23, 26, 27, 60])
def test_a_case_with_more_inputs_than_letters_is_shrunk(inputs):
    ends = "        ends = np.cumsum("
    of_many = f"        g = -g if len(tensors) >= {inputs} else g\n"
    engine = engine_of(changed((ends, of_many + ends)))
    letters = iter(ascii_lowercase)
    first, *others = (next(letters, f"input{i}") for i in range(inputs))
    formula = f"concatenate(sum({first}, axis=0), {', '.join(others)}, axis=0)"
    arrays = {first: ((2.0, 3.0), (1.0, 5.0)), **dict.fromkeys(others, (2.0, 3.0))}
    found = check_arrays(array_case(formula, **arrays), engine)
    assert found.signature == "wrong-partial-of-concatenate"
    shrunk = shrink_verdict(found, engine).case
    assert shrunk.program.size == 1
    names = [x.name for x in shrunk.program.inputs]
    assert names[:4] == ["x", "y", "z", "a"]
    assert len({*names}) == inputs


def test_a_number_beyond_the_range_of_the_engine_is_refused_in_one_line():
    engine = engine_of(RIGHT.replace("np.float64", "np.float32"))
    with pytest.raises(TooLargeError, match="1e\\+300"):
        check_arrays(array_case("x * x", x=[1e300]), engine)


def test_the_right_engine_is_not_accused():
    engine = engine_of(RIGHT)
    assert not any(verdict.is_finding for verdict in verdicts_of(engine))
