"""Bugs that show only under a condition are met by the random cases of a long run."""

from functools import cache
from itertools import chain, count, islice
from pathlib import Path

import pytest

from gradcheck import Case, check, load_engine
from gradcheck.engines.discovery.discover import object_engine
from gradcheck.fuzz.options import EXPRESSIONS_PER_ROUND
from gradcheck.fuzz.rounds import drawn_in_round
from gradcheck.operations import DEFAULT_OPERATIONS, GROUPS, OPERATIONS, operations_named

ENGINES = Path(__file__).parents[1] / "engines"
HEALTHY = load_engine(f"{ENGINES / 'everything.py'}:Value")
ALL = tuple(OPERATIONS.values())
FLAT = {("sign", 0), ("floor", 0), ("where", 0), ("where", 1)}
"""Partials that are 0, and so is a trillionth more."""

PARTIALS = [
    (group, operation, index)
    for group, operations in GROUPS.items()
    for operation in operations
    for index in range(operation.variables)
    if (operation.name, index) not in FLAT
]

FOR_A_TRILLIONTH = 500
FOR_A_RARE_BUG = 20_000
"""Cases within which a bug has to show. The search ends at the first that shows it."""


@cache
def first_cases(operations):
    """Return the cases in which the bugs below show, and which a healthy engine gets right."""
    return [*islice(cases(operations), 1_500)]


def cases(operations):
    """Yield the cases of a long run."""
    rounds = (drawn_in_round(operations, 10, seed=2, number=number) for number in count())
    drawn = chain.from_iterable(islice(each, EXPRESSIONS_PER_ROUND) for each in rounds)
    return (Case(expression, point) for expression, points in drawn for point in points)


def shows(case, engine):
    return check(case, engine, whole_formula=False).kind.is_finding


def off_by_a_trillionth(operation, index):
    """Return an engine with a relative error of 1e-12 in one partial of an operation."""
    right = getattr(HEALTHY.make, operation.method)

    def wrong(self, *others):
        made = right(self, *others)
        partials = enumerate(made._partials)
        made._partials = tuple(p * (1.0 + 1e-12 * (i == index)) for i, p in partials)
        return made

    class_ = type("Planted", (HEALTHY.make,), {operation.method: wrong})
    return object_engine("planted", class_, None)


@pytest.mark.parametrize(
    ("group", "operation", "index"), PARTIALS, ids=[f"{o.word}-{i}" for _, o, i in PARTIALS]
)
def test_a_trillionth_in_a_partial_shows_soon(group, operation, index):
    engine = off_by_a_trillionth(operation, index)
    cases_of_group = first_cases(operations_named(f"basic {group}"))
    assert any(shows(case, engine) for case in cases_of_group[:FOR_A_TRILLIONTH])


@pytest.mark.parametrize(
    ("bug", "operations"),
    [
        ("Above1e100", DEFAULT_OPERATIONS),
        ("Below1e200", DEFAULT_OPERATIONS),
        ("FactorIsInt", DEFAULT_OPERATIONS),
        ("TermIsInt", DEFAULT_OPERATIONS),
        ("ExponentIsInt", ALL),
        ("ExponentIs7", ALL),
        ("AtDepth30", DEFAULT_OPERATIONS),
        ("FanOutAbove8", DEFAULT_OPERATIONS),
        ("OverflowsEarly", DEFAULT_OPERATIONS),
        ("NonFiniteIsZero", ALL),
    ],
)
def test_a_bug_under_a_condition_shows(bug, operations):
    engine = load_engine(f"{ENGINES / 'rare_bugs.py'}:{bug}")
    assert any(shows(case, engine) for case in islice(cases(operations), FOR_A_RARE_BUG))


@pytest.mark.parametrize(
    ("bug", "operations"),
    [("Modest", DEFAULT_OPERATIONS), ("Vanishing", operations_named("basic elementary"))],
)
def test_an_overflow_that_is_hidden_shows(bug, operations):
    engine = load_engine(f"{ENGINES / 'edges.py'}:{bug}")
    assert any(shows(case, engine) for case in islice(cases(operations), FOR_A_RARE_BUG))


@pytest.mark.parametrize("operations", [DEFAULT_OPERATIONS, ALL], ids=["default", "all"])
def test_a_healthy_engine_is_not_accused_over_the_same_cases(operations):
    assert not any(shows(case, HEALTHY) for case in first_cases(operations))
