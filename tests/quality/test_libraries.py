"""The real libraries: healthy, with known defects, and with a wrong derivative of the user's."""

import importlib
import math

import mpmath
import pytest

from gradcheck import Case, check, load_engine, parse
from gradcheck.array_checks.checking import check_arrays
from gradcheck.arrays.notation import array_case
from gradcheck.engines.arrays.libraries import library_arrays
from gradcheck.engines.libraries import LIBRARIES
from gradcheck.findings.store import save
from gradcheck.kind import Kind
from gradcheck.operations import DEFAULT_OPERATIONS, OPERATIONS
from helpers.findings import finding_of
from helpers.independent import by_mpmath
from helpers.processes import run_python
from helpers.runs import last_event, options

PACKAGES = sorted({package for package, _ in LIBRARIES.values()})

DEFECTS = {
    # The numerator of the derivative cancels near 0.
    ("torch", "sinc(a)"): (1e-8,),
    ("torch:float32", "sinc(a)"): (1e-3,),
    ("jax", "sinc(a)"): (1e-6,),
    ("jax:float32", "sinc(a)"): (1e-3,),
    ("jax:float16", "sinc(a)"): (2.0**-12,),
    ("jax:bfloat16", "sinc(a)"): (-0.0057373046875,),
    ("autograd", "sinc(a)"): (1e-6,),
    ("mygrad", "sinc(a)"): (1e-6,),
    ("mygrad:float32", "sinc(a)"): (1e-3,),
    # The derivative is exp(a - r), where r has lost the digits that count.
    ("torch", "logsumexp(a, b)"): (1e10, 1e10),
    ("torch:float32", "logsumexp(a, b)"): (1e6, 1e6),
    ("autograd", "logsumexp(a, b)"): (1e10, 1e10),
    ("autograd", "logaddexp(a, b)"): (1e10, 1e10),
    ("jax", "logaddexp(a, b)"): (1e10, 1e10),
    ("jax:float32", "logaddexp(a, b)"): (1e6, 1e6),
    # The derivative has nine digits.
    ("torch", "digamma(a)"): (2.5,),
    # Beyond 20 it is the operand itself.
    ("torch", "softplus(a)"): (20.5,),
    # The value is 0 near 0.
    ("torch:bfloat16", "erf(a)"): (2.0**-23,),
    # The derivative at zero, whose square overflows.
    ("jax", "digamma(a)"): (1e160,),
    ("jax:float32", "digamma(a)"): (2.0**80,),
    ("jax:bfloat16", "digamma(a)"): (2.0**80,),
    ("tensorflow", "digamma(a)"): (1e160,),
    ("tensorflow:float32", "digamma(a)"): (2.0**80,),
    # The square of the operands overflows in the derivative.
    ("jax", "hypot(a, b)"): (3e160, 4e160),
    ("jax:float32", "hypot(a, b)"): (2.0**90, 2.0**90),
    ("jax:bfloat16", "hypot(a, b)"): (2.0**70, 2.0**70),
    ("jax:float16", "hypot(a, b)"): (2.0**10, 2.0**10),
    # The value is exp(a*log(2)), with a product of eight bits.
    ("jax:bfloat16", "exp2(a)"): (30.625,),
    # The derivative is NaN at 0.
    ("jax", "a**0.0"): (0.0,),
    ("jax:float32", "a**0.0"): (0.0,),
    ("jax:bfloat16", "a**0.0"): (0.0,),
    ("jax:float16", "a**0.0"): (0.0,),
    # The derivative is the product divided by the operand.
    ("autograd", "prod(a, b)"): (0.0, 2.0),
    # The value is infinite for subnormal numbers, as is SciPy's.
    ("autograd", "lgamma(a)"): (2.0**-1060,),
    # Near 0 the value is exp(a) - 1.
    ("mygrad", "elu(a, 1.0)"): (-(2.0**-30),),
    ("mygrad:float32", "elu(a, 1.0)"): (-(2.0**-26),),
    # The derivative at 0 is neither that of one side nor between the two.
    ("mygrad", "leaky_relu(a, 0.5)"): (0.0,),
    ("mygrad:float32", "leaky_relu(a, 0.5)"): (0.0,),
    # The square of the operand overflows in the value.
    ("tensorflow", "erf(a)"): (1e160,),
    # The constants of the function, and the slope, are those of float32.
    ("tensorflow", "gelu(a)"): (1.5,),
    ("tensorflow", "gelu_tanh(a)"): (1.5,),
    ("tensorflow", "leaky_relu(a, 0.01)"): (-1.0,),
}
"""Known defects of the libraries in the versions of 2026: an operation, and where it is wrong."""


TIES_GET_NOTHING = ("mygrad", "mygrad:float32")
"""The libraries whose max and min pass no gradient on where two operands are equal."""


def finished(engine, *, operations=DEFAULT_OPERATIONS, examples):
    return last_event(engine, options(operations=operations, max_ops=8, examples=examples))


def loaded(spec):
    package, _ = LIBRARIES[spec]
    pytest.importorskip(package, reason=f"{package} is not installed")
    return load_engine(spec)


def defective(spec):
    """The names of the operations of a library that are wrong somewhere."""
    formulas = [formula for of, formula in DEFECTS if of == spec]
    names = {o.name for formula in formulas for o in parse(formula).operations}
    return names | ({"max", "min"} if spec in TIES_GET_NOTHING else set())


@pytest.mark.parametrize("spec", LIBRARIES)
def test_nothing_is_found_in_a_library_but_known_defects(spec):
    engine, names = loaded(spec), defective(spec)
    has = [operation for operation in OPERATIONS.values() if operation in engine.operations]
    operations = tuple(operation for operation in has if operation.name not in names)
    last = finished(engine, operations=operations, examples=40)
    assert last.findings == ()
    assert last.state.statistics.decided > 40


def is_far_off(case, engine):
    """Whether the engine is off by mpmath, by more than 16 roundings of its format."""
    run = engine.run(case)
    numbers = [run.value, *(reading.adjoint for reading in run.readings[: len(case.point)])]
    with mpmath.workdps(50):
        return any(
            not abs(number - true) <= 16 * engine.precision.unit_roundoff * abs(true)
            for number, true in zip(numbers, by_mpmath(case), strict=True)
        )


@pytest.mark.parametrize(("spec", "formula"), DEFECTS)
def test_a_defect_is_found_from_the_row_alone_as_long_as_the_library_has_it(spec, formula):
    engine, case = loaded(spec), Case(parse(formula), DEFECTS[spec, formula])
    verdict = check(case, engine)
    assert verdict.kind.is_finding == is_far_off(case, engine)
    [operation] = case.expression.operations
    assert not verdict.kind.is_finding or verdict.signature.endswith(f"-of-{operation.word}")


@pytest.mark.parametrize(
    ("spec", "formula", "point"),
    [
        ("torch", "logaddexp(a, b)", (1e10, 1e10)),
        ("torch", "hypot(a, b)", (3e160, 4e160)),
        ("torch", "a**0.0", (0.0,)),
        ("torch", "prod(a, b)", (0.0, 2.0)),
        ("torch", "elu(a, 1.0)", (-(2.0**-30),)),
        ("torch:float32", "erf(a)", (2.0**-23,)),
        ("jax", "softplus(a)", (20.5,)),
        ("autograd", "digamma(a)", (2.5,)),
        ("casadi", "logsumexp(a, b)", (1e10, 1e10)),
    ],
)
def test_a_library_without_the_defect_is_right_at_the_same_point(spec, formula, point):
    assert check(Case(parse(formula), point), loaded(spec)).kind is Kind.CORRECT


@pytest.mark.parametrize("factor", [0.0, 0.5])
def test_the_gradient_of_a_cumulative_product_in_tensorflow_is_wrong_at_zero_only(factor):
    loaded("tensorflow")
    case = array_case("sum(cumprod(x, axis=0))", x=[3.0, factor, 4.0])
    verdict = check_arrays(case, library_arrays("tensorflow", "tensorflow"))
    true = [1.0 + factor * (1.0 + 4.0), 3.0 * (1.0 + 4.0), 3.0 * factor]
    is_right = [*verdict.run.gradients[0]] == true
    assert verdict.is_finding is not is_right
    assert is_right or factor == 0.0


@pytest.mark.parametrize("spec", LIBRARIES)
@pytest.mark.parametrize("formula", ["max(a, a)", "min(a, a)"])
def test_a_tie_that_gets_nothing_is_found(spec, formula):
    kind = check(Case(parse(formula), (1.0,)), loaded(spec)).kind
    assert kind is (Kind.WRONG_GRADIENT if spec in TIES_GET_NOTHING else Kind.CORRECT)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_branch_that_is_not_taken_makes_the_gradient_singular(package):
    case = Case(parse("where(a > 0.0, sqrt(a), a)"), (-1.0,))
    is_nan = math.isnan(loaded(package).run(case).readings[0].adjoint)
    assert check(case, loaded(package)).kind is (Kind.SINGULAR if is_nan else Kind.CORRECT)
    assert is_nan is (package not in ("casadi", "tensorflow"))


def wrong_torch():
    torch = importlib.import_module("torch")

    class WrongTanh(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            t = torch.tanh(x)
            ctx.save_for_backward(t)
            return t

        @staticmethod
        def backward(ctx, upstream):
            (t,) = ctx.saved_tensors
            return upstream * (1 - t)

    return WrongTanh.apply


def wrong_jax():
    jax = importlib.import_module("jax")
    tanh = jax.custom_vjp(jax.numpy.tanh)

    def forward(x):
        t = jax.numpy.tanh(x)
        return t, t

    tanh.defvjp(forward, lambda t, upstream: (upstream * (1 - t),))
    return tanh


def wrong_autograd():
    np = importlib.import_module("autograd.numpy")
    extend = importlib.import_module("autograd.extend")
    tanh = extend.primitive(np.tanh)
    extend.defvjp(tanh, lambda t, x: lambda upstream: upstream * (1 - t))
    return tanh


def wrong_mygrad():
    mygrad = importlib.import_module("mygrad")
    np = importlib.import_module("numpy")
    base = importlib.import_module("mygrad.operation_base")

    class WrongTanh(base.Operation):
        def __call__(self, x):
            self.variables = (x,)
            self.result = np.tanh(x.data)
            return self.result

        def backward_var(self, grad, index, **_):
            return grad * (1 - self.result)

    return lambda x: mygrad.execute_op(WrongTanh, x)


def wrong_casadi():
    casadi = importlib.import_module("casadi")
    x, t = casadi.MX.sym("x"), casadi.MX.sym("t")
    slope = casadi.Function("jac_wrong_tanh", [x, t], [1 - casadi.tanh(x)])
    options = {"custom_jacobian": slope, "never_inline": True}
    return casadi.Function("wrong_tanh", [x], [casadi.tanh(x)], options)


def wrong_tensorflow():
    tensorflow = importlib.import_module("tensorflow")

    @tensorflow.custom_gradient
    def wrong_tanh(x):
        t = tensorflow.tanh(x)
        return t, lambda upstream: upstream * (1 - t)

    return wrong_tanh


WRONG = {
    "torch": wrong_torch,
    "torch:float32": wrong_torch,
    "jax": wrong_jax,
    "autograd": wrong_autograd,
    "mygrad": wrong_mygrad,
    "casadi": wrong_casadi,
    "tensorflow": wrong_tensorflow,
}


def test_there_is_a_bug_for_every_library():
    assert {LIBRARIES[spec][0] for spec in WRONG} == set(PACKAGES)


@pytest.mark.parametrize("spec", WRONG)
def test_a_wrong_derivative_of_the_users_own_is_found_and_blamed(spec):
    engine = loaded(spec)
    last = finished(engine.with_operation("tanh", WRONG[spec]()), examples=8)
    [verdict] = [found.finding.verdict for found in last.findings]
    assert verdict.signature == "wrong-partial-of-tanh"
    assert verdict.case.expression.size == 1


BROKEN_TANH = """
from autograd import numpy
from autograd.extend import defvjp, primitive

tanh = primitive(numpy.tanh)
defvjp(tanh, lambda answer, x: lambda above: above * (1.0 - answer))
"""


def test_an_operation_of_the_users_own_has_a_script_that_tells_when_it_is_mended(
    tmp_path, monkeypatch
):
    pytest.importorskip("autograd", reason="autograd is not installed")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(BROKEN_TANH)
    verdict = check(Case(parse("tanh(a)"), (0.5,)), "autograd[operation.tanh=mine.py:tanh]")
    assert verdict.signature == "wrong-partial-of-tanh"
    script = save(finding_of(verdict), tmp_path) / "repro.py"
    assert run_python(script, folder=tmp_path).returncode == 1
    (tmp_path / "mine.py").write_text(BROKEN_TANH.replace("1.0 - answer", "1.0 - answer**2"))
    assert run_python(script, folder=tmp_path).returncode == 0
