"""A command that runs an engine in a child process says what it says where there is no fork."""

import pytest

from gradcheck.engines.isolation import loading

COMMANDS = {
    "a check": ("check", "tanh(a*b + c)", "a=2", "b=-3", "c=10"),
    "a check of a kink": ("check", "max(a, b)", "a=1", "b=1", "--engine", "everything.py"),
    "a check that is undecided": ("check", "log(a)", "a=-1", "--engine", "everything.py"),
    "a finding": ("check", "a*a + a", "a=3", "--engine", "misbehaving.py:ReturnsNan"),
    "a diagram": ("check", "a*b", "a=2", "b=3", "--diagram", "graph.gv"),
    "a check of the lifecycle": ("check", "a*b + a", "a=2", "b=3", "--life"),
    "an operation that is missing": ("check", "erf(a)", "a=2"),
    "an input without a number": ("check", "a*b", "a=2"),
    "a number twice": ("check", "a*b", "a=2", "a=3", "b=1"),
    "a number for no input": ("check", "a", "a=2", "b=3"),
    "no number": ("check", "a", "a=two"),
    "a class": ("engines", "everything.py:Value"),
    "a library": ("engines", "autograd"),
    "several classes": ("engines", "misbehaving.py"),
    "no engine": ("engines", "nowhere.py"),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_what_is_said_is_the_same_where_no_process_can_be_forked(command_line, words, monkeypatch):
    isolated = command_line(*words)
    monkeypatch.setattr(loading, "can_fork", lambda: False)
    assert command_line(*words) == isolated
