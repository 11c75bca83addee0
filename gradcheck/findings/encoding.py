"""Cases and reports as JSON data. Numbers of a case are hexadecimal floats: exact everywhere."""

from __future__ import annotations

import math

from gradcheck.blame.cause import Blame
from gradcheck.expression import Apply, Case, Constant, Input, Node
from gradcheck.report import Report, Row

Data = None | bool | int | float | str | list["Data"] | dict[str, "Data"]


def case_as_data(case: Case) -> dict[str, Data]:
    """A case: the nodes in order, which of them is the output, and the point by name."""
    return {
        "nodes": [_node_as_data(node) for node in case.expression.nodes],
        "output": case.expression.output,
        "point": {name: number.hex() for name, number in case.numbers.items()},
    }


def _node_as_data(node: Node) -> dict[str, Data]:
    match node:
        case Input(name):
            return {"input": name}
        case Constant(value):
            return {"constant": value.hex()}
        case Apply(operation, operands):
            return {"operation": operation.name, "operands": list(operands)}


def report_as_data(report: Report) -> dict[str, Data]:
    """What a verdict says, for people and programs: the witnesses of the value and the gradient."""
    value, *inputs = map(_row_as_data, report.rows)
    return {
        "signature": report.signature,
        "kind": report.kind.value,
        "blame": None if report.blame is None else _blame_as_data(report.blame),
        "relative_error": _number(report.relative_error),
        "expression": report.formula,
        "point": dict(report.point),
        "value": value,
        "inputs": list(inputs),
        "derivatives": list(report.derivatives),
        "conclusion": list(report.conclusion),
        "limit": report.limit,
    }


def _blame_as_data(blame: Blame) -> dict[str, Data]:
    return {
        "sentence": blame.sentence,
        "certain": blame.is_certain,
        "cause": blame.cause.value,
        "operations": [operation.name for operation in blame.operations],
        "operands": list(blame.operands),
        "positions": list(blame.positions),
        "error": blame.error,
    }


def _row_as_data(row: Row) -> dict[str, Data]:
    return {
        "name": row.name,
        "backprop": _number(row.backprop),
        "symbolic": _number(row.symbolic),
        "allowed_error": _number(row.allowed_error),
        "slope": _number(row.slope),
        "slope_allowed_error": _number(row.slope_allowed_error),
        "verdict": row.kind.value,
        "undecided": None if row.undecided is None else row.undecided.name.lower(),
    }


def _number(number: float | None) -> Data:
    """A number as JSON; a NaN or an infinity becomes text, as JSON has none."""
    return number if number is None or math.isfinite(number) else str(number)
