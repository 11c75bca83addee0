"""The first event of a long run: what is checked, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence

from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.objects import why_inputs_are_not_used_again
from gradcheck.engines.protocol import Engine
from gradcheck.errors import NothingToCheckError
from gradcheck.fuzz.events import Started
from gradcheck.fuzz.options import Options, requested_operations
from gradcheck.operations import ALL, Operation


def beginning(engine: AnyEngine, options: Options) -> Started:
    """Return the first event of a run. Raises ``NothingToCheckError``."""
    if isinstance(engine, ArrayEngine):
        return _beginning_with_arrays(engine, options)
    operations = options.operations_of(engine)
    if not operations:
        names = " ".join(o.name for o in options.operations) or "that gradcheck knows"
        message = f"{engine.spec} has none of the operations {names}, so there is nothing to check"
        raise NothingToCheckError(message)
    missing = tuple(o.name for o in options.operations if o not in operations)
    known = tuple(dict.fromkeys(o.name for o in operations))
    left_out = _left_out(engine, options, operations)
    return Started(engine.spec, options.seed, known, missing, left_out)


def _beginning_with_arrays(engine: ArrayEngine, options: Options) -> Started:
    operations = options.array_operations
    if not operations:
        message = f"{engine.spec} has none of the array operations, so there is nothing to check"
        raise NothingToCheckError(message)
    missing = ", ".join(sorted(engine.missing_forms))
    left_out = [
        f"Not supported by the engine, so not checked: {missing}." if missing else "",
        "" if options.life else "Left out: a second backward pass (--life adds it).",
    ]
    return Started(engine.spec, options.seed, operations, (), tuple(filter(None, left_out)))


def _left_out(engine: Engine, options: Options, operations: Sequence[Operation]) -> tuple[str, ...]:
    """Return a sentence on each check that is not made, with the option that adds it."""
    others = [
        operation.name
        for operation in requested_operations(ALL, engine)
        if operation not in options.operations
    ]
    return tuple(
        filter(
            None,
            [
                f"Left out: {' '.join(others)} (--ops all adds them)." if others else "",
                "" if options.life else "Left out: a second backward pass (--life adds it).",
                why_inputs_are_not_used_again(engine, operations),
            ],
        )
    )
