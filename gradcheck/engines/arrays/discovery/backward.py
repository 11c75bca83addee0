"""Detect how the backward pass of a class of tensors is run, and where the gradients arrive."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from gradcheck.engines.arrays.objects import ObjectTensors
from gradcheck.engines.discovery.backward_pass import GRADIENTS, backward_methods
from gradcheck.engines.experiment import outcome
from gradcheck.engines.options import Overrides


@dataclass(frozen=True, slots=True)
class BackwardPass:
    """The method, the attribute for the gradient, and what has to be passed to get one.

    With ``requires_grad`` inputs are made with that option; with ``seeded`` the method gets an
    array of ones.
    """

    method: str = "backward"
    gradient: str = "grad"
    requires_grad: bool = False
    seeded: bool = False


_X = np.array([[2.25, 1.25], [0.5, -1.5]])


def find_backward_pass(
    make: Callable[..., object],
    class_: type,
    value: str,
    functions: Mapping[str, Callable[..., object]],
    overrides: Overrides,
) -> BackwardPass:
    """Return the first way to run the backward pass that brings numbers to an input."""
    best = BackwardPass()
    for way in _ways(make, class_, value, overrides):
        found = outcome(lambda way=way: _evidence(way, make, value, functions))  # type: ignore[misc]
        if found:
            return way
    return best


def _ways(
    make: Callable[..., object], class_: type, value: str, overrides: Overrides
) -> Iterator[BackwardPass]:
    methods = [overrides.backward] if overrides.backward else [*backward_methods(class_)]
    gradients = [overrides.gradient] if overrides.gradient else [*GRADIENTS, "_grad"]
    requires = (True, False) if _takes_requires_grad(make) else (False,)
    for requires_grad, seeded, method, gradient in product(
        requires, (False, True), methods, gradients
    ):
        if gradient != value:
            yield BackwardPass(method, gradient, requires_grad, seeded)


def _takes_requires_grad(make: Callable[..., object]) -> bool:
    try:
        return "requires_grad" in inspect.signature(make).parameters
    except (TypeError, ValueError):  # a function written in C may have no signature
        return False


def _evidence(
    way: BackwardPass,
    make: Callable[..., object],
    value: str,
    functions: Mapping[str, Callable[..., object]],
) -> bool:
    """Tell whether numbers arrive at an input that were not there before."""
    options = {"requires_grad": True} if way.requires_grad else {}
    tensors = ObjectTensors(make, value, way.gradient, way.method, seeded=way.seeded)
    x = make(_X.copy(), **options)
    before = tensors.gradient(x)
    squares = functions["*"](x, x) if "*" in functions else x
    total = functions["sum"](squares) if "sum" in functions else squares
    tensors.backward(total)
    after = tensors.gradient(x)
    if after is None or not after.size:
        return False
    return before is None or before.shape != after.shape or bool(np.any(before != after))
