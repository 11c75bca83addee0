"""Write down in Python how an engine of arrays computes a case, as a person would write it.

The engine's functions are called with objects that write down what is done with them. Nothing of
the engine itself is run.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import Shape
from gradcheck.arrays.program import ArrayApply, ArrayCase, ArrayConstant, ArrayInput
from gradcheck.engines.arrays.evaluation import ArrayFunctions, WeightedResult, weighted
from gradcheck.engines.arrays.objects import ObjectTensors, Seed
from gradcheck.engines.experiment import outcome
from gradcheck.engines.options import split_spec
from gradcheck.notation import usable_names

OUTPUT = "out"

_OWN_NAMES = (OUTPUT, "np", "sys", "importlib", "gradient", "low", "high", "float")
"""Names that a script uses for other things than inputs."""


@dataclass(frozen=True, slots=True)
class ArrayCode:
    """A case as statements in Python, which use ``np``, the class, and the ``functions``.

    ``passes`` are the statements: they make the inputs, compute ``out`` and run the backward pass.
    ``result`` is the place of the program's result, before it becomes one number, and ``value``
    that of the output's number. ``inputs`` and ``gradients`` have those of the numbers and of the
    gradient of each input.
    """

    functions: tuple[str, ...]
    passes: tuple[str, ...]
    result: str
    value: str
    inputs: tuple[str, ...]
    gradients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedFunction:
    """A function of the engine's module, which is written down by its name."""

    name: str
    function: Callable[..., object]

    @property
    def imported(self) -> str:
        """The name that has to be imported to use it: of ``Tensor.stack`` that is ``Tensor``."""
        return self.name.rpartition(":")[2].partition(".")[0]

    def __call__(self, *operands: object, **options: object) -> object:
        written = _first_written((*operands, *options.values()))
        if written is None:
            return self.function(*operands, **options)
        return written.of_function(self, operands, options)


def _first_written(values: Sequence[object]) -> Written | None:
    for value in values:
        if isinstance(value, Written):
            return value
        if isinstance(value, list | tuple) and (found := _first_written(value)) is not None:
            return found
    return None


class Written:
    """An object that writes down what is done with it.

    Under the name of an engine's value it has an array of the right shape, without numbers: a call
    that depends on them cannot be written down.
    """

    __slots__ = ("_functions", "_shape", "_tree", "_value_name")

    def __init__(
        self,
        tree: ast.expr,
        value_name: str,
        functions: dict[str, None],
        shape: Shape = (),
    ) -> None:
        self._tree, self._value_name = tree, value_name
        self._functions, self._shape = functions, shape

    def _made(self, tree: ast.expr) -> Written:
        return Written(tree, self._value_name, self._functions)

    def of_function(
        self, function: NamedFunction, operands: Sequence[object], options: Mapping[str, object]
    ) -> Written:
        """Return the call of a named function, which has this object among its operands."""
        name = function.name
        self._functions[name if ":" in name else function.imported] = None
        return self._made(_call(_name(name.rpartition(":")[2]), operands, options))

    def __getattr__(self, name: str) -> object:
        if name == self._value_name:
            return np.full(self._shape, np.nan)
        return self._made(ast.Attribute(self._tree, name))

    def __call__(self, *operands: object, **options: object) -> Written:
        return self._made(_call(self._tree, operands, options))

    def __getitem__(self, index: object) -> Written:
        return self._made(ast.Subscript(self._tree, _tree(index)))

    def __neg__(self) -> Written:
        return self._made(ast.UnaryOp(ast.USub(), self._tree))

    def __abs__(self) -> Written:
        return self._made(_call(_name("abs"), [self], {}))


def _add_operator(name: str, sign: type[ast.operator]) -> None:
    def forward(self: Written, other: object) -> Written:
        return self._made(ast.BinOp(self._tree, sign(), _tree(other)))

    def reflected(self: Written, other: object) -> Written:
        return self._made(ast.BinOp(_tree(other), sign(), self._tree))

    setattr(Written, f"__{name}__", forward)
    setattr(Written, f"__r{name}__", reflected)


for _method, _sign in {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "truediv": ast.Div,
    "pow": ast.Pow,
    "matmul": ast.MatMult,
}.items():
    _add_operator(_method, _sign)


def written_case(
    case: ArrayCase, tensors: ObjectTensors, functions: ArrayFunctions, spec: str
) -> ArrayCode | None:
    """Return a case in Python for the tensors of a class, ``None`` if it cannot be written down.

    That is so where the function for an operation looks at the numbers of its operands.
    """
    writer = _Writer(case, tensors, functions, split_spec(spec)[0].rpartition(":")[2])
    try:
        return writer.code()
    except Exception:  # noqa: BLE001 - the code of the engine's author met an object of no engine
        return None


class _Writer:
    """The statements for one case."""

    def __init__(
        self, case: ArrayCase, tensors: ObjectTensors, functions: ArrayFunctions, class_: str
    ) -> None:
        self.case, self.tensors, self.functions, self.class_ = case, tensors, functions, class_
        self.used: dict[str, None] = {}
        known = {f.imported for f in functions.values() if isinstance(f, NamedFunction)}
        taken = {*_OWN_NAMES, class_, *known}
        self.inputs = usable_names([x.name for x in case.program.inputs], taken)
        self.passes: list[str] = []

    def code(self) -> ArrayCode:
        """Return all statements."""
        for name, array in zip(self.inputs, self.case.arrays.values(), strict=True):
            self._assign(name, self._new(array))
        held = f"{OUTPUT}{self.tensors.value_path}"
        made = self._result()
        place = f"({ast.unparse(_tree(made))}){self.tensors.value_path}"
        match weighted(self.case, made, self.functions, self._new):
            case WeightedResult(result, weights):
                gradient = _tree(weights)
                value = f"np.sum({held} * {ast.unparse(gradient)})"
            case result:
                gradient, value = ast.parse(f"np.ones_like({held})", mode="eval").body, held
        self._assign(OUTPUT, result)
        self._backward(self._written(gradient))
        imported = tuple(name for name in self.used if name != self.class_)
        inputs = self._places(self.tensors.value_path)
        gradients = self._places(self.tensors.gradient_path)
        return ArrayCode(imported, tuple(self.passes), place, value, inputs, gradients)

    def _places(self, path: str) -> tuple[str, ...]:
        """Return a place for each input, in its shape.

        An engine may have no arrays without an axis, and make one of each number.
        """
        names = zip(self.inputs, self.case.program.inputs, strict=True)
        return tuple(
            f"{name}{path}" if self._keeps(x.shape) else f"np.reshape({name}{path}, {x.shape})"
            for name, x in names
        )

    def _keeps(self, shape: Shape) -> bool:
        tensors = self.tensors
        held = outcome(lambda: tensors.value(tensors.new(np.ones(shape))).shape)
        return held in (None, shape)

    def _result(self) -> Written:
        """Return the result of the program; an operation used twice gets a variable."""
        program = self.case.program
        applied = [node for node in program.nodes if isinstance(node, ArrayApply)]
        uses = Counter(i for node in applied for i in node.operands)
        made: list[object] = []
        for position, (node, shape) in enumerate(zip(program.nodes, program.shapes, strict=True)):
            match node:
                case ArrayInput():
                    tree: ast.expr = _name(self.inputs[position])
                case ArrayConstant():
                    made.append(self._new(node.array) if shape else node.numbers[0])
                    continue
                case ArrayApply(operation, operands, options):
                    function = self.functions[operation.name]
                    given = [made[i] for i in operands]
                    if operation.name == "where":
                        given[:2] = map(self._known, operands[:2])
                    tree = _tree(function(*given, **dict(options)))
                    if uses[position] > 1:
                        name = f"n{position}"
                        self._assign(name, self._written(tree))
                        tree = _name(name)
            made.append(self._written(tree, shape))
        result = made[-1]
        assert isinstance(result, Written)
        return result

    def _known(self, position: int) -> NDArray[np.float64]:
        """Return a constant of the program: a choice is made by numbers, not by their names."""
        node = self.case.program.nodes[position]
        if not isinstance(node, ArrayConstant):
            message = "a choice by numbers that are computed cannot be written down"
            raise TypeError(message)
        return node.array

    def _backward(self, gradient: Written) -> None:
        """Add the backward pass, which may take the gradient of the output."""
        out, tensors = self._written(_name(OUTPUT)), self.tensors
        match tensors.seed:
            case Seed.NONE:
                done = tensors.pass_back(out)
            case Seed.ARRAY:
                done = tensors.pass_back(out, gradient)
            case Seed.TENSOR:
                done = tensors.pass_back(out, self._new_of(gradient))
            case Seed.SET_BEFORE:
                self._assign(f"{OUTPUT}.{tensors.gradient_name}", gradient)
                done = tensors.pass_back(out)
        self.passes.append(ast.unparse(_tree(done)))

    def _new(self, array: NDArray[np.float64]) -> Written:
        return self._new_of(array, array.shape)

    def _new_of(self, array: object, shape: Shape = ()) -> Written:
        options = {"requires_grad": True} if self.tensors.requires_grad else {}
        return self._written(_call(_name(self.class_), [array], options), shape)

    def _written(self, tree: ast.expr, shape: Shape = ()) -> Written:
        return Written(tree, self.tensors.value_name, self.used, shape)

    def _assign(self, name: str, value: object) -> None:
        self.passes.append(f"{name} = {ast.unparse(_tree(value))}")


def _name(name: str) -> ast.Name:
    return ast.Name(name)


def _call(
    function: ast.expr, operands: Collection[object], options: Mapping[str, object]
) -> ast.Call:
    keywords = [ast.keyword(name, _tree(value)) for name, value in options.items()]
    return ast.Call(function, [_tree(operand) for operand in operands], keywords)


def _tree(value: object) -> ast.expr:
    match value:
        case Written():
            return value._tree
        case np.ndarray() | np.generic():
            return _array_tree(np.asarray(value))
        case list() | tuple():
            parts = [_tree(part) for part in value]
            return ast.List(parts) if isinstance(value, list) else ast.Tuple(parts)
        case slice(start=start, stop=stop, step=step):
            ends = (None if end is None else _tree(end) for end in (start, stop, step))
            return ast.Slice(*ends)
        case None | str() | int() | float() if repr(value) != "nan":
            return ast.parse(repr(value), mode="eval").body
    message = f"{value!r:.60} cannot be written down"
    raise TypeError(message)


def _array_tree(array: NDArray[Any]) -> ast.expr:
    if np.isnan(array).any():
        message = "an array without numbers cannot be written down"
        raise TypeError(message)
    name, given = ("array", array.tolist()) if array.size else ("zeros", array.shape)
    return _call(ast.Attribute(_name("np"), name), [given], {})
