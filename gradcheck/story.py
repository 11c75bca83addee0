"""What is done with a case that has steps, in words."""

from __future__ import annotations

from gradcheck.expression import Backward, Build, Case, Expression, Repeat, ZeroGrad
from gradcheck.formula import write

_LONGEST_FORMULA = 200


def story(case: Case) -> str:
    """What is done after the expression is evaluated; empty where it is one backward pass.

    >>> from gradcheck import parse
    >>> story(Case(parse("a*a"), (3.0,), (Backward(1), Backward(1), Repeat(12))))
    'backward() of `a*a`, then again, 12 times'
    """
    done: list[str] = []
    times = ""
    graph, last = case.expression, None
    for step in case.steps:
        match step:
            case Build(expression):
                graph, last = expression, None
            case Backward(position):
                done.append("again" if step == last else f"backward() of {quoted(graph, position)}")
                last = step
            case ZeroGrad(on):
                done.append(f"zero_grad() of the {on}")
            case Repeat(count):
                times = f", {count} times"
    return ", then ".join(done) + times


def quoted(graph: Expression, position: int) -> str:
    """The formula of a node, in quotes, cut where it is too long."""
    formula = write(Expression(graph.nodes, position).pruned())
    short = formula if len(formula) <= _LONGEST_FORMULA else f"{formula[:_LONGEST_FORMULA]}…"
    return f"`{short}`"
