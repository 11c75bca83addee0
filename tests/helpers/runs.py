"""Runs in the process of the tests."""

from pathlib import Path

from gradcheck.fuzz.events import Finished, State
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.run import run
from gradcheck.fuzz.run_folder import run_folder
from gradcheck.operations import DEFAULT_OPERATIONS


def options(**changes):
    """Return options without limits, with these changes."""
    defaults = {"operations": DEFAULT_OPERATIONS, "seed": 0, "output": Path("nowhere")}
    return Options(**{**defaults, **changes})


def last_event(engine, asked):
    """Return the event that a run of an engine ends with."""
    *_, last = run(engine, asked, InlineExecutor(engine, asked), stopped=lambda: False)
    assert isinstance(last, Finished)
    return last


def saved_events(engine, asked, before=()):
    """Return the events of a run of an engine, which is saved in its folder."""
    state, executor, saved = State(), InlineExecutor(engine, asked), []
    with run_folder(engine.spec, asked, state, before) as save:
        for event in run(
            engine, asked, executor, stopped=lambda: False, state=state, before=before
        ):
            save(event)
            saved.append(event)
    return saved
