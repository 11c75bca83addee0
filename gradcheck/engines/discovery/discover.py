"""Detect how a class of scalar objects is driven, by small experiments on it.

An engine may be wrong in any way; that is why it is checked. So an experiment only shows which
names and operations exist. Right numbers are evidence for a name, and wrong numbers are not
evidence against it. Where no experiment decides, the usual names are taken.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

from gradcheck.engines.discovery.attributes import number_at, value_attribute
from gradcheck.engines.discovery.backward_pass import backward_methods, with_backward_pass
from gradcheck.engines.discovery.bindings import BindingSearch
from gradcheck.engines.experiment import class_of, outcome
from gradcheck.engines.interface import Interface
from gradcheck.engines.numbers import number
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.options import NO_OVERRIDES, EngineOptionError, Overrides
from gradcheck.engines.time_limit import HangError
from gradcheck.precision import BFLOAT16, FLOAT16, FLOAT32, FLOAT64, Precision

_NEEDS_MANY_BITS = 0.1
"""A number that no binary format holds exactly."""


def object_engine(
    spec: str,
    make: Callable[..., object],
    module: ModuleType | None = None,
    overrides: Overrides = NO_OVERRIDES,
) -> ObjectEngine:
    """Return the engine that drives the objects that ``make`` makes; see ``discover``."""
    interface = discover(make, module, overrides)
    precision = _precision(make, interface.value).with_allowances(overrides.allowances)
    return ObjectEngine(spec, make, interface, precision=precision)


def discover(
    make: Callable[..., object],
    module: ModuleType | None = None,
    overrides: Overrides = NO_OVERRIDES,
) -> Interface:
    """Return the interface of the objects that ``make`` makes from a float.

    ``module`` may have functions for its operations. What the engine raises or prints is dropped.
    Raises ``EngineOptionError`` for an override that names something that does not exist.

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
    ...     def run_back(self):
    ...         self.g = 1.0
    ...         self.send()
    >>> interface = discover(Number)
    >>> interface.value, interface.gradient, interface.backward
    ('number', 'g', 'run_back')
    >>> interface.bindings["*"].numbers_right
    False
    """
    interface = Interface()
    # After a hang nothing more is tried, and what was found so far is kept.
    with contextlib.suppress(HangError):
        value = _named_value(make, overrides.value) or value_attribute(make) or interface.value
        interface = replace(interface, value=value)
        class_ = class_of(make)
        search = BindingSearch(make, class_, lambda x: number(x, value, ""), module, overrides)
        interface = replace(interface, bindings=search.bindings())
        interface = with_backward_pass(interface, make, class_, overrides)
    return interface


def _precision(make: Callable[..., object], value: str) -> Precision:
    """Return the format to which the engine has rounded a number that needs many bits."""
    kept = outcome(lambda: number_at(make(_NEEDS_MANY_BITS), value))
    for precision in (FLOAT32, BFLOAT16, FLOAT16):
        if kept == precision.nearest(_NEEDS_MANY_BITS):
            return precision
    return FLOAT64


def _named_value(make: Callable[..., object], name: str | None) -> str | None:
    if name is None or outcome(lambda: number_at(make(1.0), name)) is not None:
        return name
    message = f"value={name}: an object made from a number has no number at .{name}"
    raise EngineOptionError(message)


def is_engine_class(found: object) -> bool:
    """Tell whether something is a class of numbers with operations and a backward pass."""
    if not isinstance(found, type) or next(backward_methods(found), None) is None:
        return False
    with contextlib.suppress(HangError):
        value = value_attribute(found)
        return value is not None and bool(
            BindingSearch(found, found, lambda x: number(x, value, "")).bindings()
        )
    return True
