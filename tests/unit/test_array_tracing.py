"""A plain function of arrays is checked as an array program."""

import numpy as np
import pytest

from gradcheck import TraceError, check_function
from gradcheck.arrays.tracing import trace_arrays
from gradcheck.engine.broken.array_bugs import BUGS, RIGHT

X = np.array([[1.0, 2.0], [3.0, 4.0]])
W = np.array([[0.5], [-1.0]])


def traced(function, **arrays):
    return trace_arrays(function, {name: np.array(a, dtype=float) for name, a in arrays.items()})


def softmax_like(x, w):
    e = np.exp(x @ w - 1.0)
    return (e / e.sum(axis=0, keepdims=True)) ** 2


def looped(x, w):
    total = 0.0
    for row in range(len(x)):
        total = total + x[row] @ w
    return np.tanh(total) if x.ndim == 2 else total


@pytest.mark.parametrize(
    ("function", "formula"),
    [
        (lambda x, w: (x @ w).sum(axis=0), "sum(x @ w, axis=0)"),
        (lambda x, w: np.sum(np.matmul(x, w), 0), "sum(x @ w, axis=0)"),
        (lambda x, w: x.T @ w - 2 * w, "transpose(x) @ w - 2.0 * w"),
        (lambda x, w: np.concatenate([x, w.reshape(1, 2)], axis=0), None),
        (lambda x, w: -abs(x[[0, 0]] + w), "-abs(x[[0, 0]] + w)"),
        (lambda x, w: np.array([1.0, 2.0]) * x + w, "[1.0, 2.0] * x + w"),
        (lambda x, w: 2.0**x + w, "2.0 ** x + w"),
        (lambda x, w: np.arctan(x.max(axis=-1)) + w[:, 0], "atan(max(x, axis=-1)) + w[:, 0]"),
        (lambda x, w: np.var(x, 0, ddof=1) * w, "var(x, axis=0, ddof=1) * w"),
        (lambda x, w: np.linalg.norm(x, axis=1) + w, "norm(x, axis=1) + w"),
        (lambda x, w: np.where(x > w, x, 0.0), "where(x > w, x, 0.0)"),
        (lambda x, w: np.where(x < 1.0, w, x), "where(1.0 > x, w, x)"),
        (lambda x, w: np.where(X > 1.5, x, w), "where([[False, True], [True, True]], x, w)"),
        (lambda x, w: np.where(x < w, 1.0, 2.0) * x, "where(w > x, 1.0, 2.0) * x"),
        (lambda x, w: np.pad(x, 1) * w[0], "pad(x, widths=((1, 1), (1, 1))) * w[0]"),
        (lambda x, w: np.pad(x, ((0, 1), (0, 0)), mode="constant") @ w, None),
        (lambda x, w: np.roll(x, 1, axis=0) @ w, "roll(x, shift=1, axis=0) @ w"),
        (lambda x, w: np.split(x, 2, axis=1)[1] * w, "split(x, axis=1, sections=2, part=1) * w"),
        (lambda x, w: np.tril(x) @ np.triu(x, 1) @ w, "tril(x) @ triu(x, k=1) @ w"),
        (lambda x, w: np.diagonal(x) + w, "diagonal(x) + w"),
        (lambda x, w: np.cumprod(x, axis=0) * w, "cumprod(x, axis=0) * w"),
        (lambda x, w: np.outer(x[0], w[:, 0]), "outer(x[0], w[:, 0])"),
        (lambda x, w: np.dot(x, w) + 1, "x @ w + 1.0"),
        (lambda x, w: np.swapaxes(x, 0, 1) @ w, "transpose(x, axes=(1, 0)) @ w"),
        (lambda x, w: x.flatten() * w, "reshape(x, shape=(-1,)) * w"),
        (lambda x, w: x[X > 1.5] * w, "x[[[False, True], [True, True]]] * w"),
        (lambda x, w: x[[0, 1], [1, 1]] + w, "x[[0, 1], [1, 1]] + w"),
        (lambda x, w: np.stack([x, x]) @ w, "stack(x, x, axis=0) @ w"),
        (lambda x, w: np.concatenate([x, x]) @ w, "concatenate(x, x, axis=0) @ w"),
        (softmax_like, None),
        (looped, None),
    ],
)
def test_what_a_function_does_to_arrays_is_recorded(function, formula):
    case = traced(function, x=X, w=W)
    assert formula is None or case.formula == formula
    assert case.program.shape == np.shape(function(X, W))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x if x.sum() > 0 else -x, "a decision on a number"),
        (lambda x: float(x.sum()) * x, "a decision on a number"),
        (lambda x: np.linalg.inv(x) + x, "numpy.inv cannot be traced"),
        (lambda x: x if x > 1.0 else -x, "a decision on a number"),
        (lambda x: np.linalg.norm(x, 1), "numpy.norm cannot be traced"),
        (lambda x: np.pad(x, 1, mode="edge"), "numpy.pad cannot be traced"),
        (lambda x: np.split(x, [1]), "numpy.split at several places"),
        (lambda x: np.swapaxes(x, 0, 7), "two axes of an array of 2 dimensions are swapped"),
        (lambda x: x[x > 1.0], "the index"),
        (lambda x: np.dot(x, np.ones((2, 2, 2))), "dot: with stacked matrices on the right"),
        (lambda x: np.flip(x) + x, "flip needs a value that fits for: axis"),
        (lambda x: np.diagonal(x, axis1=1), "diagonal takes offset, not axis1"),
        (lambda x: x.softplux(), ".softplux cannot be traced"),
        (lambda x: x @ np.ones(3), "matmul of shapes (2, 2) and (3,)"),
        (lambda x: x + "a", "an operation with a str"),
        (lambda x: x * np.inf, "not finite"),
        (lambda x: 3.0, "returns a float"),
        (lambda x: x, "nothing is done with it"),
        (lambda y: y, "does not take x"),
        (lambda x: np.add(x, x, where=True), "numpy.add cannot be traced"),
    ],
)
def test_what_no_program_can_hold_is_one_line(function, message):
    with pytest.raises(TraceError) as caught:
        traced(function, x=X)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def tensor(tmp_path):
    def spec(source):
        file = tmp_path / f"tensor_{len([*tmp_path.iterdir()])}.py"
        file.write_text(source)
        return str(file)

    return spec


def loss(x, w, b):
    return ((x @ w + b).tanh() ** 2).mean()


def test_a_function_is_checked_on_a_class_of_arrays(tensor):
    verdict = check_function(loss, {"x": X, "w": W, "b": 0.5}, tensor(RIGHT))
    assert verdict.kind.value == "correct"
    wrong = check_function(
        loss, {"x": X, "w": W, "b": 0.5}, tensor(BUGS["the derivative of tanh"].source)
    )
    assert wrong.signature == "wrong-partial-of-tanh"


def test_an_operation_that_the_engine_does_not_have_is_named(tensor):
    with pytest.raises(TraceError, match="has no cumsum"):
        check_function(lambda x: np.cumsum(x, axis=0), {"x": X}, tensor(RIGHT))


def test_a_list_is_an_array_and_a_library_is_asked_for_its_arrays():
    verdict = check_function(lambda x: (x * x).sum(), {"x": [1.0, 2.0]}, "autograd")
    assert [row.backprop for row in verdict.rows] == [5.0, 2.0, 4.0]
