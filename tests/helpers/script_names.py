"""The names that a script uses itself."""

import ast
import re


def names_besides(inputs, script):
    """Return the names in a script, without inputs, parts, and what it imports of the engine."""
    inner = re.search(r'SCRIPT = r"""\n(.*)"""', script, re.DOTALL)
    nodes = [*ast.walk(ast.parse(inner[1] if inner else script))]
    of_engine = {a.name for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names}
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    own = {name for name in names if not re.fullmatch(r"n_*\d+|sum_of_\w+", name)}
    return own - of_engine - {*inputs}
