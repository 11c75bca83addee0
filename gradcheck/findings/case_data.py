"""Cases of numbers and of arrays as JSON data.

The numbers of a case are hexadecimal floats, which are exact on any machine. The data is untrusted:
``ValueError`` says what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

from gradcheck.expression import Case, Constant, Expression, Node, Step
from gradcheck.findings.expected import expect, expect_count, refuse
from gradcheck.findings.json_file import Data
from gradcheck.one_element import OneElementCase
from gradcheck.report import AnyCase

if TYPE_CHECKING:
    import numpy as np
    from cattrs import Converter
    from numpy.typing import NDArray

Exact = NewType("Exact", float)
"""A number that a file has as a hexadecimal float."""


@dataclass(frozen=True, slots=True)
class CaseData:
    """A case of numbers as a file has it: the point is by name."""

    nodes: tuple[Node, ...]
    output: int
    point: dict[str, Exact]
    steps: tuple[Step, ...] = ()


def constant_value(data: Data) -> float:
    """Return the value of a constant: an ``int`` is a number in a file, a float is text."""
    if isinstance(data, int) and not isinstance(data, bool):
        return data
    return float.fromhex(expect(data, str, "an integer or a hexadecimal float"))


def constant_as_data(constant: Constant) -> dict[str, Data]:
    """Return a constant as data."""
    value = constant.value
    return {"constant": value if isinstance(value, int) else value.hex()}


_PROGRAM, _ARRAYS, _WEIGHTS, _SHAPE = "program", "arrays", "weights", "shape"

_POINT, _SUMMED = "point", "summed"


def any_case_from_data(data: object, converter: Converter) -> AnyCase:
    """Return the case of some data.

    One with a program is of arrays, one with ``summed`` of arrays of one element, and any other of
    numbers.
    """
    found = expect(data, dict, "a case")
    if _SUMMED in found:
        numbers = expect(found.get(_POINT), dict, "arrays by name").items()
        point = {name: _only_element(array) for name, array in numbers}
        of_numbers = converter.structure({**found, _POINT: point}, Case)
        if not of_numbers.steps:
            refuse(data, "steps on arrays of one element")
        return OneElementCase(of_numbers, expect(found[_SUMMED], bool, "true or false"))
    if _PROGRAM not in found:
        return converter.structure(found, Case)
    from gradcheck.arrays.notation import array_case  # noqa: PLC0415 - needs NumPy

    arrays = {
        name: _numbers(array)
        for name, array in expect(found.get(_ARRAYS), dict, "arrays by name").items()
    }
    weights = found.get(_WEIGHTS)
    weights = None if weights is None else _numbers(weights)
    return array_case(expect(found[_PROGRAM], str, "text"), weights=weights, **arrays)


def _only_element(data: object) -> object:
    """Return the element of a list that has one."""
    match data:
        case [element]:
            return element
    return refuse(data, "a list of one number")


def _numbers(data: object) -> object:
    """Return nested lists of hexadecimal floats as nested lists of floats.

    An array without elements is saved as its shape.
    """
    if isinstance(data, dict):
        import numpy as np  # noqa: PLC0415 - only arrays need it

        return np.zeros([expect_count(size) for size in expect(data.get(_SHAPE), list, "a shape")])
    if isinstance(data, list):
        return [_numbers(part) for part in data]
    return float.fromhex(expect(data, str, "a hexadecimal float"))


def _array_as_data(array: NDArray[np.float64]) -> Data:
    return _as_hexadecimal(array.tolist()) if array.size else {_SHAPE: [*array.shape]}


def _as_hexadecimal(numbers: object) -> Data:
    if isinstance(numbers, list):
        return [_as_hexadecimal(part) for part in numbers]
    assert isinstance(numbers, float)
    return numbers.hex()


def any_case_as_data(case: AnyCase, converter: Converter) -> dict[str, Data]:
    """Return a case of numbers or of arrays as data."""
    if isinstance(case, Case):
        return case_of_numbers_as_data(case, converter)
    if isinstance(case, OneElementCase):
        data = case_of_numbers_as_data(case.of_numbers, converter)
        point = data[_POINT]
        assert isinstance(point, dict)
        return {
            **data,
            _POINT: {name: [number] for name, number in point.items()},
            _SUMMED: case.is_summed,
        }
    from gradcheck.arrays.program import ArrayCase  # noqa: PLC0415 - needs NumPy

    assert isinstance(case, ArrayCase)
    arrays = {name: _array_as_data(array) for name, array in case.arrays.items()}
    weights = None if case.weights is None else _array_as_data(case.seed)
    return {_PROGRAM: case.formula, _ARRAYS: arrays, _WEIGHTS: weights}


def case_from_data(data: CaseData) -> Case:
    """Return the case. ``Case`` and ``Expression`` refuse infinite numbers and cycles."""
    expression = Expression(data.nodes, data.output)
    if data.point.keys() != set(expression.inputs):
        message = f"the point has numbers for {', '.join(data.point)}, not for the inputs"
        raise ValueError(message)
    point = tuple(data.point[name] for name in expression.inputs)
    return Case(expression, point, data.steps)


def case_of_numbers_as_data(case: Case, converter: Converter) -> dict[str, Data]:
    """Return a case of numbers as data; one without steps has none there."""
    point = {name: Exact(number) for name, number in case.numbers.items()}
    expression = case.expression
    data: dict[str, Data] = converter.unstructure(
        CaseData(expression.nodes, expression.output, point, case.steps)
    )
    if not case.steps:
        del data["steps"]
    return data
