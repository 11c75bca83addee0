"""PyTorch, on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gradcheck.arrays.operations import Axis, Shape, Widths
from gradcheck.engines.arrays.driving import TensorArrays
from gradcheck.engines.arrays.libraries.numpy_like import indexed, of_every_element
from gradcheck.engines.tensors import TensorEngine, Tensors


def engine(scalar: TensorEngine) -> TensorArrays:
    """Return PyTorch as an engine of arrays, given its scalar adapter."""
    tensors: Any = scalar.tensors
    functions = {**of_every_element(scalar.functions), **_FUNCTIONS}
    missing = frozenset(
        {
            "prod over several axes",
            "index by slices backwards",
            "mse with broadcasting",
            "batch_norm of one value for each channel",
        }
    )
    return TensorArrays(
        scalar.spec, _Tensors(tensors, tensors.dtype), functions, scalar.precision, missing
    )


@dataclass(frozen=True, slots=True)
class _Tensors:
    numbers: Tensors
    dtype: Any

    def settings(self) -> AbstractContextManager[object]:
        return self.numbers.settings()

    def constant(self, array: NDArray[np.float64]) -> object:
        return torch.tensor(array, dtype=self.dtype)

    def input(self, array: NDArray[np.float64]) -> object:
        return torch.tensor(array, dtype=self.dtype, requires_grad=True)

    def backward(self, output: Any) -> None:
        self.numbers.backward(output)

    def value(self, made: Any) -> NDArray[np.float64]:
        return _numbers(made)

    def gradient(self, made: Any) -> NDArray[np.float64] | None:
        return None if made.grad is None else _numbers(made.grad)


def _numbers(tensor: torch.Tensor) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = tensor.detach().to(torch.float64).numpy()
    return numbers


def _over(function: Callable[..., object]) -> Callable[..., object]:
    """Return a reduction with NumPy's names of the options; over all axes it takes none."""

    def reduce(x: Any, *, axis: Axis = None, keepdims: bool = False) -> object:
        if axis is None and not keepdims:
            return function(x)
        axes = tuple(range(x.dim())) if axis is None else axis
        return function(x, dim=axes, keepdim=keepdims)

    return reduce


def _prod(x: Any, *, axis: Axis = None, keepdims: bool = False) -> object:
    if axis is None:
        total = torch.prod(x)
        return total.reshape((1,) * x.dim()) if keepdims else total
    return torch.prod(x, dim=axis, keepdim=keepdims)


def _logsumexp(x: Any, *, axis: Axis = None, keepdims: bool = False) -> object:
    return torch.logsumexp(x, dim=tuple(range(x.dim())) if axis is None else axis, keepdim=keepdims)


def _transpose(x: Any, *, axes: tuple[int, ...] | None = None) -> object:
    return x.permute((*reversed(range(x.dim())),) if axes is None else axes)


def _var(x: Any, *, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> object:
    return torch.var(x, dim=axis, correction=ddof, keepdim=keepdims)


def _norm(x: Any, *, axis: Axis = None, keepdims: bool = False) -> object:
    return torch.linalg.vector_norm(x, dim=axis, keepdim=keepdims)


def _split(x: Any, *, sections: int, axis: int, part: int) -> object:
    return torch.tensor_split(x, sections, dim=axis)[part]


def _pad(x: Any, *, widths: Widths) -> object:
    return torch.nn.functional.pad(x, [n for pair in reversed(widths) for n in pair])


def _layer_norm(x: Any, *, axis: Axis = -1, eps: float = 1e-5) -> object:
    count = len(axis) if isinstance(axis, tuple) else 1
    return torch.nn.functional.layer_norm(x, x.shape[x.dim() - count :], eps=eps)


def _batch_norm(x: Any, *, eps: float = 1e-5) -> object:
    return torch.nn.functional.batch_norm(x, None, None, training=True, eps=eps)


def _pool(name: str) -> Callable[..., object]:
    def pool(x: Any, *, size: Shape, stride: int | None = None) -> object:
        function = getattr(torch.nn.functional, f"{name}{len(size)}d")
        return function(x, size, stride)

    return pool


_FUNCTIONS: dict[str, Callable[..., object]] = {
    "sum": _over(torch.sum),
    "mean": _over(torch.mean),
    "prod": _prod,
    "max": _over(torch.amax),
    "min": _over(torch.amin),
    "logsumexp": _logsumexp,
    "cumsum": lambda x, *, axis: torch.cumsum(x, dim=axis),
    "softmax": lambda x, *, axis: torch.softmax(x, dim=axis),
    "log_softmax": lambda x, *, axis: torch.log_softmax(x, dim=axis),
    "matmul": torch.matmul,
    "reshape": lambda x, *, shape: x.reshape(shape),
    "transpose": _transpose,
    "index": indexed,
    "squeeze": lambda x, *, axis: x.squeeze(axis),
    "expand_dims": lambda x, *, axis: x.unsqueeze(axis),
    "broadcast_to": lambda x, *, shape: x.broadcast_to(shape),
    "flip": lambda x, *, axis: x.flip(axis),
    "concatenate": lambda *xs, axis: torch.cat(xs, dim=axis),
    "stack": lambda *xs, axis: torch.stack(xs, dim=axis),
    "var": _var,
    "norm": _norm,
    "outer": torch.outer,
    "cumprod": lambda x, *, axis: torch.cumprod(x, dim=axis),
    "roll": lambda x, *, shift, axis: torch.roll(x, shift, axis),
    "tril": lambda x, *, k=0: torch.tril(x, k),
    "triu": lambda x, *, k=0: torch.triu(x, k),
    "diagonal": lambda x, *, offset=0: torch.diagonal(x, offset),
    "split": _split,
    "pad": _pad,
    "mse": torch.nn.functional.mse_loss,
    "cross_entropy": lambda x, *, labels: torch.nn.functional.cross_entropy(
        x, torch.tensor(labels)
    ),
    "layer_norm": _layer_norm,
    "batch_norm": _batch_norm,
    "conv1d": torch.nn.functional.conv1d,
    "conv2d": torch.nn.functional.conv2d,
    "max_pool": _pool("max_pool"),
    "avg_pool": _pool("avg_pool"),
}
