"""The table of operations, and what a user adds to it."""

import pickle

import pytest
import sympy

from gradcheck import Case, Operation, check, parse, register_operation
from gradcheck.formula import write
from gradcheck.operations import DEFAULT_OPERATIONS, GROUPS, OPERATIONS, operations_named
from gradcheck.oracles.rows import RowError


def cube(**options):
    return Operation("cube", definition=lambda x: x**3, **options)


@pytest.fixture(autouse=True)
def _as_it_was():
    before = dict(OPERATIONS)
    yield
    OPERATIONS.clear()
    OPERATIONS.update(before)


def test_an_operation_of_the_users_own_is_known_once_it_is_registered():
    operation = register_operation(cube())
    expression = parse("cube(a*b)")
    assert write(expression) == "cube(a*b)"
    assert operation in expression.operations
    assert operations_named("* cube")[-1] is operation
    assert operations_named("all")[-1] is operation


def test_the_same_module_imported_twice_has_one_operation():
    assert register_operation(cube()) is register_operation(cube())


@pytest.mark.parametrize("name", ["tanh", "+", "all", "no name", "", "class"])
def test_a_name_that_is_taken_or_none_is_refused(name):
    with pytest.raises(ValueError, match="choose another"):
        register_operation(Operation(name, definition=lambda x: x))


def test_a_row_of_ones_own_takes_the_place_of_a_built_in_function():
    row = Operation("softplus", definition=lambda x: sympy.log(1 + sympy.exp(x)))
    assert register_operation(row) is OPERATIONS["softplus"] is row
    assert row in parse("softplus(a)").operations


def test_another_operation_of_the_same_name_is_refused():
    register_operation(cube())
    with pytest.raises(ValueError, match="choose another"):
        register_operation(Operation("cube", definition=lambda x: x * x * x))


def test_a_definition_that_balls_are_not_taught_is_named():
    register_operation(Operation("bessel", definition=lambda x: sympy.besselj(0, x)))
    with pytest.raises(RowError, match=r"operation bessel: .* no ball arithmetic for besselj"):
        check(Case(parse("bessel(a)"), (0.5,)), "engine:Value")


def test_the_wider_vocabulary_is_off_by_default():
    assert [operation.name for operation in DEFAULT_OPERATIONS] == ["+", "*", "tanh"]
    assert operations_named("all") == tuple(OPERATIONS.values())


def test_a_group_is_named_by_a_word():
    assert operations_named("basic") == GROUPS["basic"]
    assert operations_named("reductions tanh") == (OPERATIONS["tanh"], *GROUPS["reductions"])


def test_an_operation_on_any_number_of_operands_is_one_row():
    total = OPERATIONS["sum"]
    assert total.of(5) is total.of(5) is not total
    assert total.of(5).row is total
    assert pickle.loads(pickle.dumps(total.of(5))) is total.of(5)


def test_an_operation_on_a_fixed_number_of_operands_takes_no_other_number():
    with pytest.raises(ValueError, match="tanh takes 1 operands, not 2"):
        OPERATIONS["tanh"].of(2)
