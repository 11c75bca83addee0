"""The fixture that checks plain functions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gradcheck.adapters.engine import Engine
from gradcheck.assertion import assert_gradients
from gradcheck.expression import Case
from gradcheck.pytest_plugin.engines import engine_or_failure
from gradcheck.tracing import trace


def checker(config: pytest.Config) -> Callable[..., None]:
    """What the fixture ``gradcheck`` of a run is."""

    def gradcheck(
        function: Callable[..., object],
        /,
        *,
        engine: Engine | type | str | None = None,
        **numbers: float,
    ) -> None:
        __tracebackhide__ = True
        case = Case(trace(function, tuple(numbers)), tuple(map(float, numbers.values())))
        assert_gradients(case, engine_or_failure(config) if engine is None else engine)

    return gradcheck
