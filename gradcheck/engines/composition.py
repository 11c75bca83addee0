"""Find the operations that an engine uses to do another one, as ``/`` may be ``* other**-1``."""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from types import CodeType, FrameType

from gradcheck.engines.experiment import class_of
from gradcheck.engines.isolation.child_process import Ended
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.engines.objects import ObjectEngine, alone
from gradcheck.engines.protocol import Engine
from gradcheck.operations import Operation


def operations_within(engine: Engine, operation: Operation) -> frozenset[Operation]:
    """Return the operations whose methods are called in the forward pass of another one.

    The operation is done once, while Python reports each call. None are found in an engine whose
    operations are not methods or functions written in Python.
    """
    match engine:
        case IsolatedEngine():
            case = alone(operation)
            found = engine.isolated(
                lambda: operations_within(engine.engine, operation), case.expression
            )
            return frozenset() if isinstance(found, Ended) else found
        case ObjectEngine():
            codes = _codes(engine)
            called = _called(engine, operation)
            own = codes.get(operation)
            return frozenset(
                other for other, code in codes.items() if code in called and code is not own
            )
        case _:
            return frozenset()


def _codes(engine: ObjectEngine) -> dict[Operation, CodeType]:
    """Return the code of each operation's method, where no other operation has the same code."""
    # One method may serve two operations: a power, and one with an exponent that varies.
    by_method = {binding.name: o for o, binding in reversed(engine.bindings.items())}
    codes = {o: code for o in by_method.values() if (code := _code(engine, o))}
    times = Counter(codes.values())
    return {operation: code for operation, code in codes.items() if times[code] == 1}


def _code(engine: ObjectEngine, operation: Operation) -> CodeType | None:
    binding = engine.bindings[operation]
    method = binding.function or getattr(class_of(engine.make), binding.name, None)
    code = getattr(inspect.unwrap(method), "__code__", None) if callable(method) else None
    return code if isinstance(code, CodeType) else None


def _called(engine: ObjectEngine, operation: Operation) -> set[CodeType]:
    """Return the code of every Python function that is called in an operation's forward pass."""
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        engine.value(alone(operation))
    finally:
        sys.setprofile(before)
    return called
