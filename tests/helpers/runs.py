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


def events(engine, asked, before=()):
    """Yield the events of a run of an engine."""
    executor = InlineExecutor(engine, asked)
    yield from run(engine, asked, executor, stopped=lambda: False, before=before)


def last_event(engine, asked):
    """Return the event that a run of an engine ends with."""
    *_, last = events(engine, asked)
    assert isinstance(last, Finished)
    return last


def saved_events(engine, asked, before=()):
    """Return the events of a run of an engine, which is saved in its folder."""
    with run_folder(engine.spec, asked, State(), before) as save:
        saved = []
        for event in events(engine, asked, before):
            save(event)
            saved.append(event)
    return saved
