"""Counts over the cases of a round or a whole run, and the rounding errors of its operations."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gradcheck.expression import Apply, Constant
from gradcheck.fuzz.options import EXPRESSIONS_PER_ROUND
from gradcheck.kind import FAIL_ON, Kind, Reason
from gradcheck.notation import in_one_line
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import true_result
from gradcheck.precision import Precision
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict

SAMPLE_EVERY = EXPRESSIONS_PER_ROUND
"""One expression in 50 is sampled, the first of a round: how large are its correct numbers' errors?

That needs the true value of each number, which a verdict avoids computing wherever it can.
"""

_MAX_FORMULA_LENGTH = 60
"""Characters of the formula of an example."""


@dataclass(slots=True)
class Statistics:
    """Counts over the random cases; those tried while shrinking do not count.

    ``verdicts`` and ``undecided`` count cases; a case is undecided if one of its numbers is and
    none is wrong. ``unproved_gradients`` counts numbers that are neither proved right nor wrong.
    ``unusual`` counts the cases at a kink or a singular point that an engine gives unusual numbers
    for, by signature, and ``examples`` has the first one of each in words. ``worst_error_share`` is
    the largest error of a correct number as a share of its bound, and ``worst_rounding`` the
    largest rounding error of each operation in ulps; both are sampled. ``bugs`` counts the cases
    that showed a bug, by signature. ``features`` are those that the cases covered, and
    ``abandoned`` the rounds that ended every process that tried them.
    """

    expressions: int = 0
    cases: int = 0
    gradients: int = 0
    unproved_gradients: int = 0
    verdicts: Counter[Kind] = field(default_factory=Counter)
    undecided: Counter[Reason] = field(default_factory=Counter)
    unusual: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    worst_error_share: float = 0.0
    worst_rounding: dict[str, float] = field(default_factory=dict)
    bugs: Counter[str] = field(default_factory=Counter)
    features: set[str] = field(default_factory=set)
    abandoned: list[int] = field(default_factory=list)

    def count(self, verdict: AnyVerdict) -> None:
        """Count a case; of arrays, each element of a gradient counts."""
        self.cases += 1
        self.verdicts[verdict.kind] += 1
        if verdict.is_finding:
            self.bugs[verdict.signature] += 1
        self.gradients += len(verdict.case.point)
        if verdict.kind is not Kind.CORRECT:
            self.unproved_gradients += sum(
                not number.kind.is_proof for number in verdict.number_verdicts[1:]
            )
        if verdict.kind in FAIL_ON.values():
            self.unusual[verdict.signature] += 1
            self.examples.setdefault(verdict.signature, _in_words(verdict))
        if verdict.undecided is not None:
            self.undecided[verdict.undecided] += 1
        if self.expressions % SAMPLE_EVERY == 1 and isinstance(verdict, Verdict):
            correct = [number for number in verdict.number_verdicts if number.kind is Kind.CORRECT]
            shares = [number.backprop.error_share or 0.0 for number in correct]
            self.worst_error_share = max([self.worst_error_share, *shares])
            for operation, ulps in rounding_errors(verdict):
                self._add_rounding(operation.name, ulps)

    def add(self, other: Statistics) -> None:
        """Add the counts of another round."""
        self.expressions += other.expressions
        self.cases += other.cases
        self.gradients += other.gradients
        self.unproved_gradients += other.unproved_gradients
        self.verdicts += other.verdicts
        self.undecided += other.undecided
        self.unusual += other.unusual
        self.examples = other.examples | self.examples
        self.worst_error_share = max(self.worst_error_share, other.worst_error_share)
        for name, ulps in other.worst_rounding.items():
            self._add_rounding(name, ulps)
        self.bugs += other.bugs
        self.features |= other.features
        self.abandoned += other.abandoned

    def _add_rounding(self, name: str, ulps: float) -> None:
        self.worst_rounding[name] = max(ulps, self.worst_rounding.get(name, 0.0))

    @property
    def decided(self) -> int:
        """The number of cases in which every number was judged, or one is proved wrong."""
        return sum(count for kind, count in self.verdicts.items() if kind.is_decided)


def _in_words(verdict: AnyVerdict) -> str:
    """Return a case and its unusual numbers, in words."""
    unusual = [number for number in verdict.rows if number.kind is verdict.kind]
    point = ", ".join(f"{name} = {x!r}" for name, x in verdict.case.numbers.items())
    numbers = ", ".join(
        f"{row.name if row is verdict.value else f'd/d{row.name}'} is "
        f"{'missing' if row.backprop is None else repr(row.backprop)}"
        + (f" and not {row.symbolic!r}" if row.kind is Kind.SINGULAR else "")
        for row in unusual
    )
    formula = in_one_line(verdict.case.formula, _MAX_FORMULA_LENGTH)
    return f"{formula} at {point}: {numbers}"


def rounding_errors(verdict: Verdict) -> Iterator[tuple[Operation, float]]:
    """Yield each operation of a case with its rounding error in ulps.

    The error is measured at the operands that the engine had. Operations with an operand or a
    result that cannot be read, or that is not finite, are left out.
    """
    expression = verdict.case.expression
    numbers = _finite_values(verdict)
    precision = verdict.certificate.precision
    for position, node in enumerate(expression.nodes):
        returned = numbers[position]
        if not isinstance(node, Apply) or returned is None or not expression.used[position]:
            continue
        operands = [number for i in node.operands if (number := numbers[i]) is not None]
        if len(operands) == len(node.operands):
            exact = true_result(node.operation, operands)
            if exact.is_finite():
                yield node.operation, float(abs(exact - returned)) / _ulp(float(exact), precision)


def _finite_values(verdict: Verdict) -> list[float | None]:
    """Return the value that the engine had at each node, if it can be read and is finite."""
    expression, run = verdict.case.expression, verdict.run
    values = [node.value if isinstance(node, Constant) else None for node in expression.nodes]
    shown = [(position, reading.value) for position, reading in enumerate(run.readings)]
    for position, value in (*shown, (expression.output, run.value)):
        if value is not None and math.isfinite(value):
            values[position] = value
    return values


def _ulp(number: float, precision: Precision) -> float:
    """Return the distance between neighbouring numbers of the format near a number."""
    exponent = math.frexp(number)[1] - precision.digits
    return max(math.ldexp(1.0, exponent), precision.smallest_subnormal)
