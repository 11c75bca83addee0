"""Runs in the process of the tests, as the command line asks for them."""

from pathlib import Path

from gradcheck.fuzz.events import Finished
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.run import run
from gradcheck.operations import DEFAULT_OPERATIONS


def options(**changes):
    """Return what a run is asked to do, with nothing but the operations set unless said."""
    asked = {
        "operations": DEFAULT_OPERATIONS,
        "max_ops": 10,
        "seed": 0,
        "seconds": None,
        "examples": None,
        "output": Path("nowhere"),
        "fail_fast": False,
    }
    return Options(**{**asked, **changes})


def last_event(engine, asked):
    """Return the event that a run of an engine ends with."""
    *_, last = run(engine, asked, InlineExecutor(engine, asked), stopped=lambda: False)
    assert isinstance(last, Finished)
    return last
