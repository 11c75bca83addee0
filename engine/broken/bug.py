"""What is known of a planted bug."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .twin import Twin


@dataclass(frozen=True, slots=True)
class Bug:
    """A broken engine, and what a good checker says of it.

    ``wrong`` says in a line what is wrong. ``cause`` is the reason, in a word, and ``operation`` is
    at fault, ``None`` where the bug is in what all operations share. ``operands`` are the numbers
    of those whose local partials are wrong. ``smallest`` is the formula with the fewest operations
    that is known to show the bug, at the point ``at``.
    """

    name: str
    family: str
    engine: type[Twin]
    wrong: str
    cause: str
    operation: str | None
    operands: tuple[int, ...]
    smallest: str
    at: Mapping[str, float]


BUGS: dict[str, Bug] = {}
"""Every planted bug by the name of its engine, in the order of the families."""


def planted(
    cause: str,
    smallest: str,
    *,
    of: str | None = None,
    operands: tuple[int, ...] = (),
    **at: float,
) -> Callable[[type[Twin]], type[Twin]]:
    """Enter a broken engine into the list of bugs; its docstring says what is wrong."""

    def enter(engine: type[Twin]) -> type[Twin]:
        name = engine.__name__
        assert engine.__doc__ is not None
        BUGS[name] = Bug(
            name=name,
            family=engine.__module__.rpartition(".")[2],
            engine=engine,
            wrong=engine.__doc__,
            cause=cause,
            operation=of,
            operands=operands,
            smallest=smallest,
            at=at,
        )
        return engine

    return enter
