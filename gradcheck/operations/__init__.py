"""The table of operations: all that the harness knows about ``+``, ``*``, ``tanh`` and others.

A row defines an operation, from which SymPy derives its derivative. The formulas beside it say how
engines compute; none of them is taken as the truth.
"""

from __future__ import annotations

import keyword
import sys
import traceback
from difflib import get_close_matches
from importlib.machinery import ModuleSpec

from gradcheck.errors import UserError
from gradcheck.operations.activations import ACTIVATIONS
from gradcheck.operations.basic import BASIC
from gradcheck.operations.elementary import ELEMENTARY
from gradcheck.operations.operation import Operation as Operation
from gradcheck.operations.special import REDUCTIONS, SPECIAL

GROUPS: dict[str, tuple[Operation, ...]] = {
    "basic": BASIC,
    "elementary": ELEMENTARY,
    "activations": ACTIVATIONS,
    "special": SPECIAL,
    "reductions": REDUCTIONS,
}
"""The built-in operations by the word that stands for a group of them in a list of names."""

OPERATIONS: dict[str, Operation] = {
    operation.name: operation for group in GROUPS.values() for operation in group
}
"""Every operation by its name, also those that you registered."""

BUILT_IN = frozenset(OPERATIONS.values())
"""The operations that no user has registered."""

_REPLACEABLE = frozenset((*ACTIVATIONS, *SPECIAL)) - {
    OPERATIONS[name] for name in ("sigmoid", "relu", "erf")
}
"""The built-in operations of these groups but those that other rows or the float screen need."""

DEFAULT_OPERATIONS: tuple[Operation, ...] = tuple(OPERATIONS[name] for name in ("+", "*", "tanh"))
"""The operations used by default."""

ALL = "all"
"""The word that stands for every operation in a list of names."""


class UnknownOperationError(UserError, LookupError):
    """A name of no operation; the message lists all operations."""


def operations_named(names: str) -> tuple[Operation, ...]:
    """Return the operations of a list such as ``"+ * tanh"``, each once, in the table's order.

    A word of ``GROUPS`` stands for a group, and ``"all"`` for all operations. Raises
    ``UnknownOperationError``, also for an empty list.

    >>> [operation.name for operation in operations_named("* basic")][:3]
    ['+', '*', '-']
    """
    wanted = set[str]()
    for word in names.split():
        group = OPERATIONS.values() if word == ALL else GROUPS.get(word)
        wanted.update([word] if group is None else (operation.name for operation in group))
    unknown = sorted(wanted - OPERATIONS.keys())
    if unknown or not wanted:
        what = f"no operation is called {unknown[0]!r}" if unknown else "no operation was named"
        message = f"{what}; {hint_for(unknown[0] if unknown else '')}"
        raise UnknownOperationError(message)
    return tuple(operation for operation in OPERATIONS.values() if operation.name in wanted)


def hint_for(unknown: str) -> str:
    """Return what to do about a name of no operation.

    >>> hint_for("gama")
    'did you mean digamma or lgamma?'
    >>> hint_for("besselj")
    '`gradcheck fuzz --help` lists all of them'
    """
    similar = sorted(get_close_matches(unknown, [*OPERATIONS, *GROUPS]))
    if similar:
        return f"did you mean {' or '.join(similar)}?"
    return "`gradcheck fuzz --help` lists all of them"


REGISTERED_IN: dict[str, ModuleSpec | None] = {}
"""The module whose import registered each operation of a user's own, by the operation's name.

It is ``None`` for one that a script or an interactive session registered.
"""


def register_operation(operation: Operation) -> Operation:
    """Add your own operation to the table, for this process, and return it.

    Formulas, random expressions, bounds, blame and diagrams then support it. A module that is
    imported a second time, under another name, gets the operation that it registered before. Your
    row takes the place of a built-in one of the groups ``activations`` and ``special``, as you may
    promise something else. Raises ``ValueError`` for any other name that is taken, and for one that
    is not a Python identifier or a keyword.
    """
    name, known = operation.name, OPERATIONS.get(operation.name)
    module = _module_being_imported()
    if known is not None and (
        _place(known) == _place(operation) is not None
        or _is_imported_again(module, REGISTERED_IN.get(name))
    ):
        return known
    is_taken = name in {*OPERATIONS, *GROUPS, ALL} and known not in _REPLACEABLE
    if is_taken or not name.isidentifier() or keyword.iskeyword(name):
        why = "is taken" if is_taken else "is not a name that a formula can have"
        message = f"{name!r} {why}; choose another name"
        raise ValueError(message)
    OPERATIONS[name] = operation
    REGISTERED_IN[name] = module
    return operation


def _place(operation: Operation) -> tuple[str, int] | None:
    """Return the file and line of the definition, if it is a Python function."""
    code = getattr(operation.definition, "__code__", None)
    return code and (code.co_filename, code.co_firstlineno)


def _module_being_imported() -> ModuleSpec | None:
    """Return the innermost module whose code is being run, unless it is the main program."""
    for frame, _ in traceback.walk_stack(sys._getframe()):
        if frame.f_code.co_name == "<module>":
            is_main = frame.f_globals.get("__name__") == "__main__"
            return None if is_main else frame.f_globals.get("__spec__")
    return None


def _is_imported_again(module: ModuleSpec | None, before: ModuleSpec | None) -> bool:
    """Return whether a file is imported under a second name."""
    return (
        module is not None
        and before is not None
        and module is not before
        and module.origin == before.origin is not None
    )
