"""Run an engine on small cases, and cache the answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flint import arb

from gradcheck.comparison import gradient_kind_if_wrong
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Engine, Reading
from gradcheck.expression import Apply, Case, Constant
from gradcheck.kind import Kind
from gradcheck.operations import DEFAULT_OPERATIONS, Operation
from gradcheck.oracles.certificate import Certified, certify


@dataclass(frozen=True, slots=True)
class Answer:
    """An engine's gradient at a case with the certified one, or the fault that stopped it."""

    fault: Fault | None
    readings: Sequence[Reading]
    certified: Sequence[Certified]
    gets_gradient: Sequence[bool]
    shows_right_adjoints: bool = True
    """Whether the adjoints that the engine shows for inner nodes are not proved wrong."""

    def gradient_kind_if_wrong(self, index: int) -> Kind | None:
        """Return the kind of an input's gradient that is proved wrong, ``None`` for any other."""
        if self.fault is not None:
            return None
        adjoint = self.readings[index].adjoint
        return gradient_kind_if_wrong(
            adjoint, self.certified[index], used=self.gets_gradient[index]
        )

    @property
    def wrong_inputs(self) -> tuple[int, ...]:
        """The inputs with respect to which the gradient is wrong."""
        return tuple(
            i for i in range(len(self.readings)) if self.gradient_kind_if_wrong(i) is not None
        )

    @property
    def is_right(self) -> bool:
        """Whether there is a gradient, and it is not proved wrong."""
        return self.fault is None and not self.wrong_inputs

    def deviation(self, index: int) -> arb:
        """Return the error of the gradient of an input, as wide as rounding allows."""
        return self._before_rounding(index) - self.certified[index].truth

    def factor(self, index: int) -> arb:
        """Return the engine's gradient over the true one, as wide as rounding allows."""
        return self._before_rounding(index) / self.certified[index].truth

    def _before_rounding(self, index: int) -> arb:
        adjoint = arb(self.readings[index].adjoint or 0.0)
        return adjoint + self.certified[index].allowed_error * arb(0, 1)


def plain_operations(engine: Engine) -> list[Operation]:
    """Return the operations to test the engine as a whole with, sorted by name.

    A bug that does not depend on the operation shows with the default ones. Where the engine has
    fewer than two of these, all operations without parameters are taken.
    """
    usual = [o for o in DEFAULT_OPERATIONS if o in engine.operations]
    others = (o for o in engine.operations if not o.parameters)
    return sorted(usual if len(usual) > 1 else others, key=lambda o: o.name)


def ask(engine: Engine, case: Case, *, used_inputs: bool = False) -> Answer:
    """Run an engine on a case, or with ``used_inputs`` on inputs of an earlier graph; judge it.

    Every case that shows a bug leads to the same questions, so answers are cached.
    """
    return _ask(engine, case, _signs(case), used_inputs=used_inputs)


def forget_answers() -> None:
    """Clear the cached answers, so that a run does not depend on those before it."""
    _ask.cache_clear()


def _signs(case: Case) -> tuple[float, ...]:
    """Return the signs of all numbers: 0.0 and -0.0 are equal, but make different cases."""
    constants = (node.value for node in case.expression.nodes if isinstance(node, Constant))
    return tuple(math.copysign(1.0, number) for number in (*case.point, *constants))


@lru_cache(maxsize=4096)
def _ask(engine: Engine, case: Case, _signs: tuple[float, ...], *, used_inputs: bool) -> Answer:
    run = engine.run_on_used_inputs(case) if used_inputs else engine.run(case)
    expression = case.expression
    if run is None or run.fault is not None:
        return Answer(run.fault if run else None, (), (), expression.gets_gradient)
    inputs = len(case.point)
    adjoints = certify(case, engine.precision).adjoints
    shown = all(
        reading.adjoint is None
        or gradient_kind_if_wrong(reading.adjoint, adjoints[position], used=True) is None
        for position, reading in enumerate(run.readings)
        if expression.used[position] and isinstance(expression.nodes[position], Apply)
    )
    return Answer(None, run.readings[:inputs], adjoints[:inputs], expression.gets_gradient, shown)
