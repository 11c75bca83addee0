"""The fixture that checks plain functions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gradcheck.adapters.engine import Engine
from gradcheck.assertion import assert_gradients
from gradcheck.expression import Case
from gradcheck.pytest_plugin.engines import engine_under_test
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
        assert_gradients(case, _under_test(config) if engine is None else engine)

    return gradcheck


def _under_test(config: pytest.Config) -> Engine:
    try:
        return engine_under_test(config)
    except pytest.UsageError as error:
        pytest.fail(f"{error}, or pass engine=", pytrace=False)
