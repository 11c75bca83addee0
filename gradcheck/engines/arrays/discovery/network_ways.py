"""The ways to call operations of networks, and others that authors spell in many ways.

The meaning of such a name differs from engine to engine: a variance may be divided by n - 1, and a
loss may be a sum. So each way is tried, and its value compared with the meaning in the table.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import Axis, Shape, Widths
from gradcheck.engines.arrays.code_objects import Written, array_of, name_in_module, tensor_of
from gradcheck.engines.arrays.discovery.ways import AXIS_NAMES, Function, callables, of_reduction

NAMES: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("norm", "outer", "cumprod", "roll", "tril", "triu", "pad")},
    "var": ("var", "variance"),
    "where": ("where", "masked_fill"),
    "mse": ("mse", "mse_loss", "mean_squared_error", "MSELoss"),
    "cross_entropy": (
        "cross_entropy",
        "cross_entropy_loss",
        "softmax_cross_entropy",
        "softmax_crossentropy",
        "CrossEntropyLoss",
    ),
    "layer_norm": ("layer_norm", "layernorm", "LayerNorm"),
    "batch_norm": ("batch_norm", "batchnorm", "BatchNorm1d", "BatchNorm"),
    "diagonal": ("diagonal", "diag"),
    "split": ("split", "chunk"),
    "conv1d": ("conv1d",),
    "conv2d": ("conv2d",),
    "max_pool": ("max_pool", "maxpool", "max_pool2d", "maxpool2d", "max_pool1d", "maxpool1d"),
    "avg_pool": ("avg_pool", "avgpool", "avg_pool2d", "avgpool2d", "avg_pool1d", "avgpool1d"),
}
"""Names that authors give the method, the function or the layer, the usual one first."""


@dataclass(frozen=True, slots=True)
class NetworkWays:
    """The ways to do such operations with a class, whose tensors ``make`` makes of arrays.

    ``numbers`` reads the array that a tensor holds.
    """

    class_: type
    module: ModuleType | None
    make: Callable[[NDArray[np.float64]], object]
    numbers: Callable[[object], NDArray[np.float64]]

    def __call__(self, name: str) -> Iterator[Function]:
        """Yield functions that may do an operation, with the options of the table."""
        for called in NAMES[name]:
            for function in callables(called, self.class_, self.module):
                yield from self._with_options(name, called, function)
            layer = None if self.module is None else vars(self.module).get(called)
            if inspect.isclass(layer) and not issubclass(layer, self.class_):
                yield from self._of_layer(name, called, layer)

    def _with_options(self, name: str, called: str, f: Function) -> Iterator[Function]:
        match name:
            case "where":
                yield from self._choices(called, f)
            case "cross_entropy":
                yield from self._losses(f)
            case "layer_norm" | "batch_norm":
                yield from self._normalizations(name, f)
            case "split":
                yield from self._parts(f)
            case _ if name in _OPTIONS:
                yield from _OPTIONS[name](f)
            case _:
                yield f

    def _choices(self, called: str, f: Function) -> Iterator[Function]:
        """Yield ways to choose by a condition, passed as an array of booleans or as a tensor."""

        def chosen(choose: Callable[..., object]) -> Function:
            def where(left: object, right: object, yes: object, no: object) -> object:
                return choose(self._is_greater(left, right), yes, no)

            return where

        if called == "masked_fill":
            yield chosen(lambda condition, yes, no: _filled(f, condition, yes, no))
            return

        def lifted(condition: object, yes: object, no: object) -> list[object]:
            return [self._lifted(branch, condition, yes, no) for branch in (yes, no)]

        def with_tensor(condition: Any, yes: object, no: object) -> object:  # noqa: ANN401 - an array
            asked = self._made(condition.astype(float), condition, yes, no)
            return f(asked, *lifted(condition, yes, no))

        def with_array_between(condition: object, yes: object, no: object) -> object:
            first, second = lifted(condition, yes, no)
            return f(first, condition, second)

        yield chosen(lambda condition, yes, no: f(condition, *lifted(condition, yes, no)))
        yield chosen(with_tensor)
        yield chosen(with_array_between)

    def _is_greater(self, left: object, right: object) -> object:
        """Return where one operand is greater: an array of booleans, or the code of one."""
        if isinstance(left, Written):
            return array_of(left) > (array_of(right) if isinstance(right, Written) else right)
        if isinstance(right, Written):
            return array_of(right) < left
        return self._of(left) > self._of(right)

    def _lifted(self, branch: object, *beside: object) -> object:
        """Return a branch as a tensor."""
        is_tensor = isinstance(branch, self.class_ | Written)
        return branch if is_tensor else self._made(np.array(branch), *beside)

    def _of(self, operand: object) -> NDArray[np.float64]:
        return self.numbers(operand) if isinstance(operand, self.class_) else np.array(operand)

    def _losses(self, f: Function) -> Iterator[Function]:
        """Yield ways to pass the labels: as an array, a list, a tensor, or one number in a row."""
        yield lambda x, *, labels: f(x, np.array(labels))
        yield lambda x, *, labels: f(x, [*labels])
        yield lambda x, *, labels: f(x, self._made(np.array(labels, dtype=np.float64), x))
        yield lambda x, *, labels: f(x, self._one_hot(x, labels))
        yield lambda x, *, labels: f(x, self._made(self._one_hot(x, labels), x))

    def _made(self, array: NDArray[Any], *beside: object) -> object:
        """Return a tensor of an array, or its code where one of the others is written down."""
        written = next((x for x in beside if isinstance(x, Written)), None)
        return self.make(array) if written is None else tensor_of(array, written)

    def _one_hot(self, x: object, labels: Shape) -> NDArray[np.float64]:
        rows: NDArray[np.float64] = np.eye(self.numbers(x).shape[1])[[*labels]]
        return rows

    def _normalizations(self, name: str, f: Function) -> Iterator[Function]:
        """Yield ways to pass the axes and the number that is added, or neither of them."""
        if name == "layer_norm":
            for eps_name in ("eps", "epsilon"):
                yield lambda x, *, axis=-1, eps=1e-5, e=eps_name: f(x, axis=axis, **{e: eps})
                yield lambda x, *, axis=-1, eps=1e-5, e=eps_name: f(
                    x, self.numbers(x).shape[-_count(axis) :], **{e: eps}
                )
        for eps_name in ("eps", "epsilon", ""):
            for with_scale in (False, True):
                yield self._normalization(name, f, eps_name, with_scale=with_scale)

    def _normalization(
        self, name: str, f: Function, eps_name: str, *, with_scale: bool
    ) -> Function:
        def normalize(x: object, *, axis: Axis = -1, eps: float = 1e-5) -> object:
            if axis != -1:
                message = f"{name} over the axes {axis}"
                raise TypeError(message)
            size = self.numbers(x).shape[-1 if name == "layer_norm" else 1]
            parts = (np.ones(size), np.zeros(size)) if with_scale else ()
            scale = [self._made(part, x) for part in parts]
            return f(x, *scale, **({eps_name: eps} if eps_name else {}))

        return normalize

    def _of_layer(self, name: str, called: str, layer: type) -> Iterator[Function]:
        """Yield ways to call a layer, which is made for the size of its input."""

        def layer_for(*operands: object) -> Callable[..., Function]:
            written = next((x for x in operands if isinstance(x, Written)), None)
            return layer if written is None else name_in_module(called, written)

        if name in ("mse", "cross_entropy"):

            def lose(*operands: object) -> object:
                return layer_for(*operands)()(*operands)

            yield from self._with_options(name, "", lose)
        elif name in ("layer_norm", "batch_norm"):
            place = -1 if name == "layer_norm" else 1

            def normalize(x: object, **options: object) -> object:
                return layer_for(x)(self.numbers(x).shape[place], **options)(x)

            yield self._normalization(name, normalize, "eps", with_scale=False)
            yield self._normalization(name, normalize, "", with_scale=False)

    def _parts(self, f: Function) -> Iterator[Function]:
        """Yield ways to split, by the number of the parts or by the size of each."""

        def size(x: object, sections: int, axis: int) -> int:
            return int(self.numbers(x).shape[axis]) // sections

        for names in ({"axis"}, {"dim"}, set[str]()):
            for by_size in (False, True):

                def split(
                    x: object,
                    *,
                    sections: int,
                    axis: int,
                    part: int,
                    names: set[str] = names,
                    by_size: bool = by_size,
                ) -> object:
                    count = size(x, sections, axis) if by_size else sections
                    by_name = dict.fromkeys(names, axis)
                    parts = f(x, count, **by_name) if names else f(x, count, axis)
                    return _one_of(parts, part, sections)

                yield split


def _one_of(parts: object, part: int, sections: int) -> object:
    """Return one of the parts. Raises ``TypeError`` for another number of them."""
    if isinstance(parts, Written):
        return parts[part]
    if not isinstance(parts, list | tuple) or len(parts) != sections:
        message = f"there are not {sections} parts"
        raise TypeError(message)
    found: object = parts[part]
    return found


def _variances(f: Function) -> Iterator[Function]:
    for axis_name, keep_name in AXIS_NAMES:
        for ddof_name in ("ddof", "correction", "unbiased"):
            yield _variance(f, axis_name, keep_name, ddof_name)
        for fixed in (0, 1):
            yield _variance(f, axis_name, keep_name, fixed)


def _variance(f: Function, axis_name: str, keep_name: str, ddof_name: str | int) -> Function:
    """Return a variance that takes ``ddof`` by a name, or has a fixed one."""

    def variance(x: object, *, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> object:
        by_name: dict[str, object] = {}
        if isinstance(ddof_name, str):
            by_name[ddof_name] = bool(ddof) if ddof_name == "unbiased" else ddof
        elif ddof != ddof_name:
            message = f"a variance with ddof={ddof}"
            raise TypeError(message)
        reduce = of_reduction(
            lambda y, *others, **options: f(y, *others, **options, **by_name), axis_name, keep_name
        )
        return reduce(x, axis=axis, keepdims=keepdims)

    return variance


def _filled(f: Function, condition: NDArray[np.bool_], yes: object, no: object) -> object:
    """Choose between an array and a number, by a function that fills in the number."""
    if isinstance(yes, float):
        return f(no, condition, yes)
    if isinstance(no, float):
        return f(yes, ~condition, no)
    message = "a choice between two arrays"
    raise TypeError(message)


def _convolutions(f: Function) -> Iterator[Function]:
    yield lambda x, k, *, stride=1, padding=0: f(x, k, stride=stride, padding=padding)
    yield lambda x, k, *, stride=1, padding=0: f(x, k, stride, padding)
    yield lambda x, k, *, stride=1, padding=0: f(x, k, None, stride, padding)

    def plain(x: object, kernel: object, *, stride: int = 1, padding: int = 0) -> object:
        by_name = {"stride": stride} if stride != 1 else {}
        return f(x, kernel, **by_name, **({"padding": padding} if padding else {}))

    yield plain


def _pools(f: Function) -> Iterator[Function]:
    """Yield ways to pass the size of windows: as a tuple, or as one number for one or two axes."""
    for dimensions in (0, 1, 2):

        def pool(
            x: object, *, size: Shape, stride: int | None = None, dimensions: int = dimensions
        ) -> object:
            is_one_number = len(size) == dimensions and len(set(size)) == 1
            if dimensions and not is_one_number:
                message = f"windows of size {size}"
                raise TypeError(message)
            width = size[0] if dimensions else size
            return f(x, width) if stride is None else f(x, width, stride=stride)

        yield pool


def _paddings(f: Function) -> Iterator[Function]:
    def reversed_pairs(widths: Widths) -> list[int]:
        return [n for pair in reversed(widths) for n in pair]

    yield lambda x, *, widths: f(x, widths)
    yield lambda x, *, widths: f(x, [*map(list, widths)])
    yield lambda x, *, widths: f(x, reversed_pairs(widths))


def _count(axis: Axis) -> int:
    return len(axis) if isinstance(axis, tuple) else 1


def _norms(f: Function) -> Iterator[Function]:
    for axis_name, keep_name in AXIS_NAMES:
        yield of_reduction(f, axis_name, keep_name)


def _along_an_axis(f: Function) -> Iterator[Function]:
    yield lambda x, *, axis: f(x, axis=axis)
    yield lambda x, *, axis: f(x, dim=axis)
    yield lambda x, *, axis: f(x, axis)


def _rolls(f: Function) -> Iterator[Function]:
    yield lambda x, *, shift, axis: f(x, shift, axis)
    yield lambda x, *, shift, axis: f(x, shift, axis=axis)
    yield lambda x, *, shift, axis: f(x, shift, dims=axis)


def _of_diagonals(f: Function) -> Iterator[Function]:
    """Yield ways to pass the number of a diagonal: ``k`` of a triangle, ``offset`` of the other."""
    yield lambda x, *, k=0, offset=0: f(x, k + offset)
    yield lambda x, *, k=0, offset=0: f(x) if k == offset == 0 else f(x, k=k + offset)


_OPTIONS: dict[str, Callable[[Function], Iterator[Function]]] = {
    "var": _variances,
    "norm": _norms,
    "cumprod": _along_an_axis,
    "roll": _rolls,
    "pad": _paddings,
    **dict.fromkeys(("tril", "triu", "diagonal"), _of_diagonals),
    **dict.fromkeys(("conv1d", "conv2d"), _convolutions),
    **dict.fromkeys(("max_pool", "avg_pool"), _pools),
}
"""The ways in which the options of an operation are passed to a function."""
