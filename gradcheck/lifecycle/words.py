"""A check's result in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradcheck.comparison import Comparison
from gradcheck.engines.lifecycle.protocol import Backward, Build, Lifecycle, ZeroGrad
from gradcheck.expression import Expression
from gradcheck.formula import write
from gradcheck.lifecycle.result import Broken, Changed, Differs, Outcome, Raised, Result, WrongEnd
from gradcheck.lifecycle.scenario import at
from gradcheck.oracles.certificate import Certified

STYLES = {
    Outcome.HOLDS: "green",
    Outcome.BROKEN: "red",
    Outcome.REFUSED: "green",
    Outcome.NOT_APPLICABLE: "yellow",
}

_LONGEST_FORMULA = 200


def row(result: Result) -> str:
    """The result as a row of a table: the check, the outcome and the sentence."""
    return f"{result.check:<17} {result.outcome.value:<16} {sentence(result)}"


def sentence(result: Result) -> str:
    """What the engine does, or what was done and what came of it where that is wrong."""
    if result.broken is not None:
        return f"{story(result.broken.life)}: {proof(result.broken)}"
    if result.outcome is Outcome.HOLDS:
        return f"{result.says}, in {result.lives:,} {'graph' if result.lives == 1 else 'graphs'}"
    return result.says


def story(life: Lifecycle) -> str:
    """What is done, such as ``at a = 2.0, backward() of `a*a`, then again``."""
    done: list[str] = []
    graph: Expression | None = None
    last: Backward | None = None
    for step in life.steps:
        match step:
            case Build(expression):
                graph, last = expression, None
            case Backward(position):
                assert graph is not None  # the first step builds
                done.append(
                    "again" if step == last else f"backward() of {_quoted(graph, position)}"
                )
                last = step
            case ZeroGrad(on):
                done.append(f"zero_grad() of {on.value}")
    return f"at {_numbers(_names(life), life.point)}, {', then '.join(done)}"


def proof(broken: Broken) -> str:
    """What came of it, and what would have been right."""
    match broken.evidence:
        case WrongEnd(gradients, ends, as_before):
            names = _names(broken.life)
            right = [f"{_true(end)} ({words})" for words, end in ends.items()]
            smaller = ", as in smaller graphs" if as_before else ""
            got = f"the gradient by {', '.join(names)} is {', '.join(map(repr, gradients))}"
            return f"{got}, and right is {' or '.join(right)}{smaller}"
        case Raised(fault):
            return f"the {fault.stage} {fault.sentence}"
        case Changed(position, before, after):
            node = _quoted(_first_graph(broken.life), position)
            return f"the value of {node} was {before!r} and is {after!r}"
        case Differs(what, first, second):
            return f"{what} is {first!r}, and {second!r} when all is done again"


def _names(life: Lifecycle) -> tuple[str, ...]:
    return _first_graph(life).inputs


def _first_graph(life: Lifecycle) -> Expression:
    first = life.steps[0]
    assert isinstance(first, Build)
    return first.expression


def _numbers(names: Iterable[str], numbers: Sequence[float | None]) -> str:
    return ", ".join(f"{name} = {x!r}" for name, x in zip(names, numbers, strict=True))


def _true(end: Iterable[Certified]) -> str:
    return ", ".join(repr(Comparison(None, certified).true) for certified in end)


def _quoted(graph: Expression, position: int) -> str:
    formula = write(at(graph, position).pruned())
    short = formula if len(formula) <= _LONGEST_FORMULA else f"{formula[:_LONGEST_FORMULA]}…"
    return f"`{short}`"
