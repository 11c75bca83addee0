"""The blame for an operation on arrays names its operands as they are in the case."""

import pytest

from gradcheck import array_case, check
from helpers.network_formulas import other

X = [[[[1.0, 2.0], [3.0, 5.0]]]]

TWICE_TO_THE_KERNEL = other(
    (
        'kernel.give(np.einsum(f"nc{out}{into},nk{out}->kc{into}", seen, g))',
        'kernel.give(2.0 * np.einsum(f"nc{out}{into},nk{out}->kc{into}", seen, g))',
    )
)

TWICE_TO_X = other(("x.give(whole[(..., *end)])", "x.give(2.0 * whole[(..., *end)])"))


@pytest.mark.parametrize(
    ("source", "formula", "operand"),
    [
        (TWICE_TO_THE_KERNEL, "conv2d(x, k, stride=1, padding=0)", "k"),
        (TWICE_TO_THE_KERNEL, "conv2d(x, x, stride=1, padding=0)", "x as the second operand"),
        (TWICE_TO_X, "conv2d(x, x, stride=1, padding=0)", "x as the first operand"),
        (TWICE_TO_X, "conv2d(tanh(x), k, stride=1, padding=0)", "`tanh(x)`"),
        (
            TWICE_TO_X,
            "conv2d(tanh(x), tanh(x), stride=1, padding=0)",
            "`tanh(x)` as the first operand",
        ),
        (
            TWICE_TO_THE_KERNEL,
            "conv2d(x, tanh(tanh(tanh(tanh(tanh(tanh(tanh(k))))))), stride=1, padding=0)",
            "the second operand",
        ),
    ],
)
def test_an_operand_is_named_as_it_is_written(load, source, formula, operand):
    engine = load(source)
    arrays = {"x": X, "k": X} if "k)" in formula or "k," in formula else {"x": X}
    verdict = check(array_case(formula, **arrays), engine)
    assert verdict.signature == "wrong-partial-of-conv2d"
    assert verdict.blame.detail == f"the gradient of {operand} is twice what it should be"
