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
