"""A route of the harness that lies: the other one tells, and the engine is not to blame."""

import os

import pytest

# Python imports a sitecustomize.py by itself. Each makes one of the two symbolic routes lie in the
# 31st digit, which no float64 could show.
LIARS = {
    "the whole formula": """
from gradcheck.oracles import certificate
honest = certificate.evaluate
certificate.evaluate = lambda functions, point: [lie(ball) for ball in honest(functions, point)]
""",
    "the chained partials": """
from gradcheck.oracles import sweep
honest = sweep.local_partials
def lying(partial):
    return None if partial is None else lambda arguments: lie(partial(arguments))
sweep.local_partials = lambda *which: [lying(partial) for partial in honest(*which)]
""",
}


@pytest.fixture
def with_a_sitecustomize(tmp_path, command_line):
    def run(source, *words):
        (tmp_path / "sitecustomize.py").write_text(source)
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        return command_line(*words, env=environment)

    return run


COMMANDS = {
    "check": ("check", "tanh(a*b)", "a=0.5", "b=0.25"),
    "fuzz": ("fuzz", "--examples", "60", "--seed", "1"),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("liar", LIARS.values(), ids=LIARS)
def test_a_route_that_lies_is_a_fault_of_the_harness(with_a_sitecustomize, tmp_path, liar, words):
    lie = "lie = lambda ball: ball + ball * 2.0**-100\n"
    result = with_a_sitecustomize(lie + liar, *words)
    assert result.returncode == 3
    assert "OracleDisagreementError: the derivative by" in result.stderr
    assert "gradcheck itself is at fault" in result.stderr
    assert "wrong" not in result.stdout
    assert not list(tmp_path.rglob("case.json"))


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("liar", LIARS.values(), ids=LIARS)
def test_the_same_routes_are_no_fault_while_they_tell_the_truth(with_a_sitecustomize, liar, words):
    assert with_a_sitecustomize("lie = lambda ball: ball\n" + liar, *words).returncode == 0


def test_a_finding_that_only_one_route_proves_is_a_fault_of_the_harness(
    with_a_sitecustomize, tmp_path
):
    # A number off by half, which a correct engine seems to get wrong. Most expressions are judged
    # by the chained route only, so that nothing else stops the run before the finding.
    lie = "lie = lambda ball: ball if ball == 1 else ball * 1.5\n"
    result = with_a_sitecustomize(lie + LIARS["the chained partials"], *COMMANDS["fuzz"])
    assert result.returncode == 3
    assert "OracleDisagreementError" in result.stderr
    assert not list(tmp_path.rglob("case.json"))
