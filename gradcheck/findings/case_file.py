"""Cases and findings as JSON data."""

from __future__ import annotations

import json
import math
import platform
from importlib.metadata import version

from gradcheck.blame.cause import Blame
from gradcheck.expression import Apply, Case, Constant, Input, Node
from gradcheck.formula import write
from gradcheck.verdict import Row, Verdict

FORMAT_VERSION = 1

Data = None | bool | int | float | str | list["Data"] | dict[str, "Data"]

_PACKAGES = ("gradcheck", "hypothesis", "python-flint", "sympy")


def case_as_data(case: Case) -> dict[str, Data]:
    """A case, numbers as hexadecimal floats: exact, and the same on every machine."""
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


def verdict_as_data(verdict: Verdict) -> dict[str, Data]:
    """What a verdict says, for people and programs: the witnesses of the value and the gradient."""
    return {
        "signature": verdict.signature,
        "kind": verdict.kind.value,
        "blame": None if verdict.blame is None else _blame_as_data(verdict.blame),
        "relative_error": _number(verdict.relative_error),
        "expression": write(verdict.case.expression),
        "point": dict(verdict.case.numbers),
        "value": row_as_data(verdict.value),
        "inputs": [row_as_data(row) for row in verdict.gradient],
    }


def _blame_as_data(blame: Blame) -> dict[str, Data]:
    return {
        "sentence": blame.sentence,
        "cause": blame.cause.value,
        "operations": [operation.name for operation in blame.operations],
        "operands": list(blame.operands),
        "certain": blame.is_certain,
    }


def row_as_data(row: Row) -> dict[str, Data]:
    """The three witnesses of one number. A NaN or an infinity becomes text, as JSON has none."""
    return {
        "name": row.name,
        "backprop": _number(row.backprop.returned),
        "symbolic": _number(row.backprop.true),
        "allowed_error": _number(row.backprop.allowed_error),
        "slope": None if row.slope is None else _number(row.slope.returned),
        "slope_allowed_error": None if row.slope is None else _number(row.slope.allowed_error),
        "verdict": row.kind.value,
    }


def _number(number: float | None) -> Data:
    return number if number is None or math.isfinite(number) else str(number)


def case_file(verdict: Verdict, *, worst: Verdict, seed: int) -> str:
    """The text of ``case.json``: all that is needed to judge the smallest and the worst case."""
    versions: dict[str, Data] = {package: version(package) for package in _PACKAGES}
    content: dict[str, Data] = {
        "format": FORMAT_VERSION,
        "case": case_as_data(verdict.case),
        "engine": verdict.engine,
        "seed": seed,
        "versions": {"python": platform.python_version(), **versions},
        "verdict": verdict_as_data(verdict),
        "worst": {"case": case_as_data(worst.case), "verdict": verdict_as_data(worst)},
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
