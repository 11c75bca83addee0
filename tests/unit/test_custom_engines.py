"""Engines that bring an adapter of their own."""

from pathlib import Path

import pytest

from gradcheck import Case, EngineLoadError, Kind, check, load_engine, parse
from gradcheck.blame.cause import Cause
from gradcheck.engines.objects import ObjectEngine
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.findings.store import save
from gradcheck.lifecycle.run import LifecycleOutcome, run_check
from helpers.findings import finding_of
from helpers.processes import run_python

ADAPTER = """
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engine import Value


class Adapter(ObjectEngine):
    def run_backward(self, output):
        output.backward()

    def gradient_of(self, made, where):
        return FACTOR * made.grad


FACTOR = 1.0
engine = Adapter("mine", Value)


def make():
    return engine


class Ready(Adapter):
    def __init__(self):
        super().__init__("mine", Value)


class Fails(Adapter):
    def __init__(self):
        raise RuntimeError("no such device")
"""
SQUARE = Case(parse("a*a"), (3.0,))


@pytest.fixture
def adapter(tmp_path):
    (tmp_path / "my_adapter.py").write_text(ADAPTER)
    return f"{tmp_path / 'my_adapter.py'}"


@pytest.mark.parametrize("name", ["engine", "make", "Ready"])
def test_what_has_the_methods_of_an_engine_or_makes_it_is_one(adapter, name):
    engine = load_engine(f"{adapter}:{name}")
    verdict = check(SQUARE, engine)
    assert (verdict.kind, verdict.engine) == (Kind.CORRECT, f"{adapter}:{name}")
    assert verdict.gradient[0].backprop == 6.0


def test_what_is_wrong_with_it_is_found_and_its_script_has_gradcheck_judge_again(adapter):
    wrong = Path(adapter)
    wrong.write_text(wrong.read_text().replace("FACTOR = 1.0", "FACTOR = 2.0"))
    verdict = check(SQUARE, f"{adapter}:engine")
    assert verdict.kind is Kind.WRONG_GRADIENT
    assert "'-m', 'gradcheck', 'replay', Path(__file__).parent" in reproduction(verdict)


SLOW = """
import time


class Slow(Ready):
    def run(self, case):
        end = time.process_time() + 1.0
        while time.process_time() < end:
            pass
        return super().run(case)
"""


def test_gradcheck_judges_again_by_the_limit_that_the_run_had(adapter, tmp_path):
    source = Path(adapter)
    source.write_text(source.read_text() + SLOW)
    verdict = check(SQUARE, load_engine(f"{adapter}:Slow", seconds=0.3))
    script = save(finding_of(verdict), tmp_path / "reports") / "repro.py"
    assert run_python(script, folder=tmp_path).returncode == 1
    source.write_text(source.read_text().replace("+ 1.0", "+ 0.0"))
    assert run_python(script, folder=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("module", "outcome"),
    [("gradcheck.engine", LifecycleOutcome.HOLDS), ("micrograd.engine", LifecycleOutcome.BROKEN)],
)
def test_graphs_of_objects_live_on_whoever_drives_them(adapter, module, outcome):
    source = Path(adapter)
    source.write_text(
        source.read_text().replace("from gradcheck.engine import", f"from {module} import")
    )
    engine = load_engine(f"{adapter}:engine")
    case = Case(parse("a*a*4.0"), (2.0,))
    result = run_check(Cause.SECOND_BACKWARD, engine, [case])
    assert result.outcome is outcome
    if outcome is LifecycleOutcome.BROKEN:
        assert "'-m', 'gradcheck', 'replay'" in reproduction(result.verdict)


def test_no_script_is_written_for_an_adapter_that_was_made_by_hand(adapter):
    made = load_engine(f"{adapter}:engine").engine
    wrong = type(made)("mine", load_engine("engine.broken:overwrites_in_product").make)
    assert "out.backward()" not in reproduction(check(SQUARE, wrong))
    made = type(made)("mine", load_engine("micrograd.engine:Value").make)
    result = run_check(Cause.SECOND_BACKWARD, made, [Case(parse("a*a*4.0"), (2.0,))])
    assert "out.backward()" not in reproduction(result.verdict)


def test_an_adapter_is_another_engine_than_the_one_it_is_derived_from(adapter):
    made = load_engine(f"{adapter}:engine").engine
    assert made == type(made)(made.spec, made.make)
    assert made != ObjectEngine(made.spec, made.make)


TEN_LINES = """
import operator
from gradcheck.engines.functions import FunctionEngine, Transform
from gradcheck.engines.tensors import TensorEngine, Tensors
from gradcheck.engine import Value


class Functions(Transform):
    def value(self, function, point):
        return function(*point)

    def value_and_gradient(self, function, point):
        inputs = [Value(x) for x in point]
        output = function(*inputs)
        output.backward()
        return output.data, [FACTOR * x.grad for x in inputs]


class Values(Tensors):
    def number(self, x):
        return Value(x)

    def input(self, x):
        return Value(x)

    def renew(self, made, x):
        made.data, made.grad = x, 0.0

    def backward(self, output):
        output.backward()

    def value(self, made):
        return made.data

    def adjoint(self, made):
        return FACTOR * made.grad


FACTOR = 1.0
functions = FunctionEngine("functions", Functions(), {"*": operator.mul})
tensors = TensorEngine("tensors", Values(), {"*": operator.mul})
"""


@pytest.mark.parametrize("name", ["functions", "tensors"])
def test_an_adapter_of_functions_or_tensors_says_only_what_is_special(tmp_path, name):
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(TEN_LINES)
    wrong.write_text(TEN_LINES.replace("FACTOR = 1.0", "FACTOR = 2.0"))
    verdict = check(SQUARE, f"{right}:{name}")
    assert (verdict.kind, verdict.gradient[0].backprop) == (Kind.CORRECT, 6.0)
    assert check(SQUARE, f"{wrong}:{name}").kind is Kind.WRONG_GRADIENT


@pytest.mark.parametrize(
    ("stops", "kind"),
    [
        ("raise SystemExit", Kind.CRASH),
        ("raise MemoryError", Kind.MEMORY),
        ("for _ in range(10**10): pass", Kind.HANG),
    ],
)
def test_what_an_adapter_lets_through_is_a_finding(adapter, stops, kind):
    method = f"    def run(self, case):\n        {stops}\n\n    value = run\n"
    with Path(adapter).open("a") as source:
        source.write(f"\n\nclass Stops(Ready):\n{method}")
    seconds = 0.05 if kind is Kind.HANG else None
    assert check(SQUARE, load_engine(f"{adapter}:Stops", seconds=seconds)).kind is kind


def test_an_adapter_that_fails_says_so_in_one_line(adapter):
    with pytest.raises(EngineLoadError, match="RuntimeError: no such device") as caught:
        load_engine(f"{adapter}:Fails")
    assert "\n" not in str(caught.value)


def test_options_are_not_for_adapters(adapter):
    with pytest.raises(EngineLoadError, match="custom engine, which takes no options"):
        load_engine(f"{adapter}:engine[backward=go]")
