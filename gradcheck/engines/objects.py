"""Engines whose numbers are objects with a backward pass, as micrograd's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from itertools import compress, repeat

from gradcheck.engines.experiment import class_of
from gradcheck.engines.faults import Fault, fault_of
from gradcheck.engines.interface import Binding, Interface
from gradcheck.engines.isolation.isolated_engine import unwrapped
from gradcheck.engines.numbers import number, plain_floats
from gradcheck.engines.program import Instruction, carry_out, program
from gradcheck.engines.protocol import Engine, Reading, Run
from gradcheck.engines.second_try import with_second_try
from gradcheck.engines.time_limit import HangError, time_limit
from gradcheck.expression import Apply, Case, Constant, Expression, Input
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.operations.operation import with_arities
from gradcheck.precision import FLOAT64, Precision

_SECONDS_PER_NODE = 1e-3
"""Hundreds of times what a slow engine in Python needs."""

_PROGRAMS_KEPT = 128
"""Expressions whose instructions are cached: each is run several times, at several points."""

MICROGRAD = Interface()
"""The interface with ``data``, ``grad``, ``backward()`` and the usual names of operations."""


def why_inputs_are_not_used_again(engine: Engine, operations: Iterable[Operation]) -> str:
    """Return a sentence if no input can be used again with another number, or an empty one.

    One of the operations is tried. An engine with its own adapter is not asked.
    """
    interface, operation = interface_of(engine), min(operations, key=lambda o: o.name, default=None)
    if interface is None or operation is None:
        return ""
    case = alone(operation)
    if engine.run(case).fault is not None or engine.run_on_used_inputs(case) is not None:
        return ""
    return (
        "Not checked: a second graph on the same inputs with other numbers, because setting "
        f"`{interface.value}` of an input does not change its number."
    )


def numbers_made_objects(engine: Engine, expression: Expression) -> list[str]:
    """Return a sentence on each operator of an expression that Python itself would not carry out.

    It has a plain number on a side where the engine takes none, such as ``2/a`` without
    ``__rtruediv__``. An object that is made of the number takes its place.
    """
    interface = interface_of(engine)
    objects = unwrapped(engine)
    if interface is None or not isinstance(objects, ObjectEngine):
        return []
    class_ = class_of(objects.make).__name__
    sentences = {}
    for node in expression.nodes:
        binding = objects.bindings.get(node.operation) if isinstance(node, Apply) else None
        if binding is None or not binding.is_operator or not isinstance(node, Apply):
            continue
        first, *others = (i in expression.constants for i in node.operands)
        if first and others and not all(others) and not binding.numbers_left:
            method = f"__r{binding.name.strip('_')}__"
            sentences[method] = f"{class_} has no usable {method}, and a number is on the left"
        if not first and any(others) and not binding.numbers_right:
            sentences[binding.name] = f"{class_}.{binding.name} takes no number on the right"
    return [
        f"Python itself would raise an error here: {sentence}. Checked with {class_}(number) in "
        "place of the number."
        for sentence in sentences.values()
    ]


def interface_of(engine: Engine) -> Interface | None:
    """Return the interface of an engine's objects, ``None`` for an engine with its own adapter."""
    engine = unwrapped(engine)
    # A subclass may drive its objects in ways that no interface describes.
    return engine.interface if type(engine) is ObjectEngine else None


@dataclass(frozen=True, eq=False, repr=False)  # no slots: cached_property keeps its result there
class ObjectEngine:
    """Drive a class of scalar objects, made from a float, as their interface says.

    Where an interface cannot say it, a subclass overrides ``value_of``, ``gradient_of`` or
    ``run_backward``. More than ``seconds`` for a case, plus a millisecond for each node, is a hang.
    """

    spec: str
    make: Callable[..., object]
    interface: Interface = MICROGRAD
    seconds: float = 5.0
    precision: Precision = FLOAT64

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec}>"

    # Compared by the identity of ``make``, which may be a callable without a hash, and by the
    # class, because a subclass may drive the same objects differently.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectEngine) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[object, ...]:
        driven = type(self), id(self.make), self.interface
        return self.spec, *driven, self.seconds, self.precision

    @cached_property
    def bindings(self) -> dict[Operation, Binding]:
        """The binding of each operation that the engine has."""
        class_ = class_of(self.make)
        found = {o: self.interface.binding(o, class_) for o in OPERATIONS.values()}
        return {operation: binding for operation, binding in found.items() if binding is not None}

    @cached_property
    def operations(self) -> frozenset[Operation]:
        """The operations that have a binding, found by names; nothing is run."""
        class_ = class_of(self.make)
        return frozenset(
            each
            for operation, binding in self.bindings.items()
            for each in with_arities(operation)
            if each is operation or binding.takes(class_, each.arity)
        )

    @cached_property
    def new(self) -> Callable[..., object]:
        """The function that makes an object that gets a gradient."""
        return partial(self.make, requires_grad=True) if self.interface.requires_grad else self.make

    @cached_property
    def _program(self) -> Callable[[Expression], tuple[Instruction, ...]]:
        @lru_cache(maxsize=_PROGRAMS_KEPT)
        def program_of(expression: Expression) -> tuple[Instruction, ...]:
            return program(expression, self.bindings, self.new)

        return program_of

    def run(self, case: Case) -> Run:
        return with_second_try(lambda: self._run(case, lambda: [self.new(x) for x in case.point]))

    def run_on_used_inputs(self, case: Case) -> Run | None:
        if not all(map(self._uses_written_numbers, case.expression.operations)):
            return None
        return with_second_try(lambda: self._run_on_used_inputs(case))

    def _run_on_used_inputs(self, case: Case) -> Run | None:
        try:
            with self.time_limit(case.expression):
                inputs = [self.new(x / 2.0) for x in case.point]
                self.run_backward(self.forward(case, inputs, []))
                for made, x in zip(inputs, case.point, strict=True):
                    self._reset(made, self.new(x))
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - an engine need not let inputs be used again
            return None
        return self._run(case, lambda: inputs)

    @cached_property
    def _uses_written_numbers(self) -> Callable[[Operation], bool]:
        """Whether an operation uses a number that was written into an input.

        An engine may compute with a private copy of the number that the input was made with.
        """

        @cache
        def uses(operation: Operation) -> bool:
            case = alone(operation)
            halves = [x / 2.0 for x in case.point]

            def written() -> list[object]:
                inputs = [self.new(x) for x in halves]
                for made, x in zip(inputs, case.point, strict=True):
                    self._reset(made, self.new(x))
                return inputs

            of_written = self._value(case, written)
            is_as_before = of_written == self.value(Case(case.expression, tuple(halves)))
            return not is_as_before or of_written == self.value(case)

        return uses

    def value(self, case: Case) -> float | Fault:
        return self._value(case, lambda: [self.new(x) for x in case.point])

    def _value(self, case: Case, make_inputs: Callable[[], list[object]]) -> float | Fault:
        nodes: list[object] = []
        try:
            with self.time_limit(case.expression):
                return self.value_of(self.forward(case, make_inputs(), nodes), "the output")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            return fault_of(error, stage="forward", position=len(nodes))

    def _run(self, case: Case, make_inputs: Callable[[], list[object]]) -> Run:
        nodes: list[object] = []
        value: float | None = None
        stage = "forward"
        try:
            with self.time_limit(case.expression):
                output = self.forward(case, make_inputs(), nodes)
                value = self.value_of(output, "the output")
                stage = "backward"
                self.run_backward(output)
                readings = self._read(case, nodes)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            position = len(nodes) if stage == "forward" else None
            fault = fault_of(error, stage=stage, position=position)
            return Run(value=value, readings=(), fault=fault)
        return Run(value=value, readings=readings)

    def time_limit(self, expression: Expression) -> AbstractContextManager[None]:
        """Return the time limit for an expression; it raises ``HangError``."""
        return time_limit(self.seconds + _SECONDS_PER_NODE * len(expression.nodes))

    def forward(self, case: Case, inputs: Sequence[object], nodes: list[object]) -> object:
        """Return the output, and append the object or constant of each node to ``nodes``."""
        nodes.extend(inputs)
        carry_out(self._program(case.expression), nodes)
        output = case.expression.output
        is_constant = isinstance(case.expression.nodes[output], Constant)
        return self.new(case.expression.constants[output]) if is_constant else nodes[output]

    def value_of(self, made: object, where: str) -> float:
        """Return the number that an object holds; ``where`` describes it in an error message."""
        return number(made, self.interface.value, where)

    def gradient_of(self, made: object, where: str) -> float | None:
        """Return the gradient of an object after the backward pass, ``None`` if it has none."""
        interface = self.interface
        if getattr(made, interface.gradient, None) is None:
            return None
        return number(made, interface.gradient, where, inner=interface.value)

    def run_backward(self, output: object) -> None:
        """Run the engine's backward pass from the output."""
        backward = getattr(output, self.interface.backward, None)
        if not callable(backward):
            message = f"{type(output).__name__} has no {self.interface.backward}()"
            raise TypeError(message)
        if self.interface.seed_output:
            setattr(output, self.interface.gradient, 1.0)
        backward()

    @cached_property
    def _reads_attributes(self) -> bool:
        """Whether numbers are plain attributes: no subclass reads them differently."""
        own = type(self).value_of, type(self).gradient_of
        return own == (ObjectEngine.value_of, ObjectEngine.gradient_of)

    def _read(self, case: Case, nodes: Sequence[object]) -> tuple[Reading, ...]:
        readings = self._read_fast(case.expression, nodes)
        return tuple(self._read_one_by_one(case, nodes) if readings is None else readings)

    def _read_fast(self, expression: Expression, nodes: Sequence[object]) -> list[Reading] | None:
        """Return all readings, or ``None`` unless they are plain floats in plain attributes."""
        if not self._reads_attributes:
            return None
        objects = compress(nodes, expression.varies)
        found = plain_floats(objects, self.interface.value, self.interface.gradient)
        if found is None:
            return None
        readings = list(map(tuple.__new__, repeat(Reading), found))  # as Reading._make, in C
        for position, value in expression.constants.items():
            readings.insert(position, Reading(value, None))
        return readings

    def _read_one_by_one(self, case: Case, nodes: Sequence[object]) -> list[Reading]:
        readings = []
        for position, (node, made) in enumerate(zip(case.expression.nodes, nodes, strict=True)):
            if isinstance(node, Constant):
                readings.append(Reading(value=float(node.value), adjoint=None))
                continue
            where = f"input {node.name}" if isinstance(node, Input) else f"node {position}"
            adjoint = self.gradient_of(made, where)
            readings.append(Reading(value=self.value_of(made, where), adjoint=adjoint))
        return readings

    def _reset(self, made: object, fresh: object) -> None:
        """Copy number and gradient from a fresh object, as between two training steps."""
        try:
            gradient = getattr(fresh, self.interface.gradient)
        except (KeyboardInterrupt, HangError):
            raise
        except BaseException:  # noqa: BLE001 - it may not exist before a backward pass
            gradient = 0.0
        setattr(made, self.interface.value, getattr(fresh, self.interface.value, None))
        setattr(made, self.interface.gradient, gradient)


def alone(operation: Operation) -> Case:
    """Return a case of an operation alone, with an input for each operand but the parameters.

    The numbers, and half of them, are in the domain of every operation of the table.
    """
    point = [0.75 / (1 + index) for index in range(operation.variables)]
    inputs = [Input(f"x{index}") for index in range(len(point))]
    parameters = [Constant(3.0)] * operation.parameters
    applied = Apply(operation, tuple(range(operation.arity)))
    return Case(Expression((*inputs, *parameters, applied)), tuple(point))
