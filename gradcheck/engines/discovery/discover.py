"""Finding out how a class of scalar objects is driven, by small experiments on it.

An engine may be wrong in any way, that is why it is checked. So an experiment only tells which
names and ways there are; its numbers are evidence where they are right, and nothing where they are
not. Where nothing tells, the usual names are taken.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

from gradcheck.engines.discovery.attributes import number_at, value_attribute
from gradcheck.engines.discovery.backward_pass import backwards, with_backward_pass
from gradcheck.engines.discovery.bindings import Workbench
from gradcheck.engines.discovery.experiment import class_of, outcome
from gradcheck.engines.interface import Shape
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.options import NOTHING_GIVEN, EngineOptionError, Given
from gradcheck.engines.protocol import HangError
from gradcheck.precision import BFLOAT16, FLOAT32, FLOAT64, Precision

_A_LONG_NUMBER = 0.1


def engine_of(
    spec: str,
    make: Callable[..., object],
    module: ModuleType | None = None,
    given: Given = NOTHING_GIVEN,
) -> ObjectEngine:
    """The engine that drives what ``make`` makes, as looking at it tells; see ``look``."""
    shape = look(make, module, given)
    precision = _precision(make, shape.value).with_allowances(given.allowances)
    return ObjectEngine(spec, make, shape, precision=precision)


def look(
    make: Callable[..., object], module: ModuleType | None = None, given: Given = NOTHING_GIVEN
) -> Shape:
    """The shape of what ``make`` makes; ``module`` may have functions for its operations.

    Nothing is raised for what the engine does, and what it prints is dropped. Raises
    ``EngineOptionError`` where what is ``given`` is not there.

    >>> class Number:
    ...     def __init__(self, number):
    ...         self.number, self.g, self.send = number, 0.0, lambda: None
    ...     def __mul__(self, other):
    ...         out = Number(self.number * other.number)
    ...         def send():
    ...             self.g += other.number * out.g
    ...             other.g += self.number * out.g
    ...             self.send()
    ...         out.send = send
    ...         return out
    ...     def send_back(self):
    ...         self.g = 1.0
    ...         self.send()
    >>> shape = look(Number)
    >>> shape.value, shape.gradient, shape.backward, shape.ways["*"].numbers_right
    ('number', 'g', 'send_back', False)
    """
    shape = Shape()
    # Where something hangs, nothing more is tried, and what was found so far is kept.
    with contextlib.suppress(HangError):
        value = _given_value(make, given.value) or value_attribute(make) or shape.value
        shape = replace(shape, value=value)
        made_by = class_of(make)
        ways = Workbench(make, made_by, value, module, given.operations).ways()
        shape = replace(shape, ways=ways)
        shape = with_backward_pass(shape, make, made_by, given)
    return shape


def _precision(make: Callable[..., object], value: str) -> Precision:
    """The format that the engine keeps a number in that is no number of a shorter one."""
    kept = outcome(lambda: number_at(make(_A_LONG_NUMBER), value))
    for precision in (FLOAT32, BFLOAT16):
        if kept == precision.nearest(_A_LONG_NUMBER):
            return precision
    return FLOAT64


def _given_value(make: Callable[..., object], name: str | None) -> str | None:
    if name is None or outcome(lambda: number_at(make(1.0), name)) is not None:
        return name
    message = f"value={name}: {name} of what is made from a number is no number"
    raise EngineOptionError(message)


def fits(found: object) -> bool:
    """Whether something is a class of numbers that has operations and a backward pass."""
    if not isinstance(found, type) or next(backwards(found), None) is None:
        return False
    with contextlib.suppress(HangError):
        value = value_attribute(found)
        return value is not None and bool(Workbench(found, found, value).ways())
    return True
