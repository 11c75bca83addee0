"""A picture as Graphviz text."""

from __future__ import annotations

import html
from collections.abc import Iterable

import graphviz

from gradcheck.findings.diagram.palette import BLAME, FAR_OFF, OFF, QUIET, WRONG
from gradcheck.findings.diagram.picture import Box, Cell, Error, Grid, Picture


def as_dot(picture: Picture) -> graphviz.Digraph:
    """Return the picture as a graph with the inputs on the left and the output on the right.

    Nodes are named by their position, so the same case gives the same text. A node with a wrong
    number has a double frame and says WRONG. The operation to blame has a thick frame and says TO
    BLAME; an arrow is thick if the local partial with respect to its operand is wrong.
    """
    font = "Helvetica,Arial,sans-serif"
    dot = graphviz.Digraph(
        graph_attr={
            "rankdir": "LR",
            "labelloc": "t",
            "labeljust": "l",
            "fontname": font,
            "bgcolor": "white",
            "pad": "0.2",
            "label": _heading(picture),
        },
        node_attr={"shape": "box", "fontname": font, "margin": "0.16,0.08"},
        edge_attr={"arrowsize": "0.8"},
    )
    for box in picture.boxes:
        _add(dot, box)
    for box in picture.boxes:
        for number, operand in enumerate(box.operands):
            is_wrong = number in box.wrong_operands
            marks = {"color": BLAME, "penwidth": "3"} if is_wrong else {}
            dot.edge(f"n{operand}", f"n{box.position}", **marks)
        if box.has_hidden_operands:
            dot.node(f"n{box.position}more", "…", shape="plaintext", tooltip="nodes not shown")
            dot.edge(f"n{box.position}more", f"n{box.position}", style="dotted")
    return dot


def _add(dot: graphviz.Digraph, box: Box) -> None:
    lines = [f"<B>{_escaped(box.title)}</B>"]
    for line in box.lines:
        colour = BLAME if line == box.blame else WRONG if "WRONG" in line else None
        text = _escaped(line)
        lines.append(f'<FONT COLOR="{colour}"><B>{text}</B></FONT>' if colour else text)
    dot.node(
        f"n{box.position}",
        f"<{_with_grids(lines, box.grids) if box.grids else '<BR/>'.join(lines)}>",
        tooltip=graphviz.escape(_plain(box.details)),
        style="rounded" if box.is_operation else "solid",
        peripheries="2" if box.is_wrong else "1",
        penwidth="3" if box.blame else "1",
        color=BLAME if box.blame else WRONG if box.is_wrong else "black",
    )


def _with_grids(lines: Iterable[str], grids: Iterable[Grid]) -> str:
    """Return lines and tables below each other."""
    rows = [f"<TR><TD>{line}</TD></TR>" for line in lines]
    for grid in grids:
        if grid.title:
            rows.append(f"<TR><TD>{_marked(grid.title)}</TD></TR>")
        cells = "".join(f"<TR>{''.join(map(_cell, row))}</TR>" for row in grid.rows)
        table = f'<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="3">{cells}</TABLE>'
        rows.append(f"<TR><TD>{table}</TD></TR>")
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0">{"".join(rows)}</TABLE>'


def _cell(cell: Cell) -> str:
    text = _escaped(cell.text)
    if cell.error is Error.NONE:
        return f"<TD>{text}</TD>"
    fill = FAR_OFF if cell.error is Error.FAR_OFF else OFF
    return f'<TD BGCOLOR="{fill}"><B>{text}</B></TD>'


def _marked(line: str) -> str:
    """Return a line, in bold and in the colour of what is wrong if it says so."""
    text = _escaped(line)
    return f'<FONT COLOR="{WRONG}"><B>{text}</B></FONT>' if "WRONG" in line else text


def _heading(picture: Picture) -> str:
    """Return the lines above the graph, with a legend of the frames."""
    first, *others = picture.headline
    rows = [f"<B>{_escaped(first)}</B>", *map(_escaped, others)]
    if picture.hidden_nodes:
        rows.append(f"{picture.hidden_nodes} more nodes are not shown")
    cells = [f'<TR><TD ALIGN="LEFT">{row}</TD></TR>' for row in rows]
    legend = "".join(_legend(picture))
    if legend:
        cells.append(
            '<TR><TD ALIGN="LEFT"><TABLE ALIGN="LEFT" BORDER="0" CELLSPACING="4"><TR>'
            f"{legend}</TR></TABLE></TD></TR>"
        )
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0">{"".join(cells)}</TABLE>>'


def _legend(picture: Picture) -> Iterable[str]:
    if picture.has_wrong:
        inner = f'<TD BORDER="1" COLOR="{WRONG}">{_small("a number is wrong")}</TD>'
        table = f'<TABLE BORDER="1" COLOR="{WRONG}" CELLBORDER="1" CELLSPACING="2"><TR>{inner}'
        yield f"<TD>{table}</TR></TABLE></TD>"
    if picture.has_blamed:
        yield f'<TD BORDER="3" COLOR="{BLAME}">{_small("the operation to blame")}</TD>'
    if picture.has_map:
        yield f"<TD>{_small('· right, x wrong, X no digit right')}</TD>"


def _small(text: str) -> str:
    return f'<FONT POINT-SIZE="11" COLOR="{QUIET}">{text}</FONT>'


def _escaped(text: str) -> str:
    """Return text for Graphviz's HTML-like labels."""
    return html.escape(_plain(text))


def _plain(text: str) -> str:
    """Return text in one line, with unprintable characters replaced; XML forbids some of them."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
