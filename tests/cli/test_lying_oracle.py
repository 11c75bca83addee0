"""A symbolic route that is wrong is noticed by the other, and the engine is not blamed."""

import pytest

from gradcheck.oracles import certificate, sweep

pytestmark = pytest.mark.usefixtures("forgetful_oracles")


def lie_of_the_whole_formula(lie, monkeypatch):
    honest = certificate.evaluate
    monkeypatch.setattr(certificate, "evaluate", lambda *which: [lie(b) for b in honest(*which)])


def lie_of_the_chained_partials(lie, monkeypatch):
    honest = sweep.local_partials

    def lying(partial):
        return None if partial is None else lambda arguments: lie(partial(arguments))

    monkeypatch.setattr(sweep, "local_partials", lambda *which: [*map(lying, honest(*which))])


LIARS = {
    "the whole formula": lie_of_the_whole_formula,
    "the chained partials": lie_of_the_chained_partials,
}
COMMANDS = {
    "check": ("check", "tanh(a*b)", "a=0.5", "b=0.25"),
    "fuzz": ("fuzz", "--examples", "60", "--seed", "1"),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("liar", LIARS.values(), ids=LIARS)
def test_a_route_that_lies_is_a_fault_of_the_harness(
    command_line, monkeypatch, tmp_path, liar, words
):
    # In the 31st digit, which no float64 could show.
    liar(lambda ball: ball + ball * 2.0**-100, monkeypatch)
    result = command_line(*words)
    assert result.returncode == 3
    assert "OracleDisagreementError: the derivative with respect to" in result.stderr
    assert "gradcheck itself is at fault" in result.stderr
    assert "wrong" not in result.stdout
    assert not list(tmp_path.rglob("case.json"))


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("liar", LIARS.values(), ids=LIARS)
def test_the_same_routes_are_no_fault_while_they_tell_the_truth(
    command_line, monkeypatch, liar, words
):
    liar(lambda ball: ball, monkeypatch)
    assert command_line(*words).returncode == 0


def test_a_finding_that_only_one_route_proves_is_a_fault_of_the_harness(
    command_line, monkeypatch, tmp_path
):
    # A number off by half, which a correct engine seems to get wrong. Most expressions are judged
    # by the chained route only, so that nothing else stops the run before the finding.
    lie_of_the_chained_partials(lambda ball: ball if ball == 1 else ball * 1.5, monkeypatch)
    result = command_line(*COMMANDS["fuzz"])
    assert result.returncode == 3
    assert "OracleDisagreementError" in result.stderr
    assert not list(tmp_path.rglob("case.json"))
