"""The real libraries, healthy and with a derivative of the user's own that is wrong."""

import importlib

import pytest

from gradcheck import Case, check, load_engine, parse
from gradcheck.engines.libraries import LIBRARIES
from gradcheck.findings.store import save
from helpers.findings import finding_of
from helpers.processes import run_python
from helpers.runs import last_event, options

PACKAGES = sorted({package for package, _ in LIBRARIES.values()})


def finished(engine, *, examples):
    return last_event(engine, options(max_ops=8, examples=examples))


def loaded(spec):
    package, _ = LIBRARIES[spec]
    pytest.importorskip(package, reason=f"{package} is not installed")
    return load_engine(spec)


@pytest.mark.parametrize("spec", LIBRARIES)
def test_nothing_is_found_in_a_library(spec):
    last = finished(loaded(spec), examples=40)
    assert last.findings == ()
    assert last.state.statistics.decided > 40


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


WRONG = {
    "torch": wrong_torch,
    "torch:float32": wrong_torch,
    "jax": wrong_jax,
    "autograd": wrong_autograd,
    "mygrad": wrong_mygrad,
    "casadi": wrong_casadi,
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
