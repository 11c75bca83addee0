"""What is said of an engine in its spec."""

import sys

import pytest

from gradcheck import Case, EngineLoadError, check, load_engine, parse
from gradcheck.findings.script.reproduction import reproduction

NOTHING_IS_USUAL = """
import math


class Odd:
    def __init__(self, x, operands=()):
        self.x, self.flow, self.operands = x, 0.0, operands

    def __mul__(self, other):
        return Odd(self.x * other.x, [(self, other.x), (other, self.x)])

    def th(self):
        t = math.tanh(self.x)
        return Odd(t, [(self, 1.0 + t * t)])

    def go(self):
        for operand, partial in self.operands:
            operand.flow += partial * self.flow
            operand.go()


def square_root(a):
    return Odd(math.sqrt(a.x), [(a, 0.5 / math.sqrt(a.x))])
"""
OPTIONS = "value=x,gradient=flow,backward=go,seed_output=yes,operation.tanh=th"


@pytest.fixture
def odd(tmp_path):
    (tmp_path / "odd.py").write_text(NOTHING_IS_USUAL)
    return f"{tmp_path / 'odd.py'}:Odd"


def test_options_say_what_discovery_does_not_find(odd):
    engine = load_engine(f"{odd}[{OPTIONS},operation.sqrt=square_root]")
    assert check(Case(parse("sqrt(a)*b"), (4.0, 3.0)), engine).gradient[0].backprop == 0.75
    assert {operation.name for operation in engine.operations} == {"*", "tanh", "sqrt"}


def test_the_spec_of_an_engine_has_its_options_so_that_it_can_be_loaded_again(odd):
    engine = load_engine(f"{odd}[{OPTIONS}]")
    assert engine.spec == f"{odd}[{OPTIONS}]"
    assert load_engine(engine.spec).interface == engine.interface


def test_a_script_does_as_the_options_say(odd):
    script = reproduction(check(Case(parse("tanh(a)*2"), (0.5,)), f"{odd}[{OPTIONS}]"))
    assert "\nout = a.th() * Odd(2.0)\nout.flow = 1.0\nout.go()\n" in script
    assert "float(a.flow) <= " in script


def test_a_function_of_another_module_can_be_an_operation(odd, tmp_path):
    (tmp_path / "more.py").write_text("from odd import *\n\n\ndef tanh(a):\n    return a.th()\n")
    spec = f"{odd}[value=x,gradient=flow,backward=go,seed_output=yes,operation.tanh=more:tanh]"
    sys.path.insert(0, str(tmp_path))
    script = reproduction(check(Case(parse("tanh(a)"), (0.5,)), spec))
    assert "from odd import Odd\nfrom more import tanh\n" in script
    assert "\nout = tanh(a)\n" in script


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("backwards=go", "no option 'backwards'; the options are: value=…, gradient=…, backward=…"),
        ("go", "'go' is not KEY=VALUE"),
        ("backward=", "'backward=' is not KEY=VALUE"),
        ("seed_output=1", "write seed_output=yes or seed_output=no"),
        (
            "operation.cosec=cosec",
            "no operation is called 'cosec'; if it is your own, name the module that",
        ),
        ("value=z", "value=z: an object made from a number has no number at .z"),
        ("backward=gone", "backward=gone: Odd has no such method"),
        ("gradient=gone", "gradient=gone: Odd has no such attribute"),
        ("gradient=x", "gradient=x: that is the value"),
        ("operation.log=ln", "ln is not a method of Odd, nor a function of engine_under_test_odd"),
        ("operation.log=math:ln", "ln is not a function of math"),
        ("operation.log=nowhere:ln", "operation.log=nowhere:ln: there is no module 'nowhere' in "),
    ],
)
def test_an_option_that_leads_nowhere_is_one_line(odd, option, message):
    with pytest.raises(EngineLoadError) as caught:
        load_engine(f"{odd}[{option}]")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
