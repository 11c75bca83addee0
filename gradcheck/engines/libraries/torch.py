"""PyTorch, on the CPU, in float64, float32 or bfloat16."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch

from gradcheck.engines.evaluation import functions_from
from gradcheck.engines.tensors import TensorEngine
from gradcheck.precision import BFLOAT16, FLOAT32, FLOAT64

# Subnormal numbers are kept in each of the three, unless the user has called
# torch.set_flush_denormal: measured on 2.13, added, multiplied and by each function.
_PRECISIONS = {
    "float64": (torch.float64, FLOAT64),
    "float32": (torch.float32, FLOAT32),
    "bfloat16": (torch.bfloat16, BFLOAT16),
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


def _functions(number: Callable[[float], object]) -> dict[str, Callable[..., object]]:
    def of_tensors(function: Callable[..., object]) -> Callable[..., object]:
        """Return a function that turns plain numbers into tensors first."""

        def apply(*operands: object) -> object:
            return function(*(number(x) if isinstance(x, int | float) else x for x in operands))

        return apply

    return functions_from(
        torch,
        atan=torch.atan,
        sigmoid=torch.sigmoid,
        relu=torch.relu,
        abs=torch.abs,
        max=of_tensors(torch.maximum),
        min=of_tensors(torch.minimum),
    )
