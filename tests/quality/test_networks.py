"""Operations of networks: right formulas are not accused, and those of an engine are found."""

from functools import cache
from itertools import islice
from types import ModuleType

import numpy as np
import pytest

from gradcheck.array_checks.checking import check_arrays
from gradcheck.arrays.notation import array_case
from gradcheck.engines.arrays.discovery.discover import array_engine
from gradcheck.generation.array_programs import random_cases
from helpers.array_shapes import changed
from helpers.network_formulas import NETWORK_FORMULAS, RIGHT, SOFTMAXES, other

PROGRAMS = 40

EVERYTHING = {
    *("+", "*", "tanh", "sum", "index", "var", "norm", "where", "outer", "mse", "cross_entropy"),
    *("layer_norm", "batch_norm", "cumprod", "pad", "roll", "tril", "triu", "diagonal", "split"),
    *("conv1d", "conv2d", "max_pool", "avg_pool", "log_softmax"),
}

MISSING = {
    *("avg_pool along 1 axis", "max_pool along 1 axis", "layer_norm over several axes"),
    *("* with a NumPy array on the left", "+ with a NumPy array on the left"),
}


def engine_of(source):
    module = ModuleType("tensor")
    exec(source, module.__dict__)
    return array_engine("tensor:Tensor", module.Tensor, module)


@cache
def programs(operations, missing_forms, precision):
    drawn = random_cases(
        sorted(operations), missing_forms=missing_forms, precision=precision, seed="1"
    )
    return [*islice(drawn, PROGRAMS)]


def difficult_cases(largest):
    """Return cases in which formulas differ: means far from zero, and logits far apart."""
    generator = np.random.default_rng(1)
    cases = []
    for _ in range(5):
        rows, columns = generator.integers(1, 4), generator.integers(3, 9)
        far = generator.choice([0.0, 1.0, 100.0, -1e4]) + generator.normal(size=(rows, columns))
        wide = np.exp(3.0 * generator.normal(size=(rows, columns)))
        logits = largest * generator.uniform(-1.0, 1.0, size=(rows, columns))
        labels = tuple(generator.integers(0, columns, size=rows).tolist())
        weights = generator.normal(size=(rows, columns))
        for x in (far, wide):
            cases += [
                array_case("var(x, axis=1, ddof=1)", x=x, weights=weights[:, 0]),
                array_case("norm(x, axis=1)", x=x, weights=weights[:, 0]),
                array_case("layer_norm(x, axis=-1, eps=1e-8)", x=x, weights=weights),
                array_case("batch_norm(x, eps=1e-5)", x=x.T, weights=weights.T),
                array_case("mse(x, y)", x=x, y=x + 1e-3 * weights),
            ]
        cases.append(array_case(f"cross_entropy(x, {labels})", x=logits, weights=weights[0, 0]))
    return cases


@pytest.mark.parametrize("name", NETWORK_FORMULAS)
def test_a_formula_in_use_is_not_accused(name):
    engine = engine_of(NETWORK_FORMULAS[name])
    assert engine.array_operations == EVERYTHING
    assert engine.missing_forms == MISSING
    drawn = programs(engine.array_operations, engine.missing_forms, engine.precision)
    # A larger number has an exponential that is not shifted overflow in float32.
    verdicts = [check_arrays(case, engine) for case in [*drawn, *difficult_cases(40.0)]]
    assert [verdict for verdict in verdicts if verdict.is_finding] == []
    assert sum(verdict.is_decided for verdict in verdicts) > 0.9 * len(verdicts)


def cases_near_zero(precision):
    """Return cases with elements, or weights, below the normal range."""
    generator = np.random.default_rng(2)
    for _ in range(10):
        tiny = precision.smallest_subnormal * generator.choice([*range(-9, 0), 1, 2], size=(2, 3))
        x = np.where(generator.random((2, 3)) < 0.5, tiny, generator.normal(size=(2, 3)))
        for weights in (tiny, generator.normal(size=(2, 3))):
            yield array_case("norm(x, axis=1)", x=x, weights=weights[:, 0])
            yield array_case("var(x, axis=1, ddof=1)", x=x, weights=weights[:, 0])
            yield array_case("layer_norm(x, axis=-1, eps=1e-5)", x=x, weights=weights)
            yield array_case("log_softmax(x, axis=1)", x=x, weights=weights)
            yield array_case("cross_entropy(x, (0, 2))", x=x, weights=weights[0, 0])
            yield array_case("mse(x, y)", x=x, y=0.5 * x, weights=weights[0, 0])
            yield array_case("cumprod(x, 1)", x=x, weights=weights)


@pytest.mark.parametrize("name", NETWORK_FORMULAS)
def test_no_formula_is_accused_of_what_it_loses_near_zero(name):
    engine = engine_of(NETWORK_FORMULAS[name])
    verdicts = [check_arrays(case, engine) for case in cases_near_zero(engine.precision)]
    assert [verdict for verdict in verdicts if verdict.is_finding] == []


@pytest.mark.parametrize(
    "logits", [[[276.7, -211.4, 254.9]], [[0.0, -40.0, -700.0]], [[0.0, -730.0, -1e3]]]
)
@pytest.mark.parametrize("name", ["as it is", "the softmax less one", "log_softmax by the softmax"])
def test_logits_far_apart_are_not_accused(name, logits):
    engine = engine_of(NETWORK_FORMULAS[name])
    weights = np.array([[3.0, -7.0, 11.0]])
    cases = [array_case("log_softmax(x, axis=1)", x=logits, weights=weights)]
    cases += [array_case(f"cross_entropy(x, [{label}])", x=logits) for label in range(3)]
    assert [case for case in cases if check_arrays(case, engine).is_finding] == []


def test_the_exponential_of_a_logarithm_is_not_accused_of_the_digits_that_it_loses():
    engine = engine_of(RIGHT)
    generator = np.random.default_rng(1)
    for _ in range(50):
        # The gradient of an element without a weight is the softmax, of 1e-200 for example.
        logits = 150.0 * generator.normal(size=(1, 6))
        case = array_case("log_softmax(x, axis=1)", x=logits, weights=[[1.0, 0, 0, 0, 0, 0]])
        assert not check_arrays(case, engine).is_finding


WEIGHTS_OF_SOFTMAX = ([0.0, -5.0, -8.0], [3.0, -7.0, 11.0], [2.0, 0.0, -1.0])


def softmax_cases(logits):
    return [
        array_case("softmax(x, axis=1)", x=logits, weights=[weights])
        for weights in WEIGHTS_OF_SOFTMAX
    ]


@pytest.mark.parametrize("logits", [[-700.0, 0.0, 0.0], [276.7, -211.4, 254.9], [0.5, -0.25, 2.0]])
@pytest.mark.parametrize("name", SOFTMAXES)
def test_a_softmax_by_another_formula_is_not_accused(name, logits):
    engine = engine_of(SOFTMAXES[name])
    verdicts = [check_arrays(case, engine) for case in softmax_cases([logits])]
    assert [verdict for verdict in verdicts if verdict.is_finding] == []
    assert all(verdict.is_decided for verdict in verdicts)


@pytest.mark.parametrize("logits", [[-700.0, 0.0, 0.0], [276.7, -211.4, 254.9], [0.5, -0.25, 2.0]])
@pytest.mark.parametrize("name", SOFTMAXES)
def test_a_softmax_without_the_sum_in_its_gradient_is_found(name, logits):
    wrong = changed(
        ("(g - (g * value).sum(", "(g + 0.0 * (g * value).sum("), source=SOFTMAXES[name]
    )
    verdicts = [check_arrays(case, engine_of(wrong)) for case in softmax_cases([logits])]
    assert all(verdict.is_finding for verdict in verdicts)


SPELLINGS = {
    "unbiased": ("var", "ddof=0):", "unbiased=True):\n        ddof = int(unbiased)\n"),
    "correction": ("var", "ddof=0):", "correction=1):\n        ddof = correction\n"),
    "masked_fill": (
        "where",
        "def where(condition, a, b):\n",
        "def masked_fill(b, condition, value):\n    a = Tensor(value)\n\n",
    ),
    "one-hot labels": (
        "cross_entropy",
        "    rows = np.arange(len(labels))\n",
        "    labels = labels.argmax(axis=1)\n    rows = np.arange(len(labels))\n",
    ),
    "scale and shift": (
        "layer_norm",
        "def layer_norm(x, eps=1e-5):\n    return normalized(x, -1, eps)",
        "def layer_norm(x, gamma, beta, eps=1e-5):\n"
        "    return normalized(x, -1, eps) * gamma + beta",
    ),
    "a layer": (
        "batch_norm",
        "def batch_norm(x, eps=1e-5):\n    return",
        "class BatchNorm1d:\n    def __init__(self, size, eps=1e-5):\n        self.eps = eps\n\n"
        "    def __call__(self, x):\n        eps = self.eps\n        return",
    ),
    "a split by size": (
        "split",
        "        size = self.data.shape[axis] // sections\n",
        "        size, sections = sections, self.data.shape[axis] // sections\n",
    ),
    "a width": ("max_pool", "def max_pool2d(x, size,", "def maxpool2d(x, size,"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_an_operation_is_found_under_another_spelling(name):
    operation, right, spelled = SPELLINGS[name]
    engine = engine_of(other((right, spelled)))
    assert operation in engine.array_operations
    cases = random_cases([operation, "*"], missing_forms=engine.missing_forms, seed="2")
    assert not any(check_arrays(case, engine).is_finding for case in islice(cases, 50))


OTHER_MEANINGS = {
    "a sum of losses": ("cross_entropy", "log_p[rows, labels].mean()", "log_p[rows, labels].sum()"),
    "a loss that is kept from infinity": (
        "cross_entropy",
        "-log_p[rows, labels].mean()",
        "-np.log(np.exp(log_p[rows, labels]) + 1e-12).mean()",
    ),
    "half of the squared error": ("mse", "(difference**2).mean()", "(difference**2).mean() / 2.0"),
    "the root of a sum of sizes": ("norm", "(self.data * self.data).sum(", "abs(self.data).sum("),
    "a flipped kernel": ("conv1d", "seen, kernel.data)\n", "seen, np.flip(kernel.data, -1))\n"),
}


@pytest.mark.parametrize("name", OTHER_MEANINGS)
def test_another_operation_of_that_name_is_left_out_and_named(name):
    operation, right, different = OTHER_MEANINGS[name]
    engine = engine_of(other((right, different)))
    assert operation not in engine.array_operations
    assert f"{operation} (gives other numbers)" in engine.missing_forms


def test_only_the_number_that_is_added_to_the_variance_is_known():
    engine = engine_of(RIGHT.replace("eps=1e-5):\n    return", "):\n    eps = 1e-8\n    return"))
    assert "layer_norm" in engine.array_operations
    assert {f"layer_norm with eps={eps}" for eps in (1e-5, 1e-6, 1e-12)} <= engine.missing_forms
    assert "layer_norm with eps=1e-08" not in engine.missing_forms
