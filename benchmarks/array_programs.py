"""One check of an array program: by gradcheck, and by its peers on their own arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from alternating import Contestant, all_of, alternate, ratio
from checks import AUTOGRAD, JAX, TORCH, accepts
from table import Figure, Target

from gradcheck.array_checks.checking import check_arrays
from gradcheck.arrays.notation import array_case
from gradcheck.arrays.program import ArrayCase
from gradcheck.engines.loading import load_array_engine

_FORMULA = "mean(tanh(x @ w + b))"


def network(elements: int, seed: int) -> ArrayCase:
    """Return a layer of a network, with about that many numbers in its inputs."""
    generator = np.random.default_rng(seed)
    width = max(2, round(((1 + elements) ** 0.5) - 1) // 2 * 2)
    rows = max(1, (elements - width * width - width) // width)
    shapes = {"x": (rows, width), "w": (width, width), "b": (width,)}
    return array_case(_FORMULA, **{n: generator.normal(size=s) for n, s in shapes.items()})


def own_check(case: ArrayCase) -> Contestant:
    """Return a contestant that computes the verdict on autograd's arrays, as a run does."""
    import autograd  # noqa: F401 - without it there is no engine to check

    engine = load_array_engine("autograd")
    return lambda: check_arrays(case, engine).kind


def torch_check(case: ArrayCase) -> Contestant:
    """PyTorch's check, of its own operations."""
    import torch

    torch.set_num_threads(1)
    inputs = tuple(
        torch.tensor(array, dtype=torch.float64, requires_grad=True)
        for array in case.arrays.values()
    )

    def program(x: Any, w: Any, b: Any) -> Any:
        return torch.tanh(x @ w + b).mean()

    return lambda: torch.autograd.gradcheck(program, inputs, raise_exception=False)


def autograd_check(case: ArrayCase) -> Contestant:
    """Autograd's check, in one random direction."""
    import autograd.numpy
    from autograd.test_util import check_grads

    inputs = tuple(case.arrays.values())

    def program(x: Any, w: Any, b: Any) -> Any:
        return autograd.numpy.mean(autograd.numpy.tanh(x @ w + b))

    checked = check_grads(program, (0, 1, 2), modes=["rev"], order=1)
    return lambda: accepts(checked, *inputs)


def jax_check(case: ArrayCase) -> Contestant:
    """JAX's check, in one random direction."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003 - jax's signature
    inputs = tuple(jax.numpy.array(array) for array in case.arrays.values())

    def program(x: Any, w: Any, b: Any) -> Any:
        return jax.numpy.tanh(x @ w + b).mean()

    return lambda: accepts(check_grads, program, inputs, order=1, modes=["rev"])


PEERS = {TORCH: torch_check, AUTOGRAD: autograd_check, JAX: jax_check}

_TARGETS = {12: Target(at_least=8.0), 200: Target(at_least=30.0)}


def figures(elements: int, *, rounds: int, seed: int) -> list[Figure]:
    """Compare one check of a layer with each peer's."""
    case = network(elements, seed)
    timings = alternate(
        {name: all_of(build, [case]) for name, build in {"gradcheck": own_check, **PEERS}.items()},
        rounds,
    )
    return [
        Figure(
            f"one check of a layer, {len(case.elements.point)} elements: as fast as {name}",
            ratio(timings[name], timings["gradcheck"]),
            _TARGETS.get(elements) if name == TORCH else None,
        )
        for name in PEERS
    ]
