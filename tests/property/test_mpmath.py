"""The enclosures against mpmath, and against simulated engines, over the whole range of floats."""

from itertools import islice
from random import Random

import pytest
from flint import arb, ctx

from gradcheck import Case, parse
from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.generation.stream import random_expressions
from gradcheck.operations import OPERATIONS
from gradcheck.operations.operand_names import input_names
from gradcheck.operations.operation import with_arities
from gradcheck.oracles.certificate import certify
from helpers.faithful import faithful_run
from helpers.independent import disagreements

EACH_ARITY = tuple(each for o in OPERATIONS.values() for each in with_arities(o))

MAGNITUDES = (3.0, 1e10, 1e100, 1e-100, 30.0, 1e-3)


def drawn(magnitude, *, expressions):
    operations = EACH_ARITY
    stream = random_expressions(operations, max_ops=6, magnitude=magnitude, seed="independent")
    for expression, points in islice(stream, expressions):
        yield from (Case(expression, point) for point in points)


@pytest.mark.parametrize("magnitude", MAGNITUDES)
def test_mpmath_agrees_with_every_truth_and_lies_in_every_bound(magnitude):
    numbers = 0
    for case in drawn(magnitude, expressions=40):
        compared, wrong = disagreements(case, certify(case))
        assert wrong == [], case
        numbers += compared
    assert numbers > 200


def test_a_truth_that_is_off_in_the_50th_digit_is_noticed(lying_certificate):
    case = Case(parse("tanh(a)"), (0.5,))
    with ctx.workprec(512):
        truth = (1 - arb(0.5).tanh() ** 2) * (1 + arb(10) ** -50)
    assert disagreements(case, certify(case))[1] == []
    assert len(disagreements(case, lying_certificate(case, truth))[1]) == 2


EDGES = (0.0, 0.5, 1.0, -1.0, 2.0, 1e-9, -1e-6, 1e-300, 40.0, -40.0, 800.0, -800.0, 1e10, 1e50)


@pytest.mark.parametrize("operation", EACH_ARITY, ids=lambda o: f"{o.name}-{o.arity}")
def test_mpmath_agrees_with_every_operation_at_its_edges(operation):
    names, numbers = input_names(operation.variables), 0
    parameters = [Constant(0.25), Constant(1.5)][: operation.parameters]
    nodes = (*map(Input, names), *parameters, Apply(operation, tuple(range(operation.arity))))
    random = Random(1)
    points = [(x,) * len(names) for x in EDGES]
    points += [tuple(random.choices(EDGES, k=len(names))) for _ in range(40)]
    points += [tuple(random.uniform(-4.0, 4.0) for _ in names) for _ in range(40)]
    for point in points:
        case = Case(Expression(nodes), point)
        compared, wrong = disagreements(case, certify(case))
        assert wrong == [], case
        numbers += compared
    assert numbers > 40


@pytest.mark.parametrize("magnitude", MAGNITUDES)
def test_no_choice_of_formulas_leaves_the_bound(magnitude):
    random, numbers = Random(1), 0
    for case in drawn(magnitude, expressions=40):
        if (simulated := faithful_run(case, random)) is None:
            continue
        run, _ = simulated
        certificate = certify(case)
        for position, (value, adjoint) in enumerate(run.readings):
            for number, ball in (
                (value, certificate.values[position].faithful),
                (adjoint, certificate.adjoints[position].faithful),
            ):
                if number is not None and ball.is_finite():
                    assert ball.contains(arb(number)), (case, position)
                    numbers += 1
    assert numbers > 200
