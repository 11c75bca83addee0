"""The fixture that checks plain functions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gradcheck.assertion import require_right
from gradcheck.checking import check_function
from gradcheck.engines.protocol import Engine
from gradcheck.pytest_plugin.engines import engine_or_failure


def checker(config: pytest.Config) -> Callable[..., None]:
    """What the fixture ``gradcheck`` of a run is."""

    def gradcheck(
        function: Callable[..., object],
        /,
        *numbers: float,
        engine: Engine | type | str | None = None,
        **named: float,
    ) -> None:
        __tracebackhide__ = True
        if numbers and named:
            message = "the numbers of a function are given in order or by name, not some of each"
            raise TypeError(message)
        engine = engine_or_failure(config) if engine is None else engine
        require_right(check_function(function, numbers or named, engine))

    return gradcheck
