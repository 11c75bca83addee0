"""Random graphs at random points."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from hypothesis.strategies import SearchStrategy

from gradcheck.assertion import assert_gradients
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.report import AnyCase
from gradcheck.strategies import array_cases, cases

_SIZES = (4, 10, 30)

_MOST_OPS_ON_ARRAYS = 10
"""Operations of a program of arrays; each is as large as many operations on numbers."""


@pytest.mark.parametrize("max_ops", _SIZES)
def test_random_graphs(
    gradcheck_engine: AnyEngine, pytestconfig: pytest.Config, max_ops: int
) -> None:
    @_reproducible(pytestconfig)
    @given(_cases_for(gradcheck_engine, max_ops))
    def every_case_is_right(case: AnyCase) -> None:
        assert_gradients(case, gradcheck_engine)

    every_case_is_right()


def _cases_for(engine: AnyEngine, max_ops: int) -> SearchStrategy[AnyCase]:
    """Return a strategy for cases with the operations of an engine; skip the test without any."""
    if isinstance(engine, ArrayEngine):
        if max_ops > _MOST_OPS_ON_ARRAYS:
            pytest.skip(f"a program of arrays has at most {_MOST_OPS_ON_ARRAYS} operations")
        if engine.array_operations:
            return array_cases(
                operations=sorted(engine.array_operations),
                max_ops=max_ops,
                missing_forms=engine.missing_forms,
            )
    elif operations := sorted(engine.operations, key=lambda o: o.name):
        return cases(operations=operations, max_ops=max_ops)
    pytest.skip(f"{engine.spec} has none of the operations")


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
