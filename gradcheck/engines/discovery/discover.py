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
from gradcheck.engines.discovery.bindings import BindingSearch
from gradcheck.engines.discovery.experiment import class_of, outcome
from gradcheck.engines.interface import Interface
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.options import NO_OVERRIDES, EngineOptionError, Overrides
from gradcheck.engines.protocol import HangError
from gradcheck.precision import BFLOAT16, FLOAT32, FLOAT64, Precision

_A_LONG_NUMBER = 0.1


def object_engine(
    spec: str,
    make: Callable[..., object],
    module: ModuleType | None = None,
    given: Overrides = NO_OVERRIDES,
) -> ObjectEngine:
    """The engine that drives what ``make`` makes, as looking at it tells; see ``discover``."""
    interface = discover(make, module, given)
    precision = _precision(make, interface.value).with_allowances(given.allowances)
    return ObjectEngine(spec, make, interface, precision=precision)


def discover(
    make: Callable[..., object], module: ModuleType | None = None, given: Overrides = NO_OVERRIDES
) -> Interface:
    """The interface of what ``make`` makes; ``module`` may have functions for its operations.

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
    ...     def run_backward(self):
    ...         self.g = 1.0
    ...         self.send()
    >>> interface = discover(Number)
    >>> interface.value, interface.gradient, interface.bindings["*"].numbers_right
    ('number', 'g', False)
    """
    interface = Interface()
    # Where something hangs, nothing more is tried, and what was found so far is kept.
    with contextlib.suppress(HangError):
        value = _given_value(make, given.value) or value_attribute(make) or interface.value
        interface = replace(interface, value=value)
        made_by = class_of(make)
        bindings = BindingSearch(make, made_by, value, module, given.operations).bindings()
        interface = replace(interface, bindings=bindings)
        interface = with_backward_pass(interface, make, made_by, given)
    return interface


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
        return value is not None and bool(BindingSearch(found, found, value).bindings())
    return True
