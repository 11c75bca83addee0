"""The gradient checkers of other libraries, with their own defaults.

A checker gets a function with its gradient, and says whether it accepts them at a point.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Function(Protocol):
    """A number and its gradient at a point, as an engine under test computes them."""

    def value(self, point: Sequence[float]) -> float: ...

    def gradient(self, point: Sequence[float]) -> list[float]: ...


HINT = "pip install -e '.[bench]'"
"""The command that installs all of them."""

Accepts = Callable[[Function, Sequence[float]], bool]


def torch_gradcheck() -> Accepts:
    """``torch.autograd.gradcheck`` of a ``torch.autograd.Function``."""
    import torch

    def accepts(function: Function, point: Sequence[float]) -> bool:
        class Tested(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
                ctx.save_for_backward(x)
                return torch.tensor(function.value(x.tolist()), dtype=torch.float64)

            @staticmethod
            def backward(ctx: Any, *upstream: torch.Tensor) -> torch.Tensor:
                (x,) = ctx.saved_tensors
                gradient = function.gradient(x.tolist())
                return upstream[0] * torch.tensor(gradient, dtype=torch.float64)

        x = torch.tensor(list(point), dtype=torch.float64, requires_grad=True)
        return bool(torch.autograd.gradcheck(Tested.apply, (x,), raise_exception=False))

    return accepts


def autograd_check_grads() -> Accepts:
    """``autograd.test_util.check_grads``, reverse mode, order 1, of a ``primitive``."""
    import numpy as np
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    np.random.seed(0)  # noqa: NPY002 - the random direction is drawn from it

    def accepts(function: Function, point: Sequence[float]) -> bool:
        tested = primitive(lambda x: np.float64(function.value(x.tolist())))
        defvjp(tested, lambda _, x: lambda g: g * np.array(function.gradient(x.tolist())))
        try:
            check_grads(tested, modes=["rev"], order=1)(np.array(point))
        except AssertionError:
            return False
        return True

    return accepts


def jax_check_grads() -> Accepts:
    """``jax.test_util.check_grads``, reverse mode, order 1, float64, of a ``custom_vjp``."""
    import jax
    import numpy as np
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003 - jax's signature
    logging.getLogger("jax").setLevel(logging.CRITICAL)  # it logs each error that it passes on

    def accepts(function: Function, point: Sequence[float]) -> bool:
        number = jax.ShapeDtypeStruct((), np.float64)
        vector = jax.ShapeDtypeStruct((len(point),), np.float64)

        def value(x: Any) -> Any:
            return jax.pure_callback(
                lambda x: np.float64(function.value(np.asarray(x).tolist())), number, x
            )

        def gradient(x: Any, g: Any) -> Any:
            return (
                g
                * jax.pure_callback(
                    lambda x: np.array(function.gradient(np.asarray(x).tolist())), vector, x
                ),
            )

        tested = jax.custom_vjp(value)
        tested.defvjp(lambda x: (value(x), x), gradient)
        try:
            check_grads(tested, (np.array(point),), order=1, modes=["rev"])
        except AssertionError:
            return False
        return True

    return accepts


PEERS: dict[str, Callable[[], Accepts]] = {
    "torch.autograd.gradcheck": torch_gradcheck,
    "jax.test_util.check_grads": jax_check_grads,
    "autograd check_grads": autograd_check_grads,
}


def installed() -> dict[str, Accepts]:
    """Return the peers that can be imported; an error in a check counts as a rejection."""
    found = {}
    for name, load in PEERS.items():
        try:
            found[name] = careful(load())
        except ImportError:
            print(f"{name} is left out: it is not installed; {HINT}")
    return found


def careful(accepts: Accepts) -> Accepts:
    """Return a checker that rejects a case if it raises an error there."""

    def accepts_without_error(function: Function, point: Sequence[float]) -> bool:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return accepts(function, point)
            except Exception:  # noqa: BLE001 - an error of the checker counts as a rejection
                return False

    return accepts_without_error
