"""A picture as Mermaid text, which GitHub, GitLab and many editors draw."""

from __future__ import annotations

from gradcheck.findings.diagram.palette import BLAME, WRONG
from gradcheck.findings.diagram.picture import Box, Picture


def as_mermaid(picture: Picture) -> str:
    """Return the picture as a flowchart, with the same nodes, text and frames as in Graphviz."""
    lines = ["---", f"title: {_quoted(' - '.join(picture.headline))}", "---", "flowchart LR"]
    lines += [_node(box) for box in picture.boxes]
    for box in picture.boxes:
        lines += [f"    n{operand} --> n{box.position}" for operand in box.operands]
        if box.has_hidden_operands:
            lines.append(f'    n{box.position}more["…"] -.-> n{box.position}')
    lines.append(f"    classDef wrong stroke:{WRONG},stroke-width:2px,stroke-dasharray:6 2")
    lines.append(f"    classDef blamed stroke:{BLAME},stroke-width:5px")
    return "\n".join(lines) + "\n"


def _node(box: Box) -> str:
    in_grids = (line for grid in box.grids for line in grid.lines)
    text = "<br/>".join(map(_escaped, (box.title, *box.lines, *in_grids)))
    opening, closing = ("(", ")") if box.is_operation else ("[", "]")
    mark = ":::blamed" if box.blame else ":::wrong" if box.is_wrong else ""
    return f'    n{box.position}{opening}"{text}"{closing}{mark}'


def _escaped(text: str) -> str:
    """Return text for a node; a character that may be special becomes its number."""
    return "".join(c if c.isalnum() or c in " .,-+…" else f"#{ord(c)};" for c in text)


def _quoted(text: str) -> str:
    """Return text as a YAML string in single quotes, where only the quotes are special."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return "'" + printable.replace("'", "''") + "'"
