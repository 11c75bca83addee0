"""Numbers at which a textbook formula may fail: the tail of tanh, and subnormal numbers."""

from __future__ import annotations

import pytest

from gradcheck.conformance.judging import judge
from gradcheck.conformance.properties import FORMULAS_OF_TINY, TAIL_OF_TANH, TINY
from gradcheck.engines.protocol import Engine


@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["right", "left"])
@pytest.mark.parametrize("size", TAIL_OF_TANH)
def test_the_tail_of_tanh(gradcheck_engine: Engine, size: float, sign: float) -> None:
    judge(gradcheck_engine, "tanh(a)", sign * size)


@pytest.mark.parametrize("number", TINY)
@pytest.mark.parametrize("formula", FORMULAS_OF_TINY)
def test_subnormals(gradcheck_engine: Engine, formula: str, number: float) -> None:
    judge(gradcheck_engine, formula, number, 0.5)
