"""PyTorch, on the CPU, in float64, float32, bfloat16 or float16."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch.nn import functional

from gradcheck.engines.evaluation import choice, functions_from, of_numbers
from gradcheck.engines.tensors import TensorEngine
from gradcheck.precision import BFLOAT16, FLOAT16, FLOAT32, FLOAT64

# Subnormal numbers are kept in each of the four, unless the user has called
# torch.set_flush_denormal: measured on 2.13, added, multiplied and by each function.
_PRECISIONS = {
    "float64": (torch.float64, FLOAT64),
    "float32": (torch.float32, FLOAT32),
    "bfloat16": (torch.bfloat16, BFLOAT16),
    "float16": (torch.float16, FLOAT16),
}


def engine(spec: str, precision: str) -> TensorEngine:
    """Return PyTorch as an engine under test."""
    dtype, found = _PRECISIONS[precision]
    tensors = _Tensors(dtype)
    return TensorEngine(spec, tensors, _functions(tensors.number), found)


@dataclass(frozen=True, slots=True)
class _Tensors:
    dtype: Any

    def settings(self) -> AbstractContextManager[object]:
        block: AbstractContextManager[object] = torch.enable_grad()
        return block

    def number(self, x: float) -> object:
        return torch.tensor(x, dtype=self.dtype)

    def input(self, x: float) -> object:
        return torch.tensor(x, dtype=self.dtype, requires_grad=True)

    def renew(self, made: Any, x: float) -> None:
        with torch.no_grad():
            made.fill_(x)
        made.grad = None

    def watch(self, made: Any) -> None:
        if isinstance(made, torch.Tensor) and made.requires_grad:
            made.retain_grad()

    def backward(self, output: Any) -> None:
        if isinstance(output, torch.Tensor) and output.requires_grad:
            output.backward()

    def value(self, made: Any) -> float:
        return float(made.detach() if isinstance(made, torch.Tensor) else made)

    def adjoint(self, made: Any) -> float | None:
        gradient = made.grad if isinstance(made, torch.Tensor) else None
        return None if gradient is None else float(gradient)


_UNARY = (
    *("abs", "sign", "floor", "square", "reciprocal", "rsqrt", "sigmoid", "relu", "exp2", "log2"),
    *("erf", "erfc", "lgamma", "digamma", "sinc"),
)
"""Further functions of one operand that have the name of the operation."""


def _functions(number: Callable[[float], object]) -> dict[str, Callable[..., object]]:
    def of_tensors(function: Callable[..., object]) -> Callable[..., object]:
        return of_numbers(function, number)

    def reduced(function: Callable[..., object]) -> Callable[..., object]:
        return of_tensors(lambda *operands: function(torch.stack(operands), dim=0))

    return functions_from(
        torch,
        **{name: getattr(torch, name) for name in _UNARY},
        hypot=of_tensors(torch.hypot),
        atan2=of_tensors(torch.atan2),
        logaddexp=of_tensors(torch.logaddexp),
        where=of_tensors(lambda c, d, a, b: torch.where(c > d, a, b)),
        clamp=torch.clamp,
        fma=of_tensors(lambda a, b, c: torch.addcmul(c, a, b)),
        leaky_relu=functional.leaky_relu,
        elu=functional.elu,
        softplus=functional.softplus,
        silu=functional.silu,
        gelu=functional.gelu,
        gelu_tanh=partial(functional.gelu, approximate="tanh"),
        sum=reduced(torch.sum),
        prod=reduced(torch.prod),
        logsumexp=reduced(torch.logsumexp),
        max=choice(of_tensors(torch.maximum), reduced(torch.amax)),
        min=choice(of_tensors(torch.minimum), reduced(torch.amin)),
    )
