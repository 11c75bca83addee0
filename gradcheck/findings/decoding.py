"""Cases and reports out of JSON data from anywhere, of which nothing is believed.

Whatever is not as ``encoding`` writes it raises ``ValueError``; the message says what is wrong.
"""

from __future__ import annotations

from gradcheck.blame.cause import Blame, Cause
from gradcheck.expression import Apply, Case, Constant, Expression, Input, Node
from gradcheck.findings.encoding import Data
from gradcheck.findings.json_values import number, refuse, required_number, text, time, whole
from gradcheck.findings.sighting import Sighting
from gradcheck.formula import write
from gradcheck.kind import Kind, Reason
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.report import Report, Row


def case_from_data(data: Data) -> Case:
    """What ``case_as_data`` wrote."""
    match data:
        case {"nodes": [*nodes], "output": int(output), "point": dict(point)} if output >= 0:
            expression = Expression(tuple(map(_node, nodes)), output)
            numbers = {name: _exactly(number) for name, number in point.items()}
            if numbers.keys() != set(expression.inputs):
                message = f"its point is for {', '.join(numbers)}, not for its inputs"
                raise ValueError(message)
            return Case(expression, tuple(numbers[name] for name in expression.inputs))
    return refuse(data, expected="a case")


def _node(data: Data) -> Node:
    match data:
        case {"input": str(name)}:
            return Input(name)
        case {"constant": number}:
            return Constant(_exactly(number))
        case {"operation": str(name), "operands": [*operands]}:
            return Apply(_operation(name), tuple(map(whole, operands)))
    return refuse(data, expected="a node")


def _operation(name: Data) -> Operation:
    if not isinstance(name, str) or name not in OPERATIONS:
        message = (
            f"there is no operation {name!r:.40}; there are: {' '.join(OPERATIONS)}. "
            "If an engine's module registers it, give that: --engine"
        )
        raise ValueError(message)
    return OPERATIONS[name]


def report_from_data(engine: str, case: Case, data: Data) -> Report:
    """What ``report_as_data`` wrote of an engine at a case."""
    # Older files have none.
    limit = number(data.get("limit")) if isinstance(data, dict) else None
    match data:
        case {
            "signature": str(signature),
            "kind": str(kind),
            "blame": blame,
            "relative_error": error,
            "value": value,
            "inputs": [*inputs],
            "derivatives": [*derivatives],
            "conclusion": [*conclusion],
        }:
            return Report(
                engine=engine,
                formula=write(case.expression),
                point=case.numbers,
                kind=Kind(kind),
                signature=signature,
                blame=None if blame is None else _blame(blame),
                relative_error=required_number(error),
                rows=tuple(map(_row, (value, *inputs))),
                derivatives=tuple(map(text, derivatives)),
                conclusion=tuple(map(text, conclusion)),
                limit=limit,
            )
    return refuse(data, expected="a verdict")


def _blame(data: Data) -> Blame:
    match data:
        case {
            "cause": str(cause),
            "operations": [*operations],
            "operands": [*operands],
            "positions": [*positions],
            "error": str(error),
        }:
            return Blame(
                cause=Cause(cause),
                operations=tuple(map(_operation, operations)),
                operands=tuple(map(whole, operands)),
                positions=tuple(map(whole, positions)),
                error=error,
            )
    return refuse(data, expected="a blame")


def _row(data: Data) -> Row:
    # Older files have none.
    undecided = data.get("undecided") if isinstance(data, dict) else None
    match data:
        case {
            "name": str(name),
            "backprop": backprop,
            "symbolic": symbolic,
            "allowed_error": allowed_error,
            "slope": slope,
            "slope_allowed_error": slope_allowed_error,
            "verdict": str(kind),
        }:
            return Row(
                name=name,
                backprop=number(backprop),
                symbolic=required_number(symbolic),
                allowed_error=required_number(allowed_error),
                slope=number(slope),
                slope_allowed_error=number(slope_allowed_error),
                kind=Kind(kind),
                undecided=None if undecided is None else Reason[text(undecided).upper()],
            )
    return refuse(data, expected="the witnesses of a number")


def sighting_from_data(data: Data) -> Sighting:
    """When a bug was seen."""
    match data:
        case {"began": str(began), "last": str(last), "times": times, "seed": seed}:
            return Sighting(
                began=time(began),
                last=time(last),
                times=whole(times),
                seed=None if seed is None else whole(seed),
            )
    return refuse(data, expected="a sighting")


def _exactly(data: Data) -> float:
    """A hexadecimal float; ``Case`` and ``Expression`` refuse what is not finite."""
    return float.fromhex(text(data))
