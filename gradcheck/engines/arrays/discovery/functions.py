"""Find the function or method for each array operation, and the forms that it does not have."""

from __future__ import annotations

import contextlib
import math
import operator
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.floats import values_in_floats
from gradcheck.arrays.forms import forms
from gradcheck.arrays.notation import parse_program
from gradcheck.arrays.operations import Shape
from gradcheck.arrays.program import ArrayApply, ArrayConstant, ArrayInput, ArrayProgram
from gradcheck.engines.arrays.code_objects import NamedFunction, Written, dimensions_of
from gradcheck.engines.arrays.discovery.network_ways import NetworkWays
from gradcheck.engines.arrays.discovery.programs import (
    COMPARED,
    FORMS,
    OTHER_MEANINGS,
    SHAPES,
    numbers,
)
from gradcheck.engines.arrays.discovery.reading import array_in, number_in, precision_of
from gradcheck.engines.arrays.discovery.ways import (
    Function,
    is_own,
    over_each_axis,
    transpositions,
    ways,
    with_axes,
)
from gradcheck.engines.discovery.bindings import BindingSearch
from gradcheck.engines.experiment import outcome
from gradcheck.engines.options import Overrides
from gradcheck.engines.time_limit import HangError
from gradcheck.operations import OPERATIONS
from gradcheck.precision import Precision


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

    With ``names`` only these operations are looked for. One that hangs is there, to be judged. One
    with the name of an operation and another meaning is not there, which the forms say.
    """
    search = _Search(make, class_, value, module, precision_of(make, value))
    functions: dict[str, Function] = {}
    missing: set[str] = set()
    for name in (*FORMS, *COMPARED) if names is None else names:
        found: tuple[Function, set[str]] | None
        try:
            found = search.best(name)
        except HangError:
            hanging = search.first(name)
            found = None if hanging is None else (hanging, set())
        if found is not None:
            functions[name], lacks = found
            missing |= lacks
        elif name in COMPARED and search.has_other_meaning(name):
            missing.add(f"{name} (gives other numbers)")
    if names is None:
        if "sum" not in functions and (broken := search.broken_sum()) is not None:
            functions["sum"], lacks = broken  # every gradient is asked for through it
            missing |= lacks
        elementwise, no_numbers = _of_every_element(make, class_, value, module, overrides)
        functions |= elementwise
        missing |= no_numbers
        for name in ("+", "-", "*", "/"):
            if name in functions:
                with contextlib.suppress(HangError):
                    texts = (f"x {name} x", f"x {name} v")
                    missing |= search.missing(functions[name], texts) or set()
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
    for name, operation in OPERATIONS.items():
        if operation.any_arity or name == "where":
            continue
        try:
            binding = search.binding(operation)
        except HangError:
            binding = search.usual(operation)
        if binding is None or (binding.function is None and not is_own(class_, binding.name)):
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
    precision: Precision

    def best(self, name: str) -> tuple[Function, set[str]] | None:
        """Return the way to do an operation that has most of its forms, and those it has not."""
        best: tuple[Function, set[str]] | None = None
        for function in self._transpositions() if name == "transpose" else self._ways(name):
            if name in COMPARED:
                missing = self.differing(function, name)
            else:
                missing = self.missing(function, FORMS[name])
            if missing is not None and (best is None or len(missing) < len(best[1])):
                best = function, missing
                if not missing:
                    break
        return best

    def first(self, name: str) -> Function | None:
        """Return the usual way to do an operation, whether it works or not."""
        return next(self._ways(name), None)

    def broken_sum(self) -> tuple[Function, set[str]] | None:
        """Return a sum that does not work, and the forms that it does not have.

        One that gives a plain number has no gradient to ask for, and is none.
        """
        function = self.first("sum")
        if function is None:
            return None
        made = outcome(lambda: function(self.make(numbers("x"))))
        if made is not None and not isinstance(made, self.class_):
            return None
        programs = [parse_program(text, SHAPES) for text in FORMS["sum"]]
        lacks = (forms(each) for each in programs if self._result(each, function) is None)
        return function, set[str]().union(*lacks)

    def missing(self, function: Function, programs: Iterable[str]) -> set[str] | None:
        """Return the forms in programs that raise an error, ``None`` if the first one fails.

        A form that a simpler program shows to be there is not to blame.
        """
        there: set[str] = set()
        missing: set[str] = set()
        for text in programs:
            program = parse_program(text, SHAPES)
            shape = self._shape_of(program, function)
            if not there and shape != program.shape:
                return None
            # An engine's @ has one meaning, that of Python.
            may_differ = text in OTHER_MEANINGS and function is not operator.matmul
            if shape is None or (may_differ and shape != program.shape):
                missing |= forms(program)
            else:
                there |= forms(program)
        return missing - there

    def differing(self, function: Function, name: str) -> set[str] | None:
        """Return the forms without the value that is meant, ``None`` if no form has it.

        A value has to agree in half of the digits of the format: another operation differs in the
        first ones, and an engine that loses the last ones is judged by its bound.
        """
        there: set[str] = set()
        missing: set[str] = set()
        share = math.sqrt(self.precision.unit_roundoff)
        for text in COMPARED[name]:
            program = parse_program(text, SHAPES)
            made, meant = self._result(program, function), _meant(program)
            agrees = made is not None and made.shape == meant.shape
            if agrees and np.all(np.abs(made - meant) <= share * np.max(np.abs(meant))):
                there |= forms(program)
            else:
                missing |= forms(program)
        return missing - there if there else None

    def has_other_meaning(self, name: str) -> bool:
        """Tell whether something of that name gives a result of the shape that is meant."""
        programs = [parse_program(text, SHAPES) for text in COMPARED[name]]
        return any(
            self._shape_of(program, function) == program.shape
            for function in self._ways(name)
            for program in programs
        )

    def _ways(self, name: str) -> Iterator[Function]:
        if name in COMPARED:
            yield from NetworkWays(self.class_, self.module, self.make, self._numbers)(name)
            return
        yield from ways(name, self.class_, self.module)
        if name == "sum":  # every gradient is asked for through it, so one axis at a time will do
            for function in ways(name, self.class_, self.module):
                yield over_each_axis(function, self._dimensions)

    def _numbers(self, made: object) -> NDArray[np.float64]:
        array = array_in(made, self.value)
        if array is None:
            message = f"there is no .{self.value}"
            raise TypeError(message)
        return array

    def _transpositions(self) -> Iterator[Function]:
        axes = parse_program("transpose(s, (1, 0, 2))", SHAPES)
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
        if isinstance(made, Written):
            return dimensions_of(made)
        array = array_in(made, self.value)
        return 0 if array is None else array.ndim

    def _shape_of(self, program: ArrayProgram, function: Function) -> Shape | None:
        """Return the shape of a result, ``None`` if it is no tensor or an error was raised."""
        result = self._result(program, function)
        return None if result is None else result.shape

    def _result(self, program: ArrayProgram, function: Function) -> NDArray[np.float64] | None:
        """Return the numbers of a result, ``None`` if it is no tensor or an error was raised."""

        def experiment() -> NDArray[np.float64] | None:
            node = program.nodes[-1]
            assert isinstance(node, ArrayApply)
            operands = [self._operand(program, i) for i in node.operands]
            made = function(*operands, **dict(node.options))
            return array_in(made, self.value) if isinstance(made, self.class_) else None

        return outcome(experiment)

    def _operand(self, program: ArrayProgram, position: int) -> object:
        match program.nodes[position]:
            case ArrayConstant(shape) as constant:
                return self.make(constant.array) if shape else constant.numbers[0]
            case ArrayInput(name):
                return self.make(numbers(name))
        message = "these programs have one operation"
        raise AssertionError(message)


def _meant(program: ArrayProgram) -> NDArray[np.float64]:
    """Return the value of a program of one operation, as the table means it."""
    return values_in_floats(program, [numbers(x.name) for x in program.inputs])[-1]
