"""The checks of life beyond one backward pass, as the first events of a run."""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck.engines.protocol import Engine
from gradcheck.fuzz.events import LifeChecked
from gradcheck.fuzz.options import Options
from gradcheck.lifecycle.expressions import cases_for
from gradcheck.lifecycle.result import Outcome
from gradcheck.lifecycle.run import CHECKS, run_check
from gradcheck.lifecycle.store import save


def checks_of_life(engine: Engine, options: Options) -> Iterator[LifeChecked]:
    """Every check, one after the other; what is broken is saved."""
    cases = cases_for(engine.operations.intersection(options.operations))
    for name in CHECKS:
        result = run_check(name, engine, cases)
        broken = result.outcome is Outcome.BROKEN
        yield LifeChecked(result, save(result, engine, options.output) if broken else None)
