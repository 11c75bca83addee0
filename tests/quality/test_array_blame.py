"""The blame for an operation on arrays names its operands as they are in the case."""

import pytest

from gradcheck import array_case, check
from helpers.network_formulas import other

X = {"x": [[[[1.0, 2.0], [3.0, 5.0]]]]}
X_AND_KERNEL = {**X, "k": X["x"]}

TWICE_TO_THE_KERNEL = other(
    (
        'kernel.give(np.einsum(f"nc{out}{into},nk{out}->kc{into}", seen, g))',
        'kernel.give(2.0 * np.einsum(f"nc{out}{into},nk{out}->kc{into}", seen, g))',
    )
)

TWICE_TO_X = other(("x.give(whole[(..., *end)])", "x.give(2.0 * whole[(..., *end)])"))


@pytest.mark.parametrize(
    ("source", "formula", "arrays", "operand"),
    [
        (TWICE_TO_THE_KERNEL, "conv2d(x, k, stride=1, padding=0)", X_AND_KERNEL, "k"),
        (TWICE_TO_THE_KERNEL, "conv2d(x, x, stride=1, padding=0)", X, "x as the second operand"),
        (TWICE_TO_X, "conv2d(x, x, stride=1, padding=0)", X, "x as the first operand"),
        (TWICE_TO_X, "conv2d(tanh(x), k, stride=1, padding=0)", X_AND_KERNEL, "`tanh(x)`"),
        (
            TWICE_TO_X,
            "conv2d(tanh(x), tanh(x), stride=1, padding=0)",
            X,
            "`tanh(x)` as the first operand",
        ),
        (
            TWICE_TO_THE_KERNEL,
            "conv2d(x, tanh(tanh(tanh(tanh(tanh(tanh(tanh(k))))))), stride=1, padding=0)",
            X_AND_KERNEL,
            "the second operand",
        ),
    ],
)
def test_an_operand_is_named_as_it_is_written(load, source, formula, arrays, operand):
    engine = load(source)
    verdict = check(array_case(formula, **arrays), engine)
    assert verdict.signature == "wrong-partial-of-conv2d"
    assert verdict.blame.detail == f"the gradient of {operand} is twice what it should be"
