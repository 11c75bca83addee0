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
        pytest.skip(f"{gradcheck_engine.spec} has none of the operations")

    @_reproducible(pytestconfig)
    @given(cases(operations=operations, max_ops=max_ops))
    def every_case_is_right(case: Case) -> None:
        assert_gradients(case, gradcheck_engine)

    every_case_is_right()


def _reproducible(config: pytest.Config) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return settings that draw the same cases in every run.

    A user who passes ``--hypothesis-seed`` or loads a profile gets other cases. Hypothesis does not
    search for lines of code that explain a failure: this is slow, and the verdict explains it.
    """
    phases = tuple(phase for phase in settings().phases if phase is not Phase.explain)
    plain = settings(deadline=None, phases=phases)
    is_profile_chosen = not settings.get_current_profile_name().startswith("default")
    if is_profile_chosen or config.getoption("--hypothesis-seed", default=None) is not None:
        return plain
    return settings(plain, derandomize=True, database=None)
