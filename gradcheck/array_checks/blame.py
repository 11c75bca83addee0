"""Find the operation at fault in a wrong array case, and say what it does wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradcheck.array_checks.verdict import ArrayVerdict
from gradcheck.array_checks.wrong_gradient import explanation
from gradcheck.arrays.floats import values_in_floats
from gradcheck.arrays.notation import parse_program
from gradcheck.arrays.operations import ArrayOperation, Shape
from gradcheck.arrays.program import (
    ArrayApply,
    ArrayCase,
    ArrayConstant,
    ArrayInput,
    ArrayNode,
    ArrayProgram,
    Numbers,
)
from gradcheck.arrays.program_text import write_program
from gradcheck.blame.cause import Blame, Cause, ordinal
from gradcheck.generation.array_programs import without_unused
from gradcheck.kind import Kind

Judge = Callable[[ArrayCase], ArrayVerdict]

_WEIGHTS = (3.5, 5.5, -6.5, 8.5, -9.5, 11.5, -14.5, 15.5)
"""Weights that no two elements of a small result share, so that a mixed-up element shows.

None is a whole number, nor is one a small multiple of another, which a wrong factor could be.
"""

_TOGETHER: dict[Cause, tuple[str, dict[str, Shape]]] = {
    Cause.LOST_CONTRIBUTION: ("x*y + x*z", {"x": (2,), "y": (2,), "z": (2,)}),
    Cause.SHARED_BUFFER: ("(x + y) + x", {"x": (2,), "y": (2,)}),
    Cause.WRONG_ORDER: ("n = x*y; n*2.0 + n*3.0", {"x": (2,), "y": (2,)}),
}
"""Programs in which an array is used twice, each with what is wrong if it goes wrong."""

_LONGEST = 40
"""Characters of an operand's formula in an explanation."""

_NO_OPERATION = ArrayCase(ArrayProgram((ArrayInput("x", ()),)), ((2.0,),))
"""The case in which only the start of the backward pass can be wrong."""


def blame_for(verdict: ArrayVerdict, judge: Judge, operations: frozenset[ArrayOperation]) -> Blame:
    """Return the first operation that goes wrong alone, or else all operations of the case.

    Where none goes wrong alone, two uses of one array may go wrong together. ``operations`` are
    those of the engine.
    """
    if _starts_wrong(judge(_NO_OPERATION)):
        return Blame(Cause.WRONG_SEED)
    separate, shared = _alone(verdict, shared=False), _alone(verdict, shared=True)
    if (blame := _first_wrong(separate, judge)) is not None:
        return blame
    for cause, (text, shapes) in _TOGETHER.items():
        together = _counting(parse_program(text, shapes))
        if together.operations <= operations and judge(together).kind is Kind.WRONG_GRADIENT:
            return Blame(cause)
    return _first_wrong(shared, judge) or _unclear(verdict)


def _starts_wrong(input_alone: ArrayVerdict) -> bool:
    """Tell whether an input that is the output too gets another gradient than 1.

    It may get none: an engine need not do anything where there is no operation.
    """
    is_wrong = input_alone.kind is Kind.WRONG_GRADIENT
    return is_wrong and any(g is not None and g.any() for g in input_alone.run.gradients)


def _first_wrong(cases: Iterator[tuple[int, ArrayCase]], judge: Judge) -> Blame | None:
    for position, case in cases:
        alone = judge(case)
        if alone.is_finding:
            return replace(_of_one(alone), positions=(position,))
    return None


def _unclear(verdict: ArrayVerdict) -> Blame:
    """Return the blame of all operations of a case, as none of them goes wrong alone."""
    nodes = verdict.case.program.nodes
    applied = {i: node.operation for i, node in enumerate(nodes) if isinstance(node, ArrayApply)}
    operations = tuple(dict.fromkeys(applied.values()))
    error = "" if verdict.run.fault is None else verdict.run.fault.error
    cause = Cause.CRASH if error else Cause.UNCLEAR
    return Blame(cause, operations, positions=tuple(applied), error=error)


def _alone(verdict: ArrayVerdict, *, shared: bool) -> Iterator[tuple[int, ArrayCase]]:
    """Yield each operation of a case alone, with its position, at the values of its operands.

    With ``shared`` they are only those on one array twice, which is then one input.
    """
    case = verdict.case
    arrays = values_in_floats(case.program, [*case.arrays.values()])
    largest = verdict.elements.certificate.precision.largest
    for position, node in enumerate(case.program.nodes):
        if not isinstance(node, ArrayApply):
            continue
        is_shared = len(set(node.operands)) < len(node.operands)
        # An operand that overflowed, or left a domain, cannot be given to an operation alone.
        has_numbers = all((np.abs(arrays[i]) <= largest).all() for i in node.operands)
        if has_numbers and (is_shared or not shared):
            yield position, _one_operation(case, node, arrays, shared=shared)


def _one_operation(
    case: ArrayCase, node: ArrayApply, arrays: list[NDArray[np.float64]], *, shared: bool
) -> ArrayCase:
    inputs: list[ArrayInput] = []
    constants: list[ArrayConstant] = []
    numbers: list[Numbers] = []
    place_of: dict[int, int] = {}
    operands: list[tuple[bool, int]] = []
    names = _names(case.program, node.operands, shared=shared)
    for position in node.operands:
        made = case.program.nodes[position]
        if isinstance(made, ArrayConstant):
            operands.append((True, len(constants)))
            constants.append(made)
            continue
        if not (shared and position in place_of):
            place_of[position] = len(inputs)
            inputs.append(ArrayInput(names[len(operands)], case.program.shapes[position]))
            numbers.append(tuple(arrays[position].ravel().tolist()))
        operands.append((False, place_of[position] if shared else len(inputs) - 1))
    positions = tuple(i + len(inputs) * is_constant for is_constant, i in operands)
    applied = ArrayApply(node.operation, positions, node.options)
    nodes: tuple[ArrayNode, ...] = (*inputs, *constants, applied)
    return _weighted(ArrayProgram(nodes), tuple(numbers))


def _names(program: ArrayProgram, operands: Sequence[int], *, shared: bool) -> list[str]:
    """Return what the user wrote for each operand of an operation, with its place if it needs one.

    These words are the names of the inputs where the operation is judged alone, and so those in the
    explanation. With ``shared`` one array that is two operands is one input.
    """
    written = [_as_written(program, position) for position in operands]
    of_inputs = [
        text for i, text in enumerate(written) if not (shared and operands[i] in operands[:i])
    ]
    names = []
    for i, text in enumerate(written):
        place = f"the {ordinal(i)} operand"
        names.append(f"{text} as {place}" if text and of_inputs.count(text) > 1 else text or place)
    return names


def _as_written(program: ArrayProgram, position: int) -> str:
    """Return the name of an input, or a short formula in backquotes; empty for a long one."""
    node = program.nodes[position]
    if isinstance(node, ArrayInput):
        return node.name
    if isinstance(node, ArrayConstant):
        return ""  # it gets no gradient
    formula = write_program(without_unused(program.nodes[: position + 1]))
    is_short = len(formula) <= _LONGEST and ";" not in formula
    return f"`{formula}`" if is_short else ""


def _weighted(program: ArrayProgram, values: tuple[Numbers, ...]) -> ArrayCase:
    count = int(np.prod(program.shape))
    return ArrayCase(program, values, tuple(_WEIGHTS[i % len(_WEIGHTS)] for i in range(count)))


def _counting(program: ArrayProgram) -> ArrayCase:
    """Return the case of a program with 1, 2, 3 and so on for the elements of each input."""
    counts = (range(int(np.prod(x.shape))) for x in program.inputs)
    return _weighted(program, tuple(tuple(float(1 + i) for i in each) for each in counts))


def _of_one(verdict: ArrayVerdict) -> Blame:
    """Return the blame of an operation that goes wrong alone."""
    operations = tuple(verdict.case.operations)
    if verdict.on_result:
        return Blame(Cause.WRONG_VALUE, operations, detail=verdict.on_result)
    fault = verdict.run.fault
    if fault is not None:
        cause = Cause.HANG if fault.is_hang else Cause.CRASH
        return Blame(cause, operations, error="" if fault.is_hang else fault.error)
    match verdict.kind:
        case Kind.WRONG_VALUE | Kind.IMPRECISE_VALUE:
            return Blame(Cause.WRONG_VALUE, operations)
        case Kind.MISSING_GRADIENT | Kind.MUTATED_INPUT:
            return Blame(Cause(verdict.kind.value), operations)
        case Kind.NON_FINITE:
            is_value = verdict.elements.value.kind is Kind.NON_FINITE
            cause = Cause.NON_FINITE_VALUE if is_value else Cause.NON_FINITE_PARTIAL
            return Blame(cause, operations)
    cause, detail = explanation(verdict)
    return Blame(cause, operations, detail=detail)
