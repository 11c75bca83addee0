"""A forward and a backward pass over an expression: the engine, its peers, and plain floats."""

from __future__ import annotations

import math
from typing import Any

from alternating import Build, Contestant, Timings, all_of, alternate, ratio
from random_cases import random_cases
from straight_line import function, gradient
from table import Figure, Target

from gradcheck.engine import Value
from gradcheck.expression import Case

ENGINE = "engine"
STRAIGHT_LINE = "a straight line of floats"


def engine_pass(case: Case) -> Contestant:
    """The engine's pass, from new inputs to their gradients."""
    compiled = function(case.expression, {"tanh": Value.tanh})

    def run() -> list[float]:
        inputs = [Value(x) for x in case.point]
        compiled(*inputs).backward()
        return [made.grad for made in inputs]

    return run


def straight_line_pass(case: Case) -> Contestant:
    """The same with plain floats only."""
    compiled = gradient(case.expression)
    return lambda: compiled(*case.point)


def micrograd_pass(case: Case) -> Contestant:
    """Micrograd's pass, with the tanh of its author's lecture, because the package has none."""
    from micrograd.engine import Value as Number

    def tanh(x: Any) -> Any:
        t = math.tanh(x.data)
        out = Number(t, (x,), "tanh")

        def backward() -> None:
            x.grad += (1 - t**2) * out.grad

        out._backward = backward
        return out

    compiled = function(case.expression, {"tanh": tanh})

    def run() -> list[float]:
        inputs = [Number(x) for x in case.point]
        compiled(*inputs).backward()
        return [made.grad for made in inputs]

    return run


def torch_pass(case: Case) -> Contestant:
    """PyTorch's pass, on tensors of one number."""
    import torch

    torch.set_num_threads(1)
    compiled = function(case.expression, {"tanh": torch.tanh})

    def run() -> list[Any]:
        inputs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in case.point]
        compiled(*inputs).backward()
        return [made.grad for made in inputs]

    return run


def autograd_pass(case: Case) -> Contestant:
    """Autograd's pass, on plain floats."""
    import autograd
    import autograd.numpy as np

    compiled = function(case.expression, {"tanh": np.tanh})
    transformed = autograd.value_and_grad(compiled, argnum=tuple(range(len(case.point))))
    return lambda: transformed(*case.point)


PEERS: dict[str, Build] = {
    "micrograd": micrograd_pass,
    "torch": torch_pass,
    "autograd": autograd_pass,
}

TARGETS = {
    (40, "torch"): Target(at_least=8.0),
    (40, "autograd"): Target(at_least=20.0),
    (400, "micrograd"): Target(at_least=2.0),
}


def figures(size: int, *, rounds: int, seed: int) -> list[Figure]:
    """Compare the engine with each peer at expressions of one size."""
    cases = random_cases(max(1, 4000 // size), size, seed)
    builds = {ENGINE: engine_pass, STRAIGHT_LINE: straight_line_pass, **PEERS}
    timings: dict[str, Timings] = alternate(
        {name: all_of(build, cases) for name, build in builds.items()}, rounds
    )
    own = timings[ENGINE]
    what = f"engine, {size:,} operations"
    return [
        *(
            Figure(
                f"{what}: as fast as {name}", ratio(timings[name], own), TARGETS.get((size, name))
            )
            for name in PEERS
        ),
        Figure(f"{what}: cost of {STRAIGHT_LINE}", ratio(own, timings[STRAIGHT_LINE])),
    ]
