"""Find the attributes in which an engine's objects keep sets of each other."""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck.engines.isolation.child_process import Ended
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case


def node_sets(engine: Engine, case: Case) -> tuple[str, ...]:
    """Return the attributes in which the nodes of a case are kept in sets, sorted.

    The order of such a set is that of the nodes' addresses, which change from run to run. There are
    none where the engine cannot compute the case, nor for an engine whose nodes are no objects.
    """
    match engine:
        case IsolatedEngine():
            found = engine.isolated(lambda: node_sets(engine.engine, case), case.expression)
            return () if isinstance(found, Ended) else found
        case ObjectEngine():
            nodes = _forward(engine, case)
            return tuple(sorted({name for node in nodes for name in _sets(node)}))
        case _:
            return ()


def _forward(engine: ObjectEngine, case: Case) -> list[object]:
    """Return the objects of a forward pass, up to the first error."""
    nodes: list[object] = []
    try:
        with engine.time_limit(case.expression):
            engine.forward(case, [engine.new(x) for x in case.point], nodes)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - whatever an engine raises, it has no more nodes
        return nodes
    return nodes


def _sets(node: object) -> Iterator[str]:
    """Yield the attributes of a node that hold a set with an object of its class."""
    names = [*getattr(node, "__dict__", ())]
    names += [slot for class_ in type(node).__mro__ for slot in getattr(class_, "__slots__", ())]
    for name in names:
        held = getattr(node, name, None)
        if isinstance(held, set | frozenset) and any(isinstance(o, type(node)) for o in held):
            yield name
