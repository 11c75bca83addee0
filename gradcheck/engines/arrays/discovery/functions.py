"""Find the function or method for each array operation, and the forms that it does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from gradcheck.arrays.forms import forms
from gradcheck.arrays.notation import parse_program
from gradcheck.arrays.operations import REDUCTIONS, Shape
from gradcheck.arrays.program import ArrayApply, ArrayConstant, ArrayProgram
from gradcheck.engines.arrays.discovery.reading import array_in, number_in
from gradcheck.engines.arrays.discovery.ways import (
    Function,
    is_own,
    transpositions,
    ways,
    with_axes,
)
from gradcheck.engines.arrays.writing import NamedFunction
from gradcheck.engines.discovery.bindings import BindingSearch
from gradcheck.engines.experiment import outcome
from gradcheck.engines.options import Overrides
from gradcheck.operations import OPERATIONS

_FORMS: dict[str, tuple[str, ...]] = {
    **{
        name: (
            f"{name}(x)",
            f"{name}(x, axis=1)",
            f"{name}(x, axis=-1)",
            f"{name}(x, axis=(0, 1))",
            f"{name}(x, keepdims=True)",
            f"{name}(x, axis=1, keepdims=True)",
            f"{name}(n)",
        )
        for name in REDUCTIONS
    },
    "cumsum": ("cumsum(x, axis=1)", "cumsum(x, axis=-1)"),
    "softmax": ("softmax(x, axis=1)", "softmax(x, axis=-1)"),
    "log_softmax": ("log_softmax(x, axis=1)", "log_softmax(x, axis=-1)"),
    "reshape": ("reshape(x, (3, 2))", "reshape(x, (-1, 2))", "reshape(q, ())"),
    "transpose": ("transpose(x)", "transpose(s)", "transpose(v)", "transpose(s, (1, 0, 2))"),
    "squeeze": ("squeeze(o, axis=0)", "squeeze(p, axis=-1)"),
    "expand_dims": ("expand_dims(x, axis=1)",),
    "broadcast_to": ("broadcast_to(o, (2, 3))", "broadcast_to(v, (2, 3))"),
    "flip": ("flip(x, axis=1)", "flip(x, axis=-1)"),
    "concatenate": ("concatenate(x, x, axis=0)", "concatenate(x, x, axis=-1)"),
    "stack": ("stack(x, x, axis=0)", "stack(x, x, axis=-1)"),
    "matmul": ("x @ w", "x @ v", "s @ w"),
    "index": ("x[0]", "x[1:]", "x[[0, 0, 1]]", "x[::-1]", "x[0, 1]", "x[:, 1:]", "x[1:, [0, 0]]"),
    "maximum": ("maximum(x, x)", "maximum(x, v)"),
    "minimum": ("minimum(x, x)", "minimum(x, v)"),
}
"""Programs that show whether an operation is there, and which of its forms. The first has to work.

A form that raises an error in the forward pass is one that the engine does not have.
"""

_SHAPES: dict[str, Shape] = {
    "x": (2, 3),
    "w": (3, 2),
    "v": (3,),
    "s": (2, 2, 3),
    "o": (1, 3),
    "p": (3, 1),
    "q": (1,),
    "n": (),
}


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
    for name in _FORMS if names is None else names:
        found = search.best(name)
        if found is not None:
            functions[name], lacks = found
            missing |= lacks
    if names is None:
        if "sum" not in functions and (broken := search.first("sum")) is not None:
            functions["sum"] = broken  # every gradient is asked for through it
        elementwise, no_numbers = _of_every_element(make, class_, value, module, overrides)
        functions |= elementwise
        missing |= no_numbers
        for name in ("+", "-", "*", "/"):
            if name in functions:
                missing |= search.missing(functions[name], (f"x {name} x", f"x {name} v")) or set()
    return functions, missing


def _of_every_element(
    make: Function, class_: type, value: str, module: ModuleType | None, overrides: Overrides
) -> tuple[dict[str, Function], set[str]]:
    """Return the operations on every element that a class has, found on arrays of one element."""

    def of_one(number: float) -> object:
        return make(np.array([number]))

    search = BindingSearch(of_one, class_, lambda x: number_in(x, value), module, overrides)
    functions: dict[str, Function] = {}
    missing: set[str] = set()
    for name, binding in search.bindings().items():
        operation = OPERATIONS[name]
        inherited = binding.function is None and not is_own(class_, binding.name)
        if operation.any_arity or name == "where" or inherited:
            continue
        function = binding.callable_for(operation)
        functions[name] = NamedFunction(binding.name, function) if binding.function else function
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

    def best(self, name: str) -> tuple[Function, set[str]] | None:
        """Return the way to do an operation that has most of its forms, and those it has not."""
        best: tuple[Function, set[str]] | None = None
        for function in self._transpositions() if name == "transpose" else self._ways(name):
            missing = self.missing(function, _FORMS[name])
            if missing is not None and (best is None or len(missing) < len(best[1])):
                best = function, missing
                if not missing:
                    break
        return best

    def first(self, name: str) -> Function | None:
        """Return the usual way to do an operation, whether it works or not."""
        return next(self._ways(name), None)

    def missing(self, function: Function, programs: Iterable[str]) -> set[str] | None:
        """Return the forms in programs that raise an error, ``None`` if the first one fails.

        A form that a simpler program shows to be there is not to blame.
        """
        there: set[str] = set()
        missing: set[str] = set()
        for text in programs:
            program = parse_program(text, _SHAPES)
            shape = self._shape_of(program, function)
            if not there and shape != program.shape:
                return None
            # Many a .T swaps the last two axes of a stack of matrices.
            if shape is None or (text == "transpose(s)" and shape != program.shape):
                missing |= forms(program)
            else:
                there |= forms(program)
        return missing - there

    def _ways(self, name: str) -> Iterator[Function]:
        return ways(name, self.class_, self.module)

    def _transpositions(self) -> Iterator[Function]:
        axes = parse_program("transpose(s, (1, 0, 2))", _SHAPES)
        moved = next(
            (
                function
                for function in transpositions(self.class_, self.module)
                if self._shape_of(axes, function) == axes.shape
            ),
            None,
        )
        for plain in self._ways("transpose"):
            yield with_axes(plain, moved, self._dimensions)
        if moved is not None:
            yield with_axes(None, moved, self._dimensions)

    def _dimensions(self, made: object) -> int:
        array = array_in(made, self.value)
        return 0 if array is None else array.ndim

    def _shape_of(self, program: ArrayProgram, function: Function) -> Shape | None:
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
