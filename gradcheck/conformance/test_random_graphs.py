"""Random graphs at random points."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings

from gradcheck.assertion import assert_gradients
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.strategies import cases

_SIZES = (4, 10, 30)


@pytest.mark.parametrize("max_ops", _SIZES)
def test_random_graphs(gradcheck_engine: Engine, pytestconfig: pytest.Config, max_ops: int) -> None:
    operations = tuple(sorted(gradcheck_engine.operations, key=lambda o: o.name))
    if not operations:
        pytest.skip(f"{gradcheck_engine.spec} has no operation that there is")

    @_same_every_time(pytestconfig)
    @given(cases(operations=operations, max_ops=max_ops))
    def every_case_is_right(case: Case) -> None:
        assert_gradients(case, gradcheck_engine)

    every_case_is_right()


def _same_every_time(config: pytest.Config) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Settings that draw the same cases in every run, unless the user has chosen otherwise.

    That is with ``--hypothesis-seed`` or by loading a profile. Hypothesis does not look for the
    lines of code that explain a failure: it takes long, and the verdict does that.
    """
    phases = tuple(phase for phase in settings().phases if phase is not Phase.explain)
    plain = settings(deadline=None, phases=phases)
    chosen = not settings.get_current_profile_name().startswith("default")
    if chosen or config.getoption("--hypothesis-seed", default=None) is not None:
        return plain
    return settings(plain, derandomize=True, database=None)
