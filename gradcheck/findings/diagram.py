"""A verdict drawn as a graph: what was computed, what came back, and what should have."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Iterator, Sequence

import graphviz
import pygraphviz

from gradcheck.adapters.engine import Reading
from gradcheck.expression import Apply, Constant, Input
from gradcheck.verdict import Verdict
from gradcheck.witness import Witness

LARGEST = 60
"""Nodes up to which a graph is drawn whole; of a larger one, those around what is to blame."""

_WIDEST = 40
"""Characters of a line of text in the picture."""


def draw(verdict: Verdict) -> graphviz.Digraph:
    """The graph of a verdict's case, inputs left and output right.

    Nodes are named by their position, so that the same case gives the same text. A node shows its
    value, the engine's adjoint and the true one. A wrong number is marked by a word and its node by
    a double frame; the operation to blame has a heavy frame and says so.
    """
    nodes = verdict.case.expression.nodes
    shown = _shown(verdict)
    dot = graphviz.Digraph(
        graph_attr={
            "rankdir": "LR",
            "labelloc": "t",
            "label": graphviz.escape(_caption(verdict, len(nodes) - len(shown))),
        },
        node_attr={"shape": "box"},
    )
    for position in shown:
        lines = [_title(verdict, position), *_numbers(verdict, position)]
        dot.node(
            f"n{position}",
            "\n".join(graphviz.escape(line[:_WIDEST]) for line in lines).replace("\n", "\\n"),
            peripheries="2" if any("WRONG" in line for line in lines) else "1",
            penwidth="3" if _is_blamed(verdict, position) else "1",
        )
    for position in shown:
        node = nodes[position]
        for operand in node.operands if isinstance(node, Apply) else ():
            if operand in shown:
                dot.edge(f"n{operand}", f"n{position}")
    return dot


def render(source: str, file_format: str) -> bytes:
    """Graphviz text as a picture, ``svg`` or ``png``; Graphviz comes inside pygraphviz's wheel."""
    with _silent():
        picture = pygraphviz.AGraph(string=source).draw(format=file_format, prog="dot")
    assert isinstance(picture, bytes)
    return picture


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Drop what C libraries write to standard error: the one for fonts warns of newer set-ups."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _caption(verdict: Verdict, left_out: int) -> str:
    sum_up = verdict.kind.value.upper()
    if verdict.blame is not None:
        sum_up = f"{sum_up}: {verdict.blame.sentence}"
    return f"{sum_up} ({left_out} more nodes)" if left_out else sum_up


def _title(verdict: Verdict, position: int) -> str:
    match verdict.case.expression.nodes[position]:
        case Input(name):
            title = name
        case Constant():
            title = "constant"
        case Apply(operation):
            title = operation.name
    return f"{title} TO BLAME" if _is_blamed(verdict, position) else title


def _is_blamed(verdict: Verdict, position: int) -> bool:
    return verdict.blame is not None and position in verdict.blame.positions


def _numbers(verdict: Verdict, position: int) -> list[str]:
    node = verdict.case.expression.nodes[position]
    if isinstance(node, Constant):
        return [f"value {node.value:.4g}"]
    readings = verdict.run.readings
    reading = readings[position] if readings else Reading(value=None, adjoint=None)
    value = Witness(reading.value, verdict.certificate.values[position])
    adjoint = Witness(reading.adjoint, verdict.certificate.adjoints[position])
    lines = [_compared("value", value)]
    if verdict.case.expression.used[position]:
        lines.append(_compared("gradient", adjoint))
    return lines


def _compared(what: str, witness: Witness) -> str:
    """One number in a few digits; a wrong one beside the truth, in as many as tell them apart."""
    if witness.returned is None:
        return f"true {what} {witness.true:.4g}"
    if witness.agrees is not False:
        return f"{what} {witness.returned:.4g}"
    digits = next(
        (n for n in range(4, 17) if f"{witness.returned:.{n}g}" != f"{witness.true:.{n}g}"), 17
    )
    return f"{what} {witness.returned:.{digits}g} WRONG, true {witness.true:.{digits}g}"


def _shown(verdict: Verdict) -> Sequence[int]:
    """The positions that are drawn: the nearest to what is to blame, or else to the output."""
    expression = verdict.case.expression
    neighbours: list[list[int]] = [[] for _ in expression.nodes]
    for position, node in enumerate(expression.nodes):
        for operand in node.operands if isinstance(node, Apply) else ():
            neighbours[position].append(operand)
            neighbours[operand].append(position)
    centre = verdict.blame.positions if verdict.blame and verdict.blame.positions else None
    pending = deque(centre or (expression.output, *range(len(expression.inputs))))
    found: dict[int, None] = {}
    while pending and len(found) < LARGEST:
        position = pending.popleft()
        if position not in found:
            found[position] = None
            pending.extend(neighbours[position])
    if len(expression.nodes) <= LARGEST:
        return range(len(expression.nodes))
    return sorted(found)
