"""Numbers at which a textbook formula may fail: the tail of tanh, and subnormal numbers."""

from __future__ import annotations

import pytest

from gradcheck.conformance.judging import judge
from gradcheck.engines.protocol import Engine

_TINY = 5e-324
"""The smallest positive float."""


@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["right", "left"])
@pytest.mark.parametrize("size", [3.0, 5.0, 9.0, 18.0, 20.0, 400.0, 800.0])
def test_the_tail_of_tanh(gradcheck_engine: Engine, size: float, sign: float) -> None:
    judge(gradcheck_engine, "tanh(a)", sign * size)


@pytest.mark.parametrize("number", [_TINY, -_TINY, 1e-310, 2.0**-1022])
@pytest.mark.parametrize("formula", ["a + 0.5", "a*0.5", "0.5*a", "a*b", "tanh(a) + b"])
def test_subnormals(gradcheck_engine: Engine, formula: str, number: float) -> None:
    judge(gradcheck_engine, formula, *(number, 0.5)[: 1 + ("b" in formula)])
