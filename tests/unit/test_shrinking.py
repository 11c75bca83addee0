"""Shrinking: reducing a case in single steps, and searching for a smaller one."""

from gradcheck import Case, case, check, load_engine, parse
from gradcheck.formula import write
from gradcheck.operations import DEFAULT_OPERATIONS
from gradcheck.shrinking import reduced, shrink


def smallest(engine, formula, *point, signature="same"):
    engine = load_engine(f"engine.broken:{engine}")
    verdict = check(Case(parse(formula), point), engine)
    wanted = verdict.signature if signature == "same" else signature
    found = reduced(verdict, lambda case: check(case, engine), signature=wanted).case
    return write(found.expression), found.point


def test_the_nodes_before_the_wrong_operation_become_an_input():
    assert smallest("no_tail", "tanh(a + b + 3)", 2.0, 2.5) == ("tanh(a)", (4.0,))


def test_the_nodes_after_the_wrong_operation_are_removed():
    assert smallest("sign_in_product", "tanh(a*b) + c*3", 0.3, 0.7, 0.1) == ("a*b", (1.0, 0.0))


def test_an_operation_is_replaced_by_an_operand_if_that_will_do():
    found, _ = smallest("forgets_shared_sum_in_product", "s = a + b; s*c*tanh(s)", 0.5, 0.25, 2.0)
    assert found == "n2 = a + b; n2*tanh(n2)"


def test_numbers_are_simplified():
    assert smallest("sign_in_sum", "a + b", 0.123, -7.5) == ("a + b", (0.0, 0.0))


def test_a_number_that_the_bug_needs_is_kept():
    assert smallest("clips_tanh", "tanh(a)", 2.75) == ("tanh(a)", (3.0,))


def test_an_unused_input_is_removed_and_the_rest_renamed():
    assert smallest("one_minus_t", "0.0*a + tanh(b)", 5.0, 1.0) == ("tanh(a)", (1.0,))


def test_without_a_signature_it_may_end_at_another_bug():
    formula, _ = smallest("overwrites_gradient", "tanh(a) + a*a", 0.5, signature=None)
    assert formula == "a*a"


def test_without_a_signature_the_numbers_are_kept():
    found = smallest("nan_on_equal_factors", "(a*a)*b", 5.0, 7.0, signature=None)
    assert found == ("a*a", (5.0,))


def test_without_a_signature_no_operation_is_replaced_that_others_use():
    formula = "n3 = a + b; n3*c*tanh(n3)"
    found, _ = smallest("forgets_shared_sum_in_product", formula, 0.5, 0.25, 2.0, signature=None)
    assert found == formula


def test_the_smallest_case_is_the_same_wherever_the_bug_was_found():
    engine = load_engine("engine.broken:sign_in_product")
    starts = [case("tanh(a*b) + c*3", a=0.3, b=0.7, c=0.1), case("(a + 2)*b", a=0.5, b=3.0)]
    bugs = [check(start, engine) for start in starts]
    one_at_a_time = {
        reduced(bug, lambda case: check(case, engine), signature=bug.signature).case for bug in bugs
    }
    assert len(one_at_a_time) == 2
    [smallest] = {shrink(bug, engine, DEFAULT_OPERATIONS).case for bug in bugs}
    assert smallest.expression.size == 1
