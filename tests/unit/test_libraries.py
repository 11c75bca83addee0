"""What the engines of libraries have in common, asked of each that is installed."""

import sys

import pytest

from gradcheck import Case, EngineLoadError, check, load_engine, parse
from gradcheck.blame.cause import Cause
from gradcheck.engines.faults import Fault
from gradcheck.engines.libraries import LIBRARIES, library_engine
from gradcheck.expression import Constant, Expression, Input
from gradcheck.kind import Kind
from gradcheck.lifecycle.run import LifecycleOutcome, run_check
from gradcheck.lifecycle.standard_cases import cases_for
from gradcheck.lifecycle.steps import CHECKS
from gradcheck.operations import OPERATIONS

TANH = Case(parse("2.0*tanh(a)"), (0.5,))
FUNCTIONS = ["jax", "autograd", "casadi", "tensorflow"]
TENSORS = ["torch", "mygrad"]


@pytest.fixture
def engine(request):
    package, _ = LIBRARIES[request.param]
    pytest.importorskip(package, reason=f"{package} is not installed")
    return load_engine(request.param)


every_library = pytest.mark.parametrize("engine", LIBRARIES, indirect=True)


@every_library
def test_a_library_has_the_first_operations_of_the_table(engine):
    assert {"+", "*", "tanh"} <= {operation.name for operation in engine.operations}


@every_library
@pytest.mark.parametrize(
    "case",
    [
        Case(parse("tanh(0.5) + a"), (2.0,)),
        Case(parse("2.0*3.0"), ()),
        Case(Expression((Constant(2.0),)), ()),
        Case(Expression((Input("a"), Constant(2.0))), (1.0,)),
        Case(Expression((Input("a"), Input("b")), output=0), (1.0, 2.0)),
        Case(parse("2.0*a + b*0.5"), (1.0, 3.0)),
    ],
    ids=["constants", "no input", "a constant", "an unused input", "an input", "either side"],
)
def test_a_library_takes_any_shape_of_expression(engine, case):
    assert check(case, engine).kind is Kind.CORRECT


@pytest.mark.parametrize("engine", TENSORS, indirect=True)
def test_tensors_show_the_gradients_of_their_nodes(engine):
    assert engine.run(TANH).readings[1].adjoint == 2.0


@pytest.mark.parametrize("engine", FUNCTIONS, indirect=True)
def test_a_function_shows_its_gradient_only(engine):
    run = engine.run(TANH)
    assert [reading.adjoint is None for reading in run.readings] == [False, True, True, True]
    assert run.value == engine.value(TANH)


@pytest.mark.parametrize("engine", TENSORS, indirect=True)
def test_a_number_that_is_only_compared_needs_no_gradient(engine):
    case = Case(parse("where(tanh(a) > b, c, d)"), (0.5, 0.25, 2.0, 3.0))
    assert engine.run(case).readings[1].adjoint is None
    assert check(case, engine).kind is Kind.CORRECT


@pytest.mark.parametrize("engine", TENSORS, indirect=True)
def test_a_branch_without_its_gradient_is_found(engine):
    where = engine.functions["where"]
    cut = engine.with_operation("where", lambda c, d, a, b: where(c, d, engine.tensors.value(a), b))
    verdict = check(Case(parse("where(a > b, c, d)"), (0.5, 0.25, 2.0, 3.0)), cut)
    assert verdict.signature == "missing-gradient-of-where"


@every_library
def test_an_error_in_the_forward_pass_is_a_fault_with_its_place(engine):
    def refuse(*_operands):
        raise ArithmeticError("no")

    broken = engine.with_operation("tanh", refuse)
    position = next(i for i, node in enumerate(TANH.expression.nodes) if "tanh" in repr(node))
    fault = Fault("forward", "ArithmeticError", "no", position)
    assert broken.run(TANH).fault == fault
    assert broken.value(TANH) == fault


def test_an_error_in_the_backward_pass_is_a_fault_after_the_value():
    pytest.importorskip("autograd", reason="autograd is not installed")
    from autograd.extend import defvjp, primitive  # noqa: PLC0415 - it need not be installed

    def refuse(_upstream):
        raise ArithmeticError("no")

    tanh = primitive(lambda x: x / 2.0)
    defvjp(tanh, lambda result, x: refuse)
    run = load_engine("autograd").with_operation("tanh", tanh).run(TANH)
    assert (run.value, run.fault) == (0.5, Fault("backward", "ArithmeticError", "no"))


def test_an_operation_that_remembers_its_operand_is_found_when_that_is_used_again():
    mygrad = pytest.importorskip("mygrad", reason="mygrad is not installed")
    results = {}

    def remember(x):
        return results.setdefault(id(x), (x, mygrad.tanh(x)))[1]

    verdict = check(TANH, load_engine("mygrad").with_operation("tanh", remember))
    assert verdict.signature == "earlier-graph-of-tanh"


@pytest.mark.parametrize("spec", LIBRARIES)
def test_a_library_that_is_missing_is_one_line_with_what_to_do(spec, monkeypatch):
    package, _ = LIBRARIES[spec]
    monkeypatch.setitem(sys.modules, package, None)  # as Python itself notes what is not there
    with pytest.raises(EngineLoadError, match=rf"not installed; pip install 'gradcheck\[{package}"):
        load_engine(spec)


@pytest.mark.parametrize("file", ["autograd.py", "autograd/__init__.py"])
def test_a_module_of_the_users_own_goes_before_the_library(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    assert library_engine("autograd") is None


@pytest.mark.parametrize(
    ("spec", "formats"),
    [
        ("torch:float8", "float64, float32, bfloat16 and float16"),
        ("jax:int32", "float64, float32, bfloat16 and float16"),
        ("mygrad:float16", "float64 and float32"),
        ("casadi:float32", "float64"),
        ("tensorflow:bfloat16", "float64 and float32"),
    ],
)
def test_an_unknown_format_is_one_line_that_names_those_there_are(spec, formats):
    package, _, name = spec.partition(":")
    with pytest.raises(EngineLoadError) as refused:
        load_engine(spec)
    assert str(refused.value) == f"'{spec}': {package} has no format '{name}'; it has {formats}"


def test_the_first_format_may_be_named():
    pytest.importorskip("autograd", reason="autograd is not installed")
    assert load_engine("autograd:float64").precision is load_engine("autograd").precision


def test_what_is_no_library_is_none():
    assert library_engine("autograd:Value") is None


def test_another_function_leaves_the_engine_as_it_was():
    pytest.importorskip("autograd", reason="autograd is not installed")
    engine = load_engine("autograd")
    engine.with_operation("tanh", abs)
    assert check(TANH, engine).kind is Kind.CORRECT
    assert check(TANH, engine.with_operation("tanh", abs)).kind is Kind.WRONG_VALUE
    assert OPERATIONS["tanh"] in engine.operations


BEYOND_ONE_PASS = {
    "torch": {
        "second-backward": "refused",
        "used-inputs": "gradients add up",
        "shared-outputs": "refused",
        "inner-first": "refused",
    },
    "mygrad": {
        "second-backward": "gradients are replaced",
        "used-inputs": "gradients are replaced",
        "shared-outputs": "refused",
        "inner-first": "refused",
    },
}
"""What tensors of a library have chosen, where it lets a graph be passed a second time at all."""


@pytest.mark.parametrize("engine", TENSORS, indirect=True)
def test_tensors_live_on_after_a_backward_pass(engine):
    cases = cases_for(engine.operations)
    found = {check: run_check(check, engine, cases) for check in CHECKS}
    for check_name, said in BEYOND_ONE_PASS[engine.spec].items():
        result = found[check_name]
        assert said in (result.outcome, result.says.partition(",")[0])
    assert found["zero-grad"].outcome is LifecycleOutcome.NOT_APPLICABLE
    assert found["unchanged"].outcome is found["same-bits"].outcome is LifecycleOutcome.HOLDS


@pytest.mark.parametrize("engine", FUNCTIONS, indirect=True)
def test_functions_have_no_graph_that_lives_on(engine):
    result = run_check(Cause.SECOND_BACKWARD, engine, cases_for(engine.operations))
    assert result.outcome is LifecycleOutcome.NOT_APPLICABLE
