"""A case is taken apart until nothing can go without the bug, and smaller ones are searched."""

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


def test_what_leads_to_the_operation_at_fault_becomes_an_input():
    assert smallest("no_tail", "tanh(a + b + 3)", 2.0, 2.5) == ("tanh(a)", (4.0,))


def test_what_comes_after_it_goes():
    assert smallest("sign_in_product", "tanh(a*b) + c*3", 0.3, 0.7, 0.1) == ("a*b", (1.0, 0.0))


def test_an_operation_goes_if_one_of_its_operands_does_in_its_place():
    found, _ = smallest("forgets_shared_sum_in_product", "s = a + b; s*c*tanh(s)", 0.5, 0.25, 2.0)
    assert found == "n2 = a + b; n2*tanh(n2)"


def test_numbers_become_simple():
    assert smallest("sign_in_sum", "a + b", 0.123, -7.5) == ("a + b", (0.0, 0.0))


def test_a_number_that_the_bug_needs_stays():
    assert smallest("clips_tanh", "tanh(a)", 2.75) == ("tanh(a)", (3.0,))


def test_what_an_input_that_nothing_uses_leaves_is_renamed():
    assert smallest("one_minus_t", "0.0*a + tanh(b)", 5.0, 1.0) == ("tanh(a)", (1.0,))


def test_with_any_signature_it_may_end_at_another_bug():
    formula, _ = smallest("overwrites_gradient", "tanh(a) + a*a", 0.5, signature=None)
    assert formula == "a*a"


def test_with_any_signature_the_numbers_stay_as_others_may_show_another_bug():
    found = smallest("nan_on_equal_factors", "(a*a)*b", 5.0, 7.0, signature=None)
    assert found == ("a*a", (5.0,))


def test_with_any_signature_no_operation_goes_that_others_get_their_numbers_from():
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
    assert {shrink(bug, engine, DEFAULT_OPERATIONS).case for bug in bugs} == {case("a*a", a=1.0)}
