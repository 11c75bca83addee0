"""Small cases put to an engine, as questions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flint import arb

from gradcheck.comparison import gradient_fault
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Engine, Reading
from gradcheck.expression import Apply, Case, Constant
from gradcheck.kind import Kind
from gradcheck.operations import DEFAULT_OPERATIONS, Operation
from gradcheck.oracles.certificate import Certified, certify


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine made of a case: its gradient beside the truth, or why there is none."""

    stopped: Fault | None
    readings: Sequence[Reading]
    certified: Sequence[Certified]
    used: Sequence[bool]
    shows_right_adjoints: bool = True
    """Whether nothing is proved against the adjoints that can be read of inner nodes."""

    def gradient_fault(self, index: int) -> Kind | None:
        """What is proved against the gradient by one input."""
        if self.stopped is not None:
            return None
        adjoint = self.readings[index].adjoint
        return gradient_fault(adjoint, self.certified[index], used=self.used[index])

    @property
    def wrong_inputs(self) -> tuple[int, ...]:
        """The inputs by which the gradient is wrong."""
        return tuple(i for i in range(len(self.readings)) if self.gradient_fault(i) is not None)

    @property
    def is_right(self) -> bool:
        """Whether there is a gradient and nothing is proved against it."""
        return self.stopped is None and not self.wrong_inputs

    def deviation(self, index: int) -> arb:
        """How far off the gradient by one input is; what rounding may have done is its width."""
        return self._may_be_meant(index) - self.certified[index].truth

    def factor(self, index: int) -> arb:
        """The same as a share of the true gradient."""
        return self._may_be_meant(index) / self.certified[index].truth

    def _may_be_meant(self, index: int) -> arb:
        adjoint = arb(self.readings[index].adjoint or 0.0)
        return adjoint + self.certified[index].allowed_error * arb(0, 1)


def plain_operations(engine: Engine) -> list[Operation]:
    """The operations to put questions about the engine as a whole with, by name.

    What is wrong whatever the operation shows with the usual ones. Where there are not two of
    these it has to be seen with all, those aside that take constants only.
    """
    usual = [o for o in DEFAULT_OPERATIONS if o in engine.operations]
    others = (o for o in engine.operations if not o.parameters)
    return sorted(usual if len(usual) > 1 else others, key=lambda o: o.name)


def ask(engine: Engine, case: Case, *, again: bool = False) -> Answer:
    """Run an engine over a case, or over used inputs, and judge its gradient.

    The same questions come up for every case that shows a bug, so answers are kept.
    """
    return _ask(engine, case, _signs(case), again=again)


def forget_answers() -> None:
    """Ask everything anew, so that a run does not depend on those before it."""
    _ask.cache_clear()


def _signs(case: Case) -> tuple[float, ...]:
    """What tells 0.0 from -0.0, which are equal and make a different case."""
    constants = (node.value for node in case.expression.nodes if isinstance(node, Constant))
    return tuple(math.copysign(1.0, number) for number in (*case.point, *constants))


@lru_cache(maxsize=4096)
def _ask(engine: Engine, case: Case, _signs: tuple[float, ...], *, again: bool) -> Answer:
    run = engine.run_again(case) if again else engine.run(case)
    expression = case.expression
    if run is None or run.fault is not None:
        return Answer(run.fault if run else None, (), (), expression.used)
    inputs = len(case.point)
    adjoints = certify(case, engine.precision).adjoints
    shown = all(
        reading.adjoint is None
        or gradient_fault(reading.adjoint, adjoints[position], used=True) is None
        for position, reading in enumerate(run.readings)
        if expression.used[position] and isinstance(expression.nodes[position], Apply)
    )
    return Answer(None, run.readings[:inputs], adjoints[:inputs], expression.used, shown)
