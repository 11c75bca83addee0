"""Tell whether the engine as a whole is at fault: a bug that shows with every operation."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from flint import arb

from gradcheck.blame.cause import Blame, Cause
from gradcheck.blame.probe import ask, plain_operations
from gradcheck.blame.small_cases import Use, alone, an_input_alone, repeated, together
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Apply, Case, Constant, Expression
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.oracles.certificate import certify
from gradcheck.rewriting import unshared, with_one_operation

_LARGEST_TREE = 200
"""The most operations of a tree that a graph is turned into."""

_EQUAL_SUMS = (0.25, 0.5, 2.0, -2.0)
"""Numbers that add up to the sum of the first two."""


def starts_wrong(engine: Engine) -> bool:
    """Tell whether an unused input has a gradient."""
    return 1 in ask(engine, an_input_alone(unused=1)).wrong_inputs


def seeds_more_than_the_output(engine: Engine) -> bool:
    """Tell whether every operation alone is off by the same amount or factor for each operand."""
    answers = [ask(engine, alone(Use.ordinary(o))) for o in plain_operations(engine)]
    if any(len(answer.wrong_inputs) != len(answer.readings) for answer in answers):
        return False
    of_inputs = [(answer, index) for answer in answers for index in range(len(answer.readings))]
    return len(answers) > 1 and (
        _all_overlap([answer.deviation(index) for answer, index in of_inputs])
        or _all_overlap([answer.factor(index) for answer, index in of_inputs])
    )


def _all_overlap(balls: list[arb]) -> bool:
    return all(ball.is_finite() and ball.overlaps(balls[0]) for ball in balls)


def shows_right_adjoints(engine: Engine) -> bool:
    """Tell whether the inner adjoints that the engine shows are correct where the gradient is.

    An engine may clear them at the end of its backward pass.
    """
    for operation in plain_operations(engine):
        chain = repeated(operation, 2)
        if ask(engine, chain).is_right:
            return ask(engine, chain).shows_right_adjoints
    return True


def merges_equal_nodes(engine: Engine) -> bool:
    """Tell whether a chain is wrong only where some of its nodes have the same value.

    None of the values is zero, which can go wrong for other reasons. The operation alone is correct
    at the same numbers.
    """
    return any(
        o in engine.operations
        and ask(engine, alone(Use(o, point[: o.arity]))).is_right
        and ask(engine, repeated(o, len(point) - 1)).is_right
        and not ask(engine, Case(repeated(o, len(point) - 1).expression, point)).is_right
        for o, point in ((OPERATIONS["*"], (1.0, 1.0, 1.0)), (OPERATIONS["+"], _EQUAL_SUMS))
    )


def skips_zeros(engine: Engine) -> bool:
    """Tell whether every operation is correct, except that a zero value contributes nothing."""

    def contributes_nothing(use: Use) -> bool:
        case = alone(use)
        answer = ask(engine, case)
        return (
            bool(answer.wrong_inputs)
            and not any(reading.adjoint for reading in answer.readings)
            and certify(case, engine.precision).values[case.expression.output].truth.is_zero()
        )

    def skips(use: Use) -> bool:
        numbers = itertools.product((0.0, 0.5, -0.5), repeat=use.operation.arity)
        return ask(engine, alone(use)).is_right and any(
            contributes_nothing(Use(use.operation, operands)) for operands in numbers
        )

    return is_true_of_all(engine, skips)


def is_true_of_all(engine: Engine, is_true_of: Callable[[Use], bool]) -> bool:
    """Tell whether a test is true of every operation, at ordinary numbers, of at least two."""
    operations = plain_operations(engine)
    return len(operations) > 1 and all(is_true_of(Use.ordinary(o)) for o in operations)


def wrong_whatever_the_operation(case: Case, engine: Engine) -> Blame | None:
    """Return the blame if the same graph is wrong with every operation, each correct alone.

    This needs at least two operations with two operands.
    """
    pairs = [o for o in plain_operations(engine) if o.arity > 1]
    if len(pairs) < 2:  # noqa: PLR2004 - see the docstring
        return None
    expression = case.expression
    if not all(
        ask(engine, alone(Use.ordinary(o))).is_right
        and not ask(engine, with_one_operation(expression, o)).is_right
        for o in pairs
    ):
        return None
    return Blame(_cause(case, engine, pairs))


def wrong_in_every_chain(engine: Engine) -> bool:
    """Tell whether a chain of two is wrong for every operation."""
    return all(not ask(engine, repeated(o, 2)).is_right for o in plain_operations(engine))


def _cause(case: Case, engine: Engine, pairs: list[Operation]) -> Cause:
    def all_wrong(case_of: Callable[[Operation], Case]) -> bool:
        return not any(ask(engine, case_of(operation)).is_right for operation in pairs)

    expression = case.expression
    if all_wrong(lambda o: repeated(o, 2)):
        return Cause.WRONG_ORDER
    if all_wrong(lambda o: alone(Use.ordinary(o, shared=2), share=True)):
        return Cause.LOST_CONTRIBUTION
    for uses in range(2, _most_uses(expression) + 1):
        if all(_loses_a_contribution(engine, o, uses) for o in pairs):
            return Cause.LOST_CONTRIBUTION
    is_small = expression.formula_size <= _LARGEST_TREE
    trees = (unshared(with_one_operation(expression, o)) for o in pairs)
    if is_small and all(ask(engine, tree).is_right for tree in trees):
        return Cause.WRONG_ORDER
    if all_wrong(lambda o: repeated(o, _depth(expression))):
        return Cause.WRONG_AT_DEPTH
    return Cause.UNCLEAR


def _loses_a_contribution(engine: Engine, operation: Operation, uses: int) -> bool:
    """Tell whether ``uses`` of one node go wrong, and the same uses of separate nodes do not."""
    same = [Use.ordinary(operation)] * uses
    return (
        not ask(engine, together(same, share=True, combined_by=operation)).is_right
        and ask(engine, together(same, share=False, combined_by=operation)).is_right
    )


def _most_uses(expression: Expression) -> int:
    uses = [0] * len(expression.nodes)
    for node in expression.nodes:
        for operand in node.operands if isinstance(node, Apply) else ():
            uses[operand] += not isinstance(expression.nodes[operand], Constant)
    return max(uses)


def _depth(expression: Expression) -> int:
    depths: list[int] = []
    for node in expression.nodes:
        operands = node.operands if isinstance(node, Apply) else ()
        depths.append(max((depths[i] + 1 for i in operands), default=0))
    return depths[expression.output]
