"""The graph of a Value: its nodes and edges, and a drawing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .value import Value, in_topological_order

if TYPE_CHECKING:
    import graphviz


def trace(root: Value) -> tuple[set[Value], set[tuple[Value, Value]]]:
    """Return ``root`` and all Values it was made from, and the edges, as pairs (operand, result).

    >>> a = Value(2.0)
    >>> d = a * a
    >>> nodes, edges = trace(d)
    >>> nodes == {a, d}, edges == {(a, d)}
    (True, True)
    """
    nodes = set(in_topological_order(root))
    edges = {(operand, node) for node in nodes for operand in node._operands}
    return nodes, edges


def draw_dot(
    root: Value,
    format: str = "svg",  # noqa: A002 - the name that graphviz itself uses
    rankdir: Literal["LR", "TB"] = "LR",
) -> graphviz.Digraph:
    """Return the graph of ``root`` for Graphviz; ``draw_dot(root).source`` is its text.

    A Value is a record of label, data and grad. An operation is a small node between its operands
    and its result, with one edge for each operand: two for ``a * a``. The same graph always gives
    the same text. ``format`` is the file format that Graphviz renders. ``rankdir`` is ``LR`` (left
    to right) or ``TB`` (top to bottom); anything else raises ``ValueError``.
    """
    import graphviz  # noqa: PLC0415 - importing it takes time, and few programs draw

    if rankdir not in ("LR", "TB"):
        message = f"rankdir is 'LR' (left to right) or 'TB' (top to bottom), not {rankdir!r}"
        raise ValueError(message)
    dot = graphviz.Digraph(format=format, graph_attr={"rankdir": rankdir})
    names: dict[Value, str] = {}
    for position, node in enumerate(in_topological_order(root)):
        name = names[node] = f"n{position}"
        label = _escape(node.label)
        dot.node(
            name, f"{{ {label} | data {node.data:.4f} | grad {node.grad:.4f} }}", shape="record"
        )
        if node._op:
            dot.node(f"{name}op", _escape(node._op))
            dot.edge(f"{name}op", name)
            for operand in node._operands:
                dot.edge(names[operand], f"{name}op")
    return dot


def _escape(text: str) -> str:
    """Escape the characters that have a meaning in a record label of Graphviz."""
    return "".join(f"\\{letter}" if letter in '\\{}|<>"' else letter for letter in text)
