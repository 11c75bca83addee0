"""All the checks, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gradcheck.engines.custom import CustomEngine
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.engines.lifecycle.isolated import IsolatedLifecycle
from gradcheck.engines.lifecycle.objects import ObjectLifecycle
from gradcheck.engines.lifecycle.protocol import LifecycleEngine
from gradcheck.engines.lifecycle.tensors import TensorLifecycle
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.protocol import Engine
from gradcheck.engines.tensors import TensorEngine
from gradcheck.expression import Case, Constant, Expression
from gradcheck.lifecycle import same_bits, scenarios, unchanged
from gradcheck.lifecycle.judge import judge, right_alone
from gradcheck.lifecycle.result import Outcome, Result
from gradcheck.lifecycle.scenario import Scenario

Scenarios = Callable[[LifecycleEngine, Sequence[Case]], Iterator[Scenario]]

_COMPARISONS: dict[str, Scenarios] = {
    "second-backward": lambda _, cases: _each(cases, scenarios.second_backward),
    "zero-grad": lambda live, cases: (
        s for case in cases for s in scenarios.zero_grad(case, live.resets)
    ),
    "used-inputs": lambda _, cases: (
        s for case, other in scenarios.pairs(cases) for s in scenarios.used_inputs(case, other)
    ),
    "shared-outputs": lambda _, cases: _each(cases, scenarios.shared_outputs),
    "inner-first": lambda _, cases: _each(cases, scenarios.inner_first),
}

_OF_ONE_PASS = {
    unchanged.NAME: unchanged.unchanged,
    same_bits.NAME: same_bits.same_bits,
}

_MAY_BE_REFUSED = {"second-backward", "shared-outputs", "inner-first"}
"""A graph may be good for one backward pass only."""

CHECKS = (*_COMPARISONS, *_OF_ONE_PASS)


def run_check(check: str, engine: Engine, cases: Sequence[Case]) -> Result:
    """What one of ``CHECKS`` says of an engine, on cases at hand, the smallest first."""
    live = _live(engine)
    if live is None:
        why = "this engine's graphs do not live on"
        return Result(check, Outcome.NOT_APPLICABLE, why)
    if check == "zero-grad" and not live.resets:
        return Result(check, Outcome.NOT_APPLICABLE, "it has no zero_grad")
    is_right = right_alone(engine)
    nearest = engine.precision.nearest_case
    cases = [nearest(case) for case in cases if not _is_constant(case.expression)]
    if check in _OF_ONE_PASS:
        return _OF_ONE_PASS[check](live, cases, is_right=is_right)
    return judge(
        check,
        live,
        _COMPARISONS[check](live, cases),
        is_right=is_right,
        precision=engine.precision,
        may_refuse=check in _MAY_BE_REFUSED,
    )


def _live(engine: Engine) -> LifecycleEngine | None:
    """The engine as one whose graphs stay; ``None`` where it has none that do."""
    match engine:
        case ObjectEngine():
            return ObjectLifecycle(engine)
        case TensorEngine():
            return TensorLifecycle(engine)
        case CustomEngine():
            return _live(engine.engine)
        case IsolatedEngine():
            alive = _live(engine.engine)
            return None if alive is None else IsolatedLifecycle(engine, alive)
        case _:
            return engine if isinstance(engine, LifecycleEngine) else None


def _is_constant(expression: Expression) -> bool:
    return isinstance(expression.nodes[expression.output], Constant)


def _each(
    cases: Sequence[Case], scenarios_of: Callable[[Case], Iterator[Scenario]]
) -> Iterator[Scenario]:
    return (scenario for case in cases for scenario in scenarios_of(case))
