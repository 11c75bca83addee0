"""``gradcheck engines``: show what was detected of an engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from gradcheck.cli.options import SPEC_HELP, with_engine_options, with_limits, with_operations
from gradcheck.cli.output import ExitCode, frozen_imports, terminal
from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.formula import write
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.operations.operand_names import input_names

if TYPE_CHECKING:
    from rich.table import Table

    from gradcheck.engines.arrays.protocol import ArrayEngine
    from gradcheck.engines.interface import Binding
    from gradcheck.engines.isolation.isolated_engine import EngineLimits
    from gradcheck.engines.isolation.loading import LoadEngine
    from gradcheck.engines.objects import ObjectEngine
    from gradcheck.engines.protocol import Engine


@click.command(
    "engines",
    help=f"""Show how an engine is driven and what can be checked of it.

SPEC is {SPEC_HELP} Override what was detected wrongly with --engine-option.""",
)
@click.argument("spec")
@with_engine_options
@with_operations
@with_limits
def engines_command(spec: str, *, limits: EngineLimits) -> ExitCode:
    """Print the names, the operations and the precision of an engine."""
    with frozen_imports():
        from gradcheck.engines.arrays.protocol import ArrayEngine
        from gradcheck.engines.isolation.isolated_engine import unwrapped
        from gradcheck.engines.isolation.loading import run_isolated
        from gradcheck.engines.objects import ObjectEngine
        from gradcheck.table import plain

    def shown(load: LoadEngine) -> ExitCode:
        loaded = load(spec)
        console = terminal()
        console.print(plain(loaded.spec))
        if isinstance(loaded, ArrayEngine):
            for line in _what_of_arrays(loaded):
                console.print(plain(line))
            return ExitCode.NOTHING_FOUND
        engine = unwrapped(loaded)
        if isinstance(engine, ObjectEngine):
            console.print(_names(engine), _operations(engine))
        for line in _what_is_checked(engine):
            console.print(plain(line))
        return ExitCode.NOTHING_FOUND

    return run_isolated(shown, limits)


def _names(engine: ObjectEngine) -> Table:
    interface = engine.interface
    made = "Class(x, requires_grad=True)" if interface.requires_grad else "Class(x)"
    kind = ", an object of the engine" if interface.gradient_is_object else ""
    seed = (
        f"after out.{interface.gradient} = 1.0"
        if interface.seed_output
        else "seeds the output itself"
    )
    rows = (
        ("made by", made.replace("Class", getattr(engine.make, "__name__", "Class"))),
        ("value", f".{interface.value}"),
        ("gradient", f".{interface.gradient}{kind}"),
        ("backward pass", f"out.{interface.backward}(), {seed}"),
    )
    return _table(rows, titles=())


def _operations(engine: ObjectEngine) -> Table:
    bindings = ((operation, engine.bindings.get(operation)) for operation in OPERATIONS.values())
    rows = (_row(operation, binding) for operation, binding in bindings if binding is not None)
    return _table(
        rows, titles=("operation", "done by", "number on the left", "number on the right")
    )


def _table(rows: Iterable[tuple[str, ...]], titles: tuple[str, ...]) -> Table:
    from rich import box
    from rich.table import Table

    from gradcheck.table import plain

    table = Table(*titles, box=box.SIMPLE_HEAD, pad_edge=False, show_header=bool(titles))
    for row in rows:
        table.add_row(*map(plain, row))
    return table


def _row(operation: Operation, binding: Binding) -> tuple[str, ...]:
    inputs = input_names(operation.variables)
    parameters = ("2.0",) * operation.parameters
    if binding.is_operator:
        nodes: list[Node] = [*map(Input, inputs), *(Constant(float(x)) for x in parameters)]
        applied = Apply(operation, tuple(range(operation.arity)))
        call = write(Expression((*nodes, applied)))
    else:
        call = binding.call_text(*inputs, *parameters)
    if len(inputs) == 1:
        return operation.name, call, "", ""
    return operation.name, call, _taken(binding.numbers_left), _taken(binding.numbers_right)


def _taken(is_taken: bool) -> str:  # noqa: FBT001 - a word for each of the two
    return "yes" if is_taken else "no, as an object"


def _what_of_arrays(engine: ArrayEngine) -> list[str]:
    """Return lines on an engine of arrays: how it is driven, what it has, and what it lacks."""
    from gradcheck.arrays.operations import ARRAY_OPERATIONS

    has = [name for name in ARRAY_OPERATIONS if name in engine.array_operations]
    missing = ", ".join(sorted(engine.missing_forms))
    lines = [f"Arrays of {engine.precision.name}", f"Checked: {' '.join(has)}"]
    return [*lines, f"Not supported: {missing}"] if missing else lines


def _what_is_checked(engine: Engine) -> list[str]:
    has = [operation for operation in OPERATIONS.values() if operation in engine.operations]
    if not has:
        return ["It has none of the operations that gradcheck knows, so there is nothing to check."]
    flushed = ", numbers below the normal range are zero" if engine.precision.flush_to_zero else ""
    return [
        f"Precision: {engine.precision.name}{flushed}",
        f"Checked: {' '.join(operation.name for operation in has)}",
    ]
