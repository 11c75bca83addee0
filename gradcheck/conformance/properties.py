"""The properties of a correct gradient, each with its cases; pytest and ``grade`` check the same.

An operation is judged on the number of operands that it has in the table. Lifecycle checks and
random graphs are not here, because their cases depend on the engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, product

from gradcheck.expression import Apply, Case, Constant, Expression, Input, Node
from gradcheck.formula import parse
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.operations.operand_names import input_names

NUMBERS = (0.5, -1.25, 0.75, 1.5, -0.25)
"""The point of properties for which the numbers do not matter."""

SHARING = (
    "a*a",
    "a + a",
    "a + a + a + a",
    "a*b + a",
    "a*(a + b)",
    "a + tanh(a)",
    "tanh(a)*tanh(a)",
    "s = a*b; s*s",
    "s = a + b; s*(s + a)",
    "s = tanh(a); s + s",
    "s = tanh(a*b); s*a + s*b",
)

ORDER = (
    "a + a + a",
    "n = a + a; n + n",
    "n = a + a; n + n + n",
    "n = a + a; n + (n + n)",
    "n = a*b; m = n + a; n*m",
    "n = a*b; m = n + a; m*n",
    "n = tanh(a); m = n*b; tanh(m) + n",
    "n = tanh(a); m = n*b; n + tanh(m)",
)

POINTS = ((2.0, -3.0), (0.5, 0.5), (-1.5, -0.25), (0.0, 1.0), (1.0, 0.0), (0.1, 1e-3))

CONSTANTS = (2.0, -1.5, 0.1, 1.0, 0.0)

TAIL_OF_TANH = (3.0, 5.0, 9.0, 18.0, 20.0, 400.0, 800.0)

TINY = (5e-324, -5e-324, 1e-310, 2.0**-1022)
"""The smallest positive float, its negative, a subnormal number, and the smallest normal one."""

FORMULAS_OF_TINY = ("a + 0.5", "a*0.5", "0.5*a", "a*b", "tanh(a) + b")

AN_INPUT_AS_THE_OUTPUT = Expression((Input("a"), Input("unused")), output=0)

_LONG = 200
"""Operations in a chain; few enough for an engine that recurses."""

INFIX = tuple(o for o in OPERATIONS.values() if o.precedence is not None and o.arity > 1)


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a correct gradient, which holds if every one of its cases is right."""

    name: str
    cases: tuple[Case, ...]


def properties() -> Iterator[Property]:
    """Yield every property that has the same cases for every engine."""
    for formula in SHARING:
        yield Property(f"sharing: {formula}", (at(parse(formula)),))
    for formula in ORDER:
        yield Property(f"order: {formula}", (at(parse(formula)),))
    yield Property("an input as the output", (at(AN_INPUT_AS_THE_OUTPUT),))
    for operation in OPERATIONS.values():
        name, alone = operation.name, applied(operation)
        unused = applied(operation, before=["unused"], after=["unused_too"])
        yield Property(f"{name} alone", tuple(at(alone, *point) for point in POINTS))
        yield Property(f"{name} beside unused inputs", (at(unused),))
        yield Property(f"a long chain of {name}", (at(long_chain(operation)),))
    for operation, constant in product(INFIX, CONSTANTS):
        right = at(with_constant(operation, constant, left=False))
        yield Property(f"{operation.name} with {constant} on the right", (right,))
        if not operation.parameters:
            left = at(with_constant(operation, constant, left=True))
            yield Property(f"{operation.name} with {constant} on the left", (left,))
    for size, sign in product(TAIL_OF_TANH, (1.0, -1.0)):
        yield Property(f"tanh at {sign * size}", (at(parse("tanh(a)"), sign * size),))
    for formula, number in product(FORMULAS_OF_TINY, TINY):
        yield Property(f"{formula} at {number}", (at(parse(formula), number, 0.5),))


def at(expression: Expression, *point: float) -> Case:
    """Return a case of an expression. The numbers, or ``NUMBERS``, are repeated or cut to fit."""
    return Case(expression, tuple(islice(cycle(point or NUMBERS), len(expression.inputs))))


def applied(
    operation: Operation, *, before: Sequence[str] = (), after: Sequence[str] = ()
) -> Expression:
    """Return an operation on inputs a, b, …, with unused inputs around them; parameters are 3."""
    count = operation.variables
    names = (*before, *input_names(count), *after)
    first, end = len(before), len(names)
    nodes: list[Node] = [*map(Input, names), *[Constant(3.0)] * operation.parameters]
    operands = (*range(first, first + count), *range(end, len(nodes)))
    return Expression((*nodes, Apply(operation, operands)))


def long_chain(operation: Operation) -> Expression:
    """Return an operation applied again and again to its own result, and to 0.99."""
    nodes: list[Node] = [Input("a"), Constant(0.99)]
    last = 0
    for _ in range(_LONG):
        nodes.append(Apply(operation, (last, *[1] * (operation.arity - 1))))
        last = len(nodes) - 1
    return Expression(tuple(nodes))


def with_constant(operation: Operation, constant: float, *, left: bool) -> Expression:
    """Return an operation on an input and a constant, which is on its left or on its right."""
    operands = (1, 0) if left else (0, 1)
    return Expression((Input("a"), Constant(constant), Apply(operation, operands)))
