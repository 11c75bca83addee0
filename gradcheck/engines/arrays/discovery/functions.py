"""Find the function or method for each array operation, and the forms that it does not have."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from gradcheck.arrays.forms import forms
from gradcheck.arrays.notation import parse_program
from gradcheck.arrays.operations import Axis, Index, Shape, index_of
from gradcheck.arrays.program import ArrayApply, ArrayConstant, ArrayProgram
from gradcheck.engines.arrays.discovery.reading import array_in
from gradcheck.engines.discovery.bindings import BindingSearch
from gradcheck.engines.experiment import outcome
from gradcheck.engines.options import Overrides
from gradcheck.operations import OPERATIONS

Function = Callable[..., object]

_NAMES: dict[str, tuple[str, ...]] = {
    "sum": ("sum",),
    "mean": ("mean",),
    "prod": ("prod",),
    "max": ("max", "amax"),
    "min": ("min", "amin"),
    "logsumexp": ("logsumexp",),
    "cumsum": ("cumsum",),
    "softmax": ("softmax",),
    "log_softmax": ("log_softmax", "logsoftmax"),
    "reshape": ("reshape", "view"),
    "transpose": ("transpose", "permute", "T"),
    "squeeze": ("squeeze",),
    "expand_dims": ("expand_dims", "unsqueeze"),
    "broadcast_to": ("broadcast_to", "expand"),
    "flip": ("flip",),
    "concatenate": ("concatenate", "cat", "concat"),
    "stack": ("stack",),
    "matmul": ("__matmul__", "matmul", "dot", "mm"),
    "maximum": ("maximum",),
    "minimum": ("minimum",),
}
"""Names that authors give the method or function for an operation, the usual one first."""

_FORMS: dict[str, tuple[str, ...]] = {
    **{
        name: (f"{name}(x)", f"{name}(x, axis=1)", f"{name}(x, axis=-1, keepdims=True)")
        for name in ("sum", "mean", "prod", "max", "min", "logsumexp")
    },
    "cumsum": ("cumsum(x, axis=1)",),
    "softmax": ("softmax(x, axis=1)", "softmax(x, axis=0)"),
    "log_softmax": ("log_softmax(x, axis=1)", "log_softmax(x, axis=0)"),
    "reshape": ("reshape(x, (3, 2))",),
    "transpose": ("transpose(x)", "transpose(s, (1, 0, 2))"),
    "squeeze": ("squeeze(o, axis=0)",),
    "expand_dims": ("expand_dims(x, axis=1)",),
    "broadcast_to": ("broadcast_to(o, (2, 3))",),
    "flip": ("flip(x, axis=1)",),
    "concatenate": ("concatenate(x, x, axis=0)",),
    "stack": ("stack(x, x, axis=0)",),
    "matmul": ("x @ w", "x @ v", "s @ w"),
    "index": ("x[0]", "x[:, 1:]", "x[::-1]", "x[[0, 0, 1]]"),
}
"""Programs that show whether an operation is there, and which of its forms. The first has to work.

A form that raises an error in the forward pass is one that the engine does not have.
"""

_MORE_FORMS: dict[str, tuple[str, ...]] = {
    name: (f"{name}(x, axis=(0, 1))", f"{name}(x, keepdims=True)")
    for name in ("sum", "mean", "prod", "max", "min", "logsumexp")
}

_SHAPES: dict[str, Shape] = {"x": (2, 3), "w": (3, 2), "v": (3,), "s": (2, 2, 3), "o": (1, 3)}


def find_functions(
    make: Function,
    class_: type,
    value: str,
    module: ModuleType | None,
    overrides: Overrides,
    *,
    names: Collection[str] | None = None,
) -> tuple[dict[str, Function], set[str]]:
    """Return a function for each array operation that a class has, and the forms it does not have.

    With ``names`` only these operations are looked for.
    """
    search = _Search(make, class_, value, module)
    functions: dict[str, Function] = {}
    missing: set[str] = set()
    for name, programs in _FORMS.items():
        if names is None or name in names:
            found = search.first(name, programs[0])
            if found is not None:
                functions[name] = found
                others = (*programs[1:], *_MORE_FORMS.get(name, ()))
                missing |= search.missing(name, found, others)
    if names is None:
        elementwise, no_numbers = _of_every_element(make, class_, value, module, overrides)
        functions |= elementwise
        missing |= no_numbers
        for name in ("+", "-", "*", "/"):
            if name in functions:
                missing |= search.missing(name, functions[name], [f"x {name} v"])
    return functions, missing


def _of_every_element(
    make: Function, class_: type, value: str, module: ModuleType | None, overrides: Overrides
) -> tuple[dict[str, Function], set[str]]:
    """Return the operations on every element that a class has, found on arrays of one element."""

    def of_one(number: float) -> object:
        return make(np.array([number]))

    bindings = BindingSearch(of_one, class_, value, module, overrides).bindings()
    functions: dict[str, Function] = {}
    missing: set[str] = set()
    for name, binding in bindings.items():
        operation = OPERATIONS[name]
        if operation.any_arity or name == "where":
            continue
        functions[name] = binding.callable_for(operation)
        if operation.variables > 1:
            for side, is_taken in (
                ("left", binding.numbers_left),
                ("right", binding.numbers_right),
            ):
                if not is_taken:
                    missing.add(f"{name} with a number on the {side}")
    return functions, missing


@dataclass(frozen=True, slots=True)
class _Search:
    make: Function
    class_: type
    value: str
    module: ModuleType | None

    def first(self, name: str, text: str) -> Function | None:
        """Return the first way to do an operation whose result has the right shape."""
        program = parse_program(text, _SHAPES)
        for function in self._candidates(name):
            if self._shape_of(program, name, function) == program.shape:
                return function
        return None

    def missing(self, name: str, function: Function, texts: Sequence[str]) -> set[str]:
        """Return the forms of an operation that raise an error, simpler ones first.

        A program that needs several forms shows those that no other one has shown to work.
        """
        working, missing = {name}, set[str]()
        if name in _FORMS:
            working |= forms(parse_program(_FORMS[name][0], _SHAPES))
        for text in texts:
            program = parse_program(text, _SHAPES)
            found = set(forms(program))
            if self._shape_of(program, name, function) is not None:
                working |= found
            else:
                missing |= found
        return missing - working

    def _shape_of(self, program: ArrayProgram, name: str, function: Function) -> Shape | None:
        """Return the shape of a result, ``None`` if it is no tensor or an error was raised."""

        def experiment() -> Shape | None:
            node = program.nodes[-1]
            assert isinstance(node, ArrayApply)
            operands = [self._operand(program, i) for i in node.operands]
            made = function(*operands, **dict(node.options))
            array = array_in(made, self.value) if isinstance(made, self.class_) else None
            return None if array is None else array.shape

        return outcome(experiment)

    def _operand(self, program: ArrayProgram, position: int) -> object:
        node = program.nodes[position]
        if isinstance(node, ArrayConstant):
            return self.make(node.array)
        shape = program.shapes[position]
        size = int(np.prod(shape))
        return self.make((np.arange(size, dtype=np.float64) + 1.0).reshape(shape) / 4.0)

    def _candidates(self, name: str) -> Iterator[Function]:
        if name == "index":
            yield lambda x, *, index: x[_as_numpy(index)]
            return
        for called in _NAMES[name]:
            if called == "__matmul__" and hasattr(self.class_, called):
                yield operator.matmul
            for function in self._callables(called):
                yield from _ways(name, function)

    def _callables(self, called: str) -> Iterator[Function]:
        """Yield the method, the property, and the function of the module of a name."""
        found = getattr(self.class_, called, None)
        if isinstance(found, property):
            yield lambda x: getattr(x, called)
        elif callable(found):
            yield lambda x, *others, **options: getattr(x, called)(*others, **options)
            if isinstance(self.class_.__dict__.get(called), staticmethod | classmethod):
                yield found
        function = vars(self.module).get(called) if self.module is not None else None
        if callable(function) and not isinstance(function, type):
            yield function


def _as_numpy(index: Index) -> object:
    parts = index_of(index)
    return parts[0] if len(parts) == 1 else parts


def _ways(name: str, function: Function) -> Iterator[Function]:
    """Yield the ways in which authors let the options of an operation be given."""
    if name in ("sum", "mean", "prod", "max", "min", "logsumexp"):
        for axis_name, keep_name in _AXIS_NAMES:
            yield _reduction(function, axis_name, keep_name)
    elif name in ("cumsum", "softmax", "log_softmax", "squeeze", "expand_dims", "flip"):
        yield lambda x, *, axis: function(x, axis=axis)
        yield lambda x, *, axis: function(x, dim=axis)
        yield lambda x, *, axis: function(x, axis)
    elif name in ("reshape", "broadcast_to"):
        yield lambda x, *, shape: function(x, shape)
        yield lambda x, *, shape: function(x, *shape)
    elif name == "transpose":
        yield _transposed(function)
    elif name in ("concatenate", "stack"):
        yield lambda *xs, axis: function(list(xs), axis=axis)
        yield lambda *xs, axis: function(list(xs), dim=axis)
        yield lambda *xs, axis: function(list(xs), axis)
        yield lambda first, *others, axis: function(first, *others, axis=axis)
    else:
        yield function


_AXIS_NAMES = (("axis", "keepdims"), ("dim", "keepdim"), ("axis", "keepdim"), ("dim", "keepdims"))


def _reduction(function: Function, axis_name: str, keep_name: str) -> Function:
    def reduce(x: object, *, axis: Axis = None, keepdims: bool = False) -> object:
        options: dict[str, object] = {} if axis is None else {axis_name: axis}
        if keepdims:
            options[keep_name] = True
        return function(x, **options)

    return reduce


def _transposed(function: Function) -> Function:
    def transpose(x: object, *, axes: Shape | None = None) -> object:
        return function(x) if axes is None else function(x, *axes)

    return transpose
