"""Detect how the backward pass of a class of tensors is run, and where the gradients arrive."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from gradcheck.engines.arrays.code_objects import NamedFunction
from gradcheck.engines.arrays.discovery.reading import gradient_path, path_to
from gradcheck.engines.arrays.evaluation import WeightedResult, can_weigh
from gradcheck.engines.arrays.objects import ObjectTensors, Seed
from gradcheck.engines.discovery.backward_pass import GRADIENTS, backward_methods
from gradcheck.engines.experiment import outcome
from gradcheck.engines.interface import takes
from gradcheck.engines.options import EngineOptionError, Overrides
from gradcheck.engines.time_limit import HangError


@dataclass(frozen=True, slots=True)
class BackwardPass:
    """The method or function, the attribute for the gradient, and what has to be passed to get one.

    With ``requires_grad`` inputs are made with that option.
    """

    run: Callable[..., object]
    gradient: str = "grad"
    requires_grad: bool = False
    seed: Seed = Seed.NONE

    def tensors(self, make: Callable[..., object], value: str) -> ObjectTensors:
        """Return the tensors that are driven so."""
        return ObjectTensors(
            make, value, self.gradient, self.run, self.seed, requires_grad=self.requires_grad
        )


_X = np.array([[2.25, 1.25], [0.5, -1.5]])

_WEIGHTS = np.array([[1.0, 2.0], [3.0, 4.0]])


def has_backward_pass(class_: type, module: ModuleType | None) -> bool:
    """Tell whether a class has a method that may be the backward pass, or its module a function."""
    return any(True for _ in _passes(class_, module))


def find_backward_pass(
    make: Callable[..., object],
    class_: type,
    module: ModuleType | None,
    value: str,
    functions: Mapping[str, Callable[..., object]],
    overrides: Overrides,
) -> BackwardPass:
    """Return the first way to run the backward pass that brings the right numbers to an input.

    If none does, return the first that brings any. Raises ``EngineOptionError`` if that takes a
    weighted sum, and there is none.
    """
    found = None
    for way in _ways(make, class_, module, overrides, can_weigh=can_weigh(functions)):
        if way.gradient == value:
            continue
        try:
            right = outcome(lambda way=way: _is_right(way, make, value, functions))  # type: ignore[misc]
        except HangError:
            return found or way  # the others would hang too
        if right:
            return way
        # A gradient that is set before the pass may be overwritten there.
        is_sure = can_weigh(functions) or way.seed is not Seed.SET_BEFORE
        if right is not None and found is None and is_sure:
            found = way
    if found is None and not can_weigh(functions):
        message = (
            f"no gradient can be asked for: {class_.__name__} has no sum with a *, and no backward "
            "pass that takes the gradient of its output"
        )
        raise EngineOptionError(message)
    return found or BackwardPass(_method(overrides.backward or "backward"))


def _ways(
    make: Callable[..., object],
    class_: type,
    module: ModuleType | None,
    overrides: Overrides,
    *,
    can_weigh: bool,
) -> Iterator[BackwardPass]:
    runs = [_method(overrides.backward)] if overrides.backward else [*_passes(class_, module)]
    gradients = [overrides.gradient] if overrides.gradient else [*GRADIENTS, "_grad"]
    requires = (True, False) if _takes_requires_grad(make) else (False,)
    # Without a weighted sum the backward pass starts at an array, with weights.
    seeds = [seed for seed in Seed if can_weigh or seed is not Seed.NONE]
    if overrides.seed_output is not None:
        seeds = [s for s in seeds if (s is Seed.SET_BEFORE) == overrides.seed_output]
    for requires_grad, seed, run, gradient in product(requires, seeds, runs, gradients):
        yield BackwardPass(run, gradient, requires_grad, seed)


def _passes(class_: type, module: ModuleType | None) -> Iterator[Callable[..., object]]:
    """Yield the methods of a class that may be the backward pass, and functions of the module."""
    yield from map(_method, backward_methods(class_, with_seed=True))
    for name, function in [] if module is None else [*vars(module).items()]:
        is_named_so = inspect.isfunction(function) and "back" in name.lower()
        if is_named_so and (takes(function, 1) or takes(function, 2)):
            yield NamedFunction(name, function)


def _method(name: str) -> Callable[..., object]:
    return lambda output, *seed: getattr(output, name)(*seed)


def _takes_requires_grad(make: Callable[..., object]) -> bool:
    try:
        return "requires_grad" in inspect.signature(make).parameters
    except (TypeError, ValueError):  # a function written in C may have no signature
        return False


def _is_right(
    way: BackwardPass,
    make: Callable[..., object],
    value: str,
    functions: Mapping[str, Callable[..., object]],
) -> bool | None:
    """Tell whether the gradient of a weighted sum is right, ``None`` if no numbers arrive."""
    tensors = way.tensors(make, value)
    x = tensors.input(_X)
    before = tensors.gradient(x)
    name = _operator(functions)
    if name is None and way.seed is Seed.SET_BEFORE:
        return None  # the gradient that is set is that of the input itself
    weights = np.ones_like(_X) if can_weigh(functions) else _WEIGHTS
    _pass_back(tensors, x, functions, weights)
    after = tensors.gradient(x)
    if after is None or not after.size:
        return None
    if not can_weigh(functions):
        other = tensors.input(_X)
        _pass_back(tensors, other, functions, 2.0 * weights)
        if np.array_equal(tensors.gradient(other), after):
            return None  # the argument is no gradient of the output, but an option
    if before is not None and np.array_equal(before, after):
        return None
    derivative = {"*": 2.0 * _X, "+": 2.0, None: 1.0}[name]
    return np.array_equal(after, weights * derivative)


def _operator(functions: Mapping[str, Callable[..., object]]) -> str | None:
    return next((name for name in ("*", "+") if name in functions), None)


def _pass_back(
    tensors: ObjectTensors,
    x: object,
    functions: Mapping[str, Callable[..., object]],
    weights: NDArray[np.float64] = _WEIGHTS,
) -> None:
    """Run the backward pass from a sum of ``x*x`` or ``x + x``, with weights if it takes any."""
    name = _operator(functions)
    result = x if name is None else functions[name](x, x)
    output = functions["sum"](result) if can_weigh(functions) else WeightedResult(result, weights)
    tensors.backward(output)


def with_paths(
    tensors: ObjectTensors, functions: Mapping[str, Callable[..., object]]
) -> ObjectTensors:
    """Return tensors whose paths are known: the code for the arrays of the value and gradient."""

    def experiment() -> str:
        x = tensors.input(_X)
        _pass_back(tensors, x, functions)
        return gradient_path(x, tensors.gradient_name, tensors.value_name)

    value = outcome(lambda: path_to(tensors.input(_X), tensors.value_name))
    gradient = None
    with contextlib.suppress(HangError):
        gradient = outcome(experiment)
    return replace(
        tensors,
        value_path=value or f".{tensors.value_name}",
        gradient_path=gradient or f".{tensors.gradient_name}",
    )
