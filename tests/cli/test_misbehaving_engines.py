"""Engines that end their process, never end or take all there is: a run finds that and goes on."""

import json
import re
from pathlib import Path

import pytest

ENDING = Path(__file__).parents[1] / "engines" / "ending.py"
LIMITS = ("--case-timeout", "0.2s", "--memory-limit", "100M")


@pytest.fixture
def fuzz(command_line):
    """What a short run says of one of the engines, as its last event."""

    def run(engine, *words):
        words = (*words, "--rounds", "0:1", "--seed", "1", *LIMITS, "--format", "json")
        result = command_line("fuzz", "--engine", f"{ENDING}:{engine}", *words)
        events = [json.loads(line) for line in result.stdout.splitlines()]
        assert events[-1]["event"] == "finished", result.stderr
        return events[-1], result.returncode

    return run


ENDINGS = {
    "Aborts": "crash-SIGABRT-of-mul",
    "ReadsNull": "crash-SIGSEGV-of-mul",
    "ExitsAtOnce": "crash-exit-of-mul",
    "Exits": "crash-SystemExit-of-mul",
    "Interrupts": "crash-KeyboardInterrupt-of-mul",
    "Recurses": "crash-RecursionError-of-mul",
    "Loops": "hang-of-mul",
    "Waits": "hang-of-mul",
    "Swallows": "memory-of-mul",
    "HasNoMemory": "memory-of-mul",
}


@pytest.mark.parametrize(("engine", "signature"), ENDINGS.items(), ids=ENDINGS)
def test_whatever_an_engine_does_is_found_shrunk_and_saved(fuzz, tmp_path, engine, signature):
    finished, code = fuzz(engine)
    assert code == 1
    assert finished["given_up"] == []
    [finding] = finished["findings"]
    assert finding["signature"] == signature
    assert finding["kind"] == signature.partition("-")[0]
    assert re.fullmatch(r"[\w.]+\*[\w.]+", finding["expression"])
    assert (tmp_path / finding["path"] / "case.json").exists()


WHAT_WAS_JUDGED = ("cases", "gradients", "verdicts", "worst_error_share", "findings")


def test_what_else_an_engine_does_changes_nothing(fuzz):
    healthy, code = fuzz("Healthy", "--output", "Healthy")
    assert code == 0
    for engine in ("Prints", "Writes", "LowersTheRecursionLimit", "Reseeds", "StartsAThread"):
        finished, code = fuzz(engine, "--output", engine)
        assert code == 0
        for key in WHAT_WAS_JUDGED:
            assert finished[key] == healthy[key]


def test_a_run_goes_on_after_an_engine_has_ended_its_process(command_line):
    words = ("fuzz", "--engine", f"{ENDING}:Aborts", "--rounds", "0:3", "--seed", "1")
    result = command_line(*words, "--format", "json")
    finished = json.loads(result.stdout.splitlines()[-1])
    assert finished["expressions"] > 3
    assert finished["verdicts"]["crash"] == 3
    assert len(finished["findings"]) == 1
