"""Rounds are pure functions, can be sent, and are merged in the order of their numbers."""

import pickle
from itertools import count, islice
from types import SimpleNamespace

import pytest

from gradcheck import Case, check, load_engine, parse
from gradcheck.blame.cause import Cause
from gradcheck.engine import Value
from gradcheck.engines.objects import ObjectEngine
from gradcheck.fuzz import depth
from gradcheck.fuzz.coverage import features_of_verdict
from gradcheck.fuzz.depth import LONGEST_CHAIN, too_deep
from gradcheck.fuzz.executor import InlineExecutor, Lost
from gradcheck.fuzz.rounds import drawn_in_round, judge_round
from gradcheck.fuzz.scheduler import Scheduler, StoppedError
from gradcheck.fuzz.tasks import JudgeAgain
from gradcheck.number_verdict import SHALLOW
from gradcheck.operations import DEFAULT_OPERATIONS
from gradcheck.selftest.zoo import planted_bugs
from helpers.runs import options

CASE = Case(parse("a*b"), (2.0, 3.0))


def judged(number, *, engine="engine.broken:no_tail", **others):
    return judge_round(load_engine(engine), options(**others), number, heartbeat=lambda: None)


def bugs(result):
    """Return the cases that a round kept of its bugs."""
    return {
        signature: (bug.smallest.case, bug.worst.case, bug.cases)
        for signature, bug in result.bugs.items()
    }


def test_a_round_is_the_same_each_time():
    once, again = judged(3), judged(3)
    assert once.statistics == again.statistics
    assert bugs(once) == bugs(again) != {}


@pytest.mark.parametrize("other", [{"number": 4}, {"number": 3, "seed": 1}], ids=str)
def test_another_number_or_another_seed_is_another_round(other):
    assert judged(3).statistics != judged(**other).statistics


def test_each_expression_runs_once_on_used_inputs():
    on_used_inputs = []

    class Recording(ObjectEngine):
        def run_on_used_inputs(self, case):
            on_used_inputs.append(case)
            return super().run_on_used_inputs(case)

    result = judge_round(Recording("plain", Value), options(), 0, heartbeat=lambda: None)
    assert len(on_used_inputs) == result.statistics.expressions < result.statistics.cases


@pytest.mark.parametrize(
    "bug",
    [bug for bug in planted_bugs("*") if bug.cause is Cause.EARLIER_GRAPH],
    ids=lambda bug: bug.name,
)
def test_a_bug_that_only_used_inputs_show_is_found_in_a_round(bug):
    asked = options(fail_fast=True)
    assert judge_round(bug.engine, asked, 0, heartbeat=lambda: None).bugs


def test_a_pickled_round_is_the_same():
    result = judged(3)
    copy = pickle.loads(pickle.dumps(result))
    assert copy.statistics == result.statistics
    for signature, bug in result.bugs.items():
        assert copy.bugs[signature].smallest.report == bug.smallest.report


def test_a_round_ends_at_the_first_hang_because_each_takes_seconds():
    [bug] = planted_bugs("hangs_on_square")
    result = judge_round(bug.engine, options(), 0, heartbeat=lambda: None)
    assert result.statistics.verdicts["hang"] == 1


def test_a_round_ends_at_the_first_bug_with_fail_fast():
    result = judged(3, fail_fast=True)
    assert sum(result.statistics.bugs.values()) == 1
    assert sum(judged(3).statistics.bugs.values()) > 1


def test_a_round_ends_with_the_next_case_when_its_time_is_up():
    engine, plenty = load_engine("engine:Value"), 1e6
    cases = [
        judge_round(engine, options(), 0, heartbeat=lambda: None, seconds=s).statistics.cases
        for s in (0.0, plenty, None)
    ]
    assert cases[0] == 1
    assert cases[1] == cases[2] > 100


def test_a_slow_engine_is_not_tried_on_long_chains(monkeypatch):
    lengths, clock = [], count(0.0, 10.0)

    class Recording(ObjectEngine):
        def run(self, case):
            lengths.append(case.expression.size)
            return super().run(case)

    engine = Recording("plain", Value)
    assert too_deep(engine, heartbeat=lambda: None) is None
    assert max(lengths) == LONGEST_CHAIN
    lengths.clear()
    monkeypatch.setattr(depth, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    assert too_deep(engine, heartbeat=lambda: None) is None
    assert lengths == [SHALLOW]


def test_the_last_round_has_the_rest_of_the_expressions():
    asked = options(examples=120)
    assert list(asked.round_numbers()) == [0, 1, 2]
    assert [asked.expressions_in_round(number) for number in range(3)] == [50, 50, 20]
    assert judged(2, examples=120).statistics.expressions == 20


def test_rounds_can_be_resumed_at_any_number():
    assert list(options(rounds=(3, 7)).round_numbers(5)) == [5, 6]
    assert list(options(rounds=(3, 5)).round_numbers()) == [3, 4]
    assert list(islice(options().round_numbers(2), 2)) == [2, 3]


class LastFirst(InlineExecutor):
    """Returns answers in the reverse order of the tasks."""

    width = 3

    def wait(self, seconds):
        return list(reversed(super().wait(seconds)))


class LosesEveryFirst(InlineExecutor):
    """Loses each round once, and those with an odd number every time."""

    def wait(self, seconds):
        return [
            (attempt, answer if attempt.times_lost and answer.number % 2 == 0 else Lost("gone"))
            for attempt, answer in super().wait(seconds)
        ]


def never():
    return False


def scheduler(executor, count, *, over=never, stopped=never, late=never, waiting=list):
    asked = options(examples=count * 50)
    started = executor(load_engine("engine:Value"), asked)
    return Scheduler(
        started,
        asked.round_numbers(),
        over=over,
        seconds_left=lambda: None,
        stopped=stopped,
        late=late,
        waiting=waiting,
    )


def test_rounds_come_in_the_order_of_their_numbers():
    assert [result.number for result in scheduler(LastFirst, 5).rounds()] == [0, 1, 2, 3, 4]


def test_a_lost_round_is_done_again_and_then_abandoned():
    results = list(scheduler(LosesEveryFirst, 3).rounds())
    assert [result.statistics.abandoned for result in results] == [[], [1], []]
    assert [result.statistics.expressions for result in results] == [50, 0, 50]


def test_a_question_is_answered_between_the_rounds():
    rounds = scheduler(LastFirst, 5)
    numbers = []
    for result in rounds.rounds():
        numbers.append(result.number)
        smallest, _ = rounds.answer_to(JudgeAgain(CASE, CASE, "lost-contribution"))
        assert smallest.case == CASE
    assert numbers == [0, 1, 2, 3, 4]


def test_no_round_is_begun_when_the_run_is_over_but_those_begun_are_finished():
    over = False
    rounds = scheduler(LastFirst, 100, over=lambda: over).rounds()
    numbers = [next(rounds).number]
    over = True
    numbers += [result.number for result in rounds]
    assert numbers == list(range(len(numbers)))
    assert 3 <= len(numbers) < 20


def test_no_round_is_awaited_when_the_run_is_stopped():
    assert list(scheduler(LastFirst, 5, stopped=lambda: True).rounds()) == []


def test_nothing_is_awaited_once_the_run_is_late():
    question = JudgeAgain(Case(parse("a"), (1.0,)), Case(parse("a"), (2.0,)), "")
    late = scheduler(LastFirst, 5, late=lambda: True)
    assert late.answer_to(question) == question.fallback()
    assert list(late.rounds()) == []
    assert late.is_cut_short
    in_time = scheduler(LastFirst, 5)
    assert len(list(in_time.rounds())) == 5
    assert not in_time.is_cut_short


def test_a_question_that_may_stay_open_has_no_answer_once_the_run_is_late():
    question = JudgeAgain(Case(parse("a"), (1.0,)), Case(parse("a"), (2.0,)), "")
    with pytest.raises(StoppedError):
        scheduler(LastFirst, 5, late=lambda: True).answer_to(question, unless_stopped=True)


def test_a_sign_of_life_is_given_while_an_answer_is_awaited():
    signs = []
    started = scheduler(LastFirst, 2, waiting=lambda: signs.append("alive"))
    assert len(list(started.rounds())) == 2
    assert signs


def test_the_magnitudes_of_operands_are_features():
    verdict = check(Case(parse("a*-2 + b"), (3.0, 1e-30)), "engine:Value")
    assert set(features_of_verdict(verdict)) == {
        "magnitude 1e0 of no operation in *",
        "magnitude -1e0 of no operation in *",
        "magnitude -1e0 of * in +",
        "magnitude 1e-30 of no operation in +",
        "verdict correct",
    }


def points_of_round(number):
    drawn = drawn_in_round(DEFAULT_OPERATIONS, 10, seed=1, number=number)
    return [point for _, points in islice(drawn, 50) for point in points]


def test_rounds_draw_numbers_of_several_magnitudes():
    def upper_quartile(number):
        sizes = sorted(abs(x) for point in points_of_round(number) for x in point)
        return sizes[len(sizes) * 3 // 4]

    assert 0.5 < upper_quartile(0) <= 3.0
    assert upper_quartile(19) > 1e6


def test_one_expression_in_25_is_large():
    def sizes(max_ops):
        drawn = drawn_in_round(DEFAULT_OPERATIONS, max_ops, seed=1, number=2)
        return [expression.size for expression, _ in islice(drawn, 100)]

    assert {i for i, size in enumerate(sizes(10)) if size > 10} <= {24, 49, 74, 99}
    assert max(sizes(10)) > 100
    assert max(sizes(9)) <= 9
