"""Looking at a class tells how it is driven, whatever is wrong with it."""

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from gradcheck import load_engine
from gradcheck.engines.discovery.discover import discover, object_engine
from gradcheck.engines.interface import Binding, Interface
from gradcheck.operations import OPERATIONS
from gradcheck.precision import FLOAT32, FLOAT64
from gradcheck.selftest.zoo import planted_bugs
from helpers.limits import compute_for_ever

ENGINES = Path(__file__).parents[1] / "engines"
USUAL = Interface(
    bindings={"+": Binding("__add__"), "*": Binding("__mul__"), "tanh": Binding("tanh")}
)


@pytest.mark.parametrize("bug", planted_bugs(), ids=lambda bug: bug.name)
def test_no_planted_bug_hides_the_names(bug):
    assert load_engine(bug.engine.spec).interface == USUAL


@pytest.mark.parametrize(
    "name",
    [
        *("RaisesForward", "RaisesBackward", "Exits", "ReturnsNan", "NanValue", "NoGradient"),
        *("ReturnsText", "TextGradient", "ReturnsFloat", "MutatesInputs", "Recursive"),
        *("RaisesWhatHasNoText", "NoGradientBeforeBackward", "DataStays", "GivesArrays"),
        *("TooLargeForAFloat", "RaisesWhatExits", "RaisesWhatNoTerminalTakes"),
    ],
)
def test_nothing_that_an_engine_does_hides_the_names(name):
    assert load_engine(f"{ENGINES / 'misbehaving.py'}:{name}").interface == USUAL


@pytest.mark.parametrize(
    ("name", "differs"),
    {
        "holds_value.py": {"value": "value"},
        "holds_val.py": {"value": "val", "gradient": "gradient"},
        "unusual_names.py": {
            "value": "amount",
            "gradient": "sensitivity",
            "backward": "run_backwards",
        },
        "backprop.py": {"backward": "backprop"},
        "backward_all.py": {"backward": "backward_all"},
        "seeded_by_caller.py": {"seed_output": True},
        "needs_requires_grad.py": {"requires_grad": True},
        "gradient_is_an_object.py": {"gradient_is_object": True},
    }.items(),
)
def test_what_differs_is_found(variations, name, differs):
    assert load_engine(str(variations / name)).interface == replace(USUAL, **differs)


def test_operations_are_found_by_other_names(variations):
    interface = load_engine(str(variations / "ln_and_pow.py")).interface
    assert {name: binding.name for name, binding in interface.bindings.items()} == {
        "+": "add",
        "*": "mul",
        "**": "pow",
        "log": "ln",
    }


def test_a_function_of_the_module_is_an_operation_only_if_it_takes_the_engines_objects(variations):
    interface = load_engine(str(variations / "module_functions.py")).interface
    functions = {
        name for name, binding in interface.bindings.items() if binding.function is not None
    }
    assert functions == {"tanh", "exp"}


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("holds_value.py", True, True),
        ("no_numbers_left.py", False, True),
        ("no_numbers.py", False, False),
    ],
)
def test_the_sides_on_which_plain_numbers_are_taken(variations, name, left, right):
    bindings = load_engine(str(variations / name)).interface.bindings
    for binding in (bindings["+"], bindings["*"]):
        assert (binding.numbers_left, binding.numbers_right) == (left, right)


def test_a_number_on_the_left_that_is_taken_and_fails_is_a_bug_and_no_variation():
    class Value(load_engine("engine:Value").make):
        def __rmul__(self, other):
            return other * self

    assert discover(Value).bindings["*"] == Binding("__mul__")


def test_a_method_of_an_operations_name_that_takes_something_else_is_none():
    class Value(load_engine("engine:Value").make):
        def log(self, level, message):
            """Write a message."""

    assert "log" not in discover(Value).bindings


def test_a_power_of_two_objects_is_no_broken_power_of_an_object_and_a_number():
    class Value(load_engine(f"{ENGINES / 'plain.py'}:Value").make):
        def power(self, other):
            raised = self.data**other.data
            return type(self)(raised, (self, other), (0.0, 0.0))

    found = discover(Value)
    assert found.bindings["power"].name == "power"
    assert "**" not in found.bindings


def test_a_power_of_an_object_and_a_number_is_none_of_two_objects():
    class Value(load_engine(f"{ENGINES / 'plain.py'}:Value").make):
        def power(self, number):
            return type(self)(self.data ** float(number), (self,), (0.0,))

    assert discover(Value).binding(OPERATIONS["power"], Value) is None


def test_a_function_of_another_operations_name_does_not_do_this_one():
    class Value(load_engine(f"{ENGINES / 'plain.py'}:Value").make):
        pass

    module = ModuleType("powers")
    module.power = lambda a, b: Value(a.data ** Value.lift(a, b).data, (a,), (0.0,))
    assert "**" not in discover(Value, module=module).bindings
    module.power = lambda a, n: Value(a.data ** float(n), (a,), (0.0,))
    assert discover(Value, module=module).bindings["**"].name == "power"


def test_engines_are_told_apart_by_what_differs_in_their_shape():
    engine = load_engine("engine:Value")
    assert engine == load_engine("engine:Value")
    assert engine != replace(engine, interface=replace(engine.interface, seed_output=True))


def test_an_engine_in_float32_is_one(variations):
    class Value(load_engine(str(variations / "holds_value.py")).make):
        def __init__(self, data, children=()):
            super().__init__(np.float32(data), children)

    assert object_engine("mine", Value).precision is FLOAT32
    assert load_engine(str(variations / "holds_value.py")).precision is FLOAT64


def test_what_hangs_is_stopped_and_the_usual_name_is_taken():
    ended = []

    class Value:
        def __init__(self, data):
            self.data = data

        def __mul__(self, other):
            compute_for_ever()
            ended.append(other)

        def backward(self):
            """Nothing comes this far."""

    assert discover(Value).binding(OPERATIONS["*"], Value) == Binding("__mul__")
    assert not ended


def test_what_an_engine_prints_while_it_is_looked_at_is_dropped(variations, capfd):
    load_engine(str(variations / "prints_and_trains.py"))
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("sending gradients back") == 3  # while it was imported, and not since
