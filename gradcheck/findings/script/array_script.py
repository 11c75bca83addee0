"""``repro.py`` for a case of arrays, in NumPy and the engine alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from gradcheck.array_checks.verdict import ArrayVerdict
from gradcheck.arrays.operations import Shape
from gradcheck.arrays.program import as_array
from gradcheck.engines.arrays.writing import ArrayCode
from gradcheck.findings.script.checks import is_wrong_at_the_point, within
from gradcheck.findings.script.engine_import import engine_import, with_numpy
from gradcheck.findings.script.faithful_range import faithful_range
from gradcheck.findings.script.limits import import_lines, memory_check
from gradcheck.kind import Kind
from gradcheck.number_verdict import NumberVerdict


def array_imports(verdict: ArrayVerdict, code: ArrayCode) -> list[str]:
    """Return the lines that import the engine and NumPy, and set the limit that was exceeded."""
    engine = with_numpy(engine_import(verdict.engine, code.functions))
    return import_lines(engine, verdict.run.fault)


def array_blocks(verdict: ArrayVerdict, code: ArrayCode) -> list[list[str]]:
    """Return both passes and the checks, none if no number at the point itself is wrong."""
    fault = verdict.run.fault
    checks = _of_fault(code) if fault is not None else [*_checks(verdict, code)]
    return [[*code.passes], *checks, memory_check(fault)] if checks else []


def _of_fault(code: ArrayCode) -> list[list[str]]:
    """Return lines that read all numbers, which may be what fails."""
    places = (code.value, *code.gradients)
    return [[f"np.asarray({place}, dtype=float)" for place in places]]


def _checks(verdict: ArrayVerdict, code: ArrayCode) -> Iterator[list[str]]:
    """Yield a check of the value if it is wrong, and one of every wrong gradient."""
    value, *elements = verdict.number_verdicts
    if verdict.on_result:
        yield [_of_shape(code.result, verdict.case.program.shape)]
    if is_wrong_at_the_point(value):
        yield [
            f"value = np.asarray({code.value}).item()",
            *within("value", value.backprop.certified),
        ]
    start = 0
    places = zip(verdict.case.program.inputs, code.inputs, code.gradients, strict=True)
    for x, kept, place in places:
        count = math.prod(x.shape)
        numbers = elements[start : start + count]
        start += count
        if any(number.kind is Kind.MUTATED_INPUT for number in numbers):
            made = verdict.case.arrays[x.name].tolist()
            yield [
                "# An input must keep the numbers that it was created with.",
                f'assert np.array_equal({kept}, {made!r}), f"{x.name} was changed to {{{kept}}}"',
            ]
        elif x.name in verdict.wrong_shapes or any(
            n.kind is Kind.MISSING_GRADIENT for n in numbers
        ):
            yield [_of_shape(place, x.shape)]
        elif any(map(is_wrong_at_the_point, numbers)):
            yield _of_gradient(place, x.shape, numbers)


def _of_shape(place: str, shape: Shape) -> str:
    # np.shape(None) is that of a number.
    is_there = "" if shape else f"{place} is not None and "
    return f'assert {is_there}np.shape({place}) == {shape}, f"{place} is {{{place}}}"'


def _of_gradient(place: str, shape: Shape, numbers: Sequence[NumberVerdict]) -> list[str]:
    """Return the check of a gradient as a whole, or of its wrong elements only.

    An element at a kink, or without a bound, has no range in which it must lie.
    """
    limits = [_limits(number) for number in numbers]
    known = [each for each in limits if each is not None]
    if len(known) < len(limits):
        wrong = [i for i, number in enumerate(numbers) if is_wrong_at_the_point(number)]
        return [
            line
            for i in wrong
            for line in within(_element(place, shape, i), numbers[i].backprop.certified)
        ]
    low, high = (as_array(shape, ends).tolist() for ends in zip(*known, strict=True))
    true = as_array(shape, tuple(number.backprop.true for number in numbers)).tolist()
    proved = f"# True gradient, from SymPy and ball arithmetic: {true!r}."
    message = f'f"{place} is {{{place}}}"'
    if low == high:
        return [
            f"{proved} Rounding cannot change it.",
            f"assert np.array_equal({place}, {low!r}), {message}",
        ]
    return [
        f"{proved} The range for rounding:",
        f"low = np.array({low!r})",
        f"high = np.array({high!r})",
        f"assert np.shape({place}) == {shape}, {message}",
        f"assert np.all((low <= {place}) & ({place} <= high)), {message}",
    ]


def _limits(number: NumberVerdict) -> tuple[float, float] | None:
    """Return the smallest and the largest number that an element may be, if it has a range."""
    is_judged = number.kind is Kind.CORRECT or is_wrong_at_the_point(number)
    certified = number.backprop.certified
    return faithful_range(certified) if is_judged and not certified.overflow else None


def _element(place: str, shape: Shape, number: int) -> str:
    index = ", ".join(str(i) for i in np.unravel_index(number, shape)) if shape else "()"
    return f"{place}[{index}]"
