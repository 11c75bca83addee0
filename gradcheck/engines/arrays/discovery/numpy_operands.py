"""Find the operators that take an array of NumPy beside a tensor, and on which sides."""

from __future__ import annotations

import contextlib

import numpy as np

from gradcheck.engines.arrays.driving import TensorArrays
from gradcheck.engines.arrays.evaluation import NumPyOperands, WeightedResult, can_weigh
from gradcheck.engines.experiment import outcome
from gradcheck.engines.time_limit import HangError

OPERATORS = ("+", "-", "*", "/")

SIDES = ("left", "right")

_ARRAY = np.array([[0.5, 2.0], [1.25, -4.0]])


def find_numpy_operands(engine: TensorArrays, class_: type) -> tuple[NumPyOperands, set[str]]:
    """Return the operands that may be arrays of NumPy, and the forms that the engine does not have.

    With an array on the left, NumPy makes an array of tensors unless the class tells it not to. A
    backward pass that raises shows that the engine was not made for such an operand, although the
    forward pass may work: ``ndarray.data`` is a buffer, which NumPy adds as an array.
    """
    names = [name for name in OPERATORS if name in engine.functions]
    taken = {
        (name, place)
        for name in names
        for place in range(len(SIDES))
        if _takes(engine, class_, name, place)
    }
    missing = set()
    for place, side in enumerate(SIDES):
        lacking = " ".join(name for name in names if (name, place) not in taken)
        if lacking:
            missing.add(f"an array of NumPy to the {side} of {lacking}")
    found = {name: frozenset(place for of, place in taken if of == name) for name in names}
    return found, missing


def _takes(engine: TensorArrays, class_: type, name: str, place: int) -> bool:
    tensors, functions = engine.tensors, engine.functions

    def experiment() -> bool:
        operands: list[object] = [tensors.input(_ARRAY)] * 2
        operands[place] = _ARRAY.copy()
        made = functions[name](*operands)
        if not isinstance(made, class_) or tensors.value(made).shape != _ARRAY.shape:
            return False
        weigh = can_weigh(functions)
        tensors.backward(functions["sum"](made) if weigh else WeightedResult(made, _ARRAY))
        return True

    with contextlib.suppress(HangError):
        return outcome(experiment) or False
    return False
