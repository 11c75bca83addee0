"""Group the findings of operations of which one uses the other, the one to mend first on top."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.composition import operations_within
from gradcheck.fuzz.events import Found
from gradcheck.operations import Operation


@dataclass(frozen=True, slots=True)
class Group:
    """An operation to mend ``first``, and the ``users``: operations with findings that use it."""

    first: str
    users: tuple[str, ...]


def advice(groups: Sequence[Group]) -> tuple[str, ...]:
    """Return a sentence for each group: which operation to mend first, and which ones then.

    >>> advice([Group("*", ("/", "neg")), Group("**", ("/",))])
    ('Mend * first: / and neg use it, and may be right then.', 'Then mend **: / uses it.')
    """
    return tuple(
        f"Then mend {group.first}: {_users(group)} it."
        if number
        else f"Mend {group.first} first: {_users(group)} it, and may be right then."
        for number, group in enumerate(groups)
    )


def _users(group: Group) -> str:
    *others, last = group.users
    return f"{', '.join(others)} and {last} use" if others else f"{last} uses"


def groups_of(
    engine: AnyEngine, findings: Sequence[Found], *, is_late: Callable[[], bool]
) -> tuple[Group, ...]:
    """Return the groups among the operations that are certainly blamed, the largest first.

    Operations that use each other are in no group, as either may be the one to mend. The engine is
    run for each of them; there are no groups if it is late before the last one.
    """
    if isinstance(engine, ArrayEngine):
        return ()
    blamed = dict.fromkeys(filter(None, map(_blamed, findings)))
    if len(blamed) < 2:  # noqa: PLR2004 - a group has two members
        return ()
    within: dict[Operation, frozenset[Operation]] = {}
    for operation in blamed:
        if is_late():
            return ()
        within[operation] = operations_within(engine, operation) & blamed.keys()
    roots = [operation for operation in blamed if not within[operation]]
    groups = (
        Group(root.name, tuple(user.name for user in blamed if root in within[user]))
        for root in roots
    )
    found = (group for group in groups if group.users)
    return tuple(sorted(found, key=lambda group: len(group.users), reverse=True))


def in_groups(findings: Sequence[Found], groups: Sequence[Group]) -> tuple[Found, ...]:
    """Return findings with the operation to mend first before its users, the gravest group first.

    Without groups, they are sorted by gravity alone.
    """
    # An operation that uses several stands with the one to mend first.
    group_of = {name: group for group in reversed(groups) for name in (group.first, *group.users)}

    def group(found: Found) -> Group | None:
        operation = _blamed(found)
        return None if operation is None else group_of.get(operation.name)

    gravities: dict[Group, int] = {}
    for found in findings:
        if (own := group(found)) is not None:
            gravities[own] = min(gravities.get(own, found.gravity), found.gravity)

    def rank(found: Found) -> tuple[int, str, bool, int]:
        own, operation = group(found), _blamed(found)
        if own is None or operation is None:
            return found.gravity, "", False, found.gravity
        return gravities[own], own.first, operation.name != own.first, found.gravity

    return tuple(sorted(findings, key=rank))


def _blamed(found: Found) -> Operation | None:
    """Return the one operation that a finding blames, if there is one."""
    blame = found.finding.verdict.blame
    if blame is None or len(blame.operations) != 1:
        return None
    [operation] = blame.operations
    return operation if isinstance(operation, Operation) else None
