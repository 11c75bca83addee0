"""``python -m gradcheck engines``: what was found of an engine."""

from __future__ import annotations

import click
from rich import box
from rich.table import Table

from gradcheck.cli.limits import Load, surviving, with_limits
from gradcheck.cli.shared import ExitCode, terminal, with_engine_options
from gradcheck.engines.interface import Binding
from gradcheck.engines.isolation.isolated_engine import EngineLimits, unwrapped
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Apply, Constant, Expression, Input, Node, input_names
from gradcheck.formula import write
from gradcheck.operations import DEFAULT_OPERATIONS, OPERATIONS, Operation
from gradcheck.table import plain


@click.command("engines")
@click.argument("spec")
@with_engine_options
@with_limits
def engines_command(spec: str, *, limits: EngineLimits) -> ExitCode:
    """Say how the engine SPEC is driven, and what will be checked of it.

    What is not as it should be can be given with --engine-option.
    """

    def shown(load: Load) -> ExitCode:
        engine = unwrapped(load(spec))
        console = terminal()
        console.print(plain(engine.spec))
        if isinstance(engine, ObjectEngine):
            console.print(_names(engine), _operations(engine))
        for line in _what_is_checked(engine):
            console.print(plain(line))
        return ExitCode.NOTHING_FOUND

    return surviving(shown, limits)


def _names(engine: ObjectEngine) -> Table:
    interface = engine.interface
    made = "Class(x, requires_grad=True)" if interface.requires_grad else "Class(x)"
    kind = ", an object of the engine" if interface.gradient_is_object else ""
    seed = (
        f"after out.{interface.gradient} = 1.0"
        if interface.seed_output
        else "seeds the output itself"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
    for what, how in (
        ("made by", made.replace("Class", getattr(engine.make, "__name__", "Class"))),
        ("value", f".{interface.value}"),
        ("gradient", f".{interface.gradient}{kind}"),
        ("backward pass", f"out.{interface.backward}(), {seed}"),
    ):
        table.add_row(what, plain(how))
    return table


def _operations(engine: ObjectEngine) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("operation", "done by", "number on the left", "number on the right"):
        table.add_column(title)
    for operation in OPERATIONS.values():
        if (binding := engine.bindings.get(operation)) is not None:
            table.add_row(*map(plain, _row(operation, binding)))
    return table


def _row(operation: Operation, binding: Binding) -> tuple[str, ...]:
    inputs = input_names(operation.variables)
    parameters = ("2.0",) * operation.parameters
    if binding.is_operator:
        nodes: list[Node] = [*map(Input, inputs), *(Constant(float(x)) for x in parameters)]
        applied = Apply(operation, tuple(range(operation.arity)))
        call = write(Expression((*nodes, applied)))
    else:
        call = binding.written(*inputs, *parameters)
    if len(inputs) == 1:
        return operation.name, call, "", ""
    return operation.name, call, _taken(binding.numbers_left), _taken(binding.numbers_right)


def _taken(is_taken: bool) -> str:  # noqa: FBT001 - a word for each of the two
    return "yes" if is_taken else "no, as an object"


def _what_is_checked(engine: Engine) -> list[str]:
    has = [operation for operation in OPERATIONS.values() if operation in engine.operations]
    default = [operation.name for operation in has if operation in DEFAULT_OPERATIONS]
    if not has:
        return ["It has none of the operations that there are, so there is nothing to check."]
    flushed = ", numbers below the normal range are zero" if engine.precision.flush_to_zero else ""
    return [
        f"Precision: {engine.precision.name}{flushed}",
        f"Checked: {' '.join(default) or 'nothing'}",
        f"Checked with --ops all: {' '.join(operation.name for operation in has)}",
    ]
