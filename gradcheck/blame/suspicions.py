"""What an operation may do to contributions: forget the adjoint from above, or lose its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from gradcheck.blame.probe import ask, plain_operations
from gradcheck.blame.small_cases import Use, alone, together, under
from gradcheck.comparison import Comparison
from gradcheck.engines.protocol import Engine
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import certify
from gradcheck.rewriting import ordinary_number

Suspicion = Callable[[Use], bool]


def forgets_upstream(engine: Engine) -> Suspicion:
    """Whether an operation alone is right, and sends the same under another one, right alone too.

    The number has to fit: what is wrong there is what would be right if nothing was above.
    """

    def forgets(use: Use) -> bool:
        by_itself = alone(use)
        certificate = certify(by_itself, engine.precision)
        value = Comparison(None, certificate.values[by_itself.expression.output]).true
        if not (ask(engine, by_itself).is_right and math.isfinite(value)):
            return False
        for operation in _carriers(engine):
            others = [ordinary_number(index) for index in range(1, operation.arity)]
            above = Use(operation, (value, *others))
            answer = ask(engine, under(use, above))
            wrong = [index for index in answer.wrong_inputs if index < len(by_itself.point)]
            if wrong and ask(engine, alone(above)).is_right:
                local = [
                    Comparison(answer.readings[i].adjoint, certificate.adjoints[i]) for i in wrong
                ]
                return all(witness.agrees for witness in local)
        return False

    return forgets


def loses_its_own(engine: Engine) -> Suspicion:
    """Whether two contributions of an operation to one node are wrong, and to two are right."""

    def loses(use: Use) -> bool:
        if not ask(engine, alone(use)).is_right:
            return False
        if len(use.shared) > 1:
            each = [replace(use, shared=frozenset({index})) for index in sorted(use.shared)]
            return not ask(engine, alone(use, share=True)).is_right or any(map(loses, each))
        for carrier in _carriers(engine):
            if (
                carrier.arity > 1
                and ask(engine, together([use, use], share=False, carrier=carrier)).is_right
            ):
                return not ask(engine, together([use, use], share=True, carrier=carrier)).is_right
        return False

    return loses


def _carriers(engine: Engine) -> list[Operation]:
    """The operations that something can be put under, those with two operands first."""
    return sorted(plain_operations(engine), key=lambda o: (-o.arity, o.name != "*", o.name))
