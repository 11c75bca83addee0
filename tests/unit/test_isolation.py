"""An engine that ends its process, or the run that it is in, is a finding and not the end."""

import ctypes
import importlib
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gradcheck import Case, EngineLoadError, Kind, check, load_engine, parse
from gradcheck.blame.cause import Cause
from gradcheck.engines.isolation.child_process import Ended, Limits, in_child
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.engines.isolation.loading import CannotIsolateError, load_isolated
from gradcheck.engines.isolation.watchdog import exit_when_stuck
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.lifecycle.run import LifecycleOutcome, run_check

FILE = Path(__file__).parents[1] / "engines" / "ending.py"
PLENTY = Limits(seconds=60.0, memory=2**30)
MEGABYTES = 2**20
CASE = Case(parse("a*b + a"), (3.0, 2.0))


def isolated(name, *, seconds=0.2):
    return load_isolated(f"{FILE}:{name}", seconds=seconds, memory=100 * MEGABYTES)


@pytest.mark.parametrize(
    ("name", "kind", "signature", "said"),
    [
        ("Aborts", Kind.CRASH, "crash-SIGABRT-of-mul", "SIGABRT: Aborted"),
        ("ReadsNull", Kind.CRASH, "crash-SIGSEGV-of-mul", "SIGSEGV: Segmentation fault"),
        ("Kills", Kind.CRASH, "crash-SIGTERM-of-mul", "SIGTERM: Terminated"),
        ("LeavesOneBehind", Kind.CRASH, "crash-SIGABRT-of-mul", "SIGABRT: Aborted"),
        ("ExitsAtOnce", Kind.CRASH, "crash-exit-of-mul", "exit: code 0"),
        ("Exits", Kind.CRASH, "crash-SystemExit-of-mul", "SystemExit"),
        ("Interrupts", Kind.CRASH, "crash-KeyboardInterrupt-of-mul", "KeyboardInterrupt"),
        ("Recurses", Kind.CRASH, "crash-RecursionError-of-mul", "RecursionError"),
        ("Loops", Kind.HANG, "hang-of-mul", "HangError: no end after computing"),
        ("Waits", Kind.HANG, "hang-of-mul", "HangError: no end after waiting"),
        ("Spins", Kind.HANG, "hang-of-mul", "HangError: no end after waiting"),
        ("Swallows", Kind.MEMORY, "memory-of-mul", "MemoryError: more than 100 MiB"),
        ("HasNoMemory", Kind.MEMORY, "memory-of-mul", "MemoryError"),
    ],
)
def test_whatever_an_engine_does_is_a_verdict(name, kind, signature, said):
    verdict = check(CASE, isolated(name))
    assert (verdict.kind, verdict.signature) == (kind, signature)
    assert str(verdict.run.fault).startswith(said)
    assert verdict.run.fault.stage == "forward"


@pytest.mark.parametrize(
    "name", ["Healthy", "Prints", "Writes", "Changes", "Reseeds", "LowersTheRecursionLimit"]
)
def test_an_engine_that_comes_to_its_end_is_judged_by_its_numbers(name, capfd):
    assert check(CASE, isolated(name, seconds=60.0)).kind is Kind.CORRECT
    assert capfd.readouterr().out == ""


def test_what_it_says_is_what_it_says_in_this_process():
    engine = load_engine("engine.broken:overwrites_in_product")
    here, there = (
        check(Case(parse("a*a"), (3.0,)), e) for e in (engine, IsolatedEngine(engine, 60.0, 2**30))
    )
    assert there.run == here.run
    assert (there.signature, there.interface) == (here.signature, here.interface)


def test_nothing_that_it_changes_is_changed_here():
    def state():
        handler = signal.getsignal(signal.SIGTERM)
        return random.getstate(), sys.getrecursionlimit(), handler, Path.cwd()

    before = state()
    isolated("Changes", seconds=60.0).run(CASE)
    assert state() == before


def test_an_end_in_the_backward_pass_leaves_the_value():
    verdict = check(CASE, isolated("AbortsBackward", seconds=60.0))
    assert verdict.signature == "crash-SIGABRT"
    assert (verdict.run.value, verdict.run.fault.stage) == (9.0, "backward")
    assert verdict.value.kind is Kind.CORRECT


def test_an_end_on_used_inputs_is_blamed_on_the_earlier_graph():
    case = Case(parse("tanh(a*b)"), (0.5, 0.5))
    verdict = check(case, isolated("AbortsOnUsedInputs", seconds=60.0))
    assert verdict.signature == "earlier-graph-of-mul"


def test_an_end_at_other_numbers_says_nothing_of_these():
    engine = isolated("AbortsOnSmallInputs", seconds=60.0)
    case = Case(parse("a*b"), (1.25, 1.0))
    assert engine.run_again(case) is None
    assert check(case, engine).kind is Kind.CORRECT


def test_to_end_the_process_is_never_right_where_an_error_may_be():
    outside = Case(parse("a*b"), (1e300, 1e300))
    assert check(outside, isolated("HasNoMemory")).kind is Kind.MEMORY
    assert check(outside, isolated("Aborts")).kind is Kind.CRASH
    assert check(outside, isolated("Recurses")).kind is Kind.UNDECIDED


def test_an_engine_that_cannot_be_looked_at_is_loaded_nevertheless():
    engine = load_isolated(f"{FILE}:AbortsWhatever")
    assert {operation.name for operation in engine.operations} == {"+", "*", "tanh"}
    assert check(CASE, engine).signature == "crash-SIGABRT-of-mul"


def test_what_works_without_being_tried_in_a_child_first_is_loaded_as_usual():
    assert load_isolated("engine:Value").engine == load_engine("engine:Value")


def test_an_import_that_ends_the_process_is_an_engine_that_cannot_be_loaded(tmp_path):
    (tmp_path / "dies.py").write_text("import os\nos.abort()\n")
    with pytest.raises(EngineLoadError, match="importing it ended the process: SIGABRT"):
        load_isolated(f"{tmp_path / 'dies.py'}:Value")


def test_a_spec_that_leads_nowhere_says_so():
    with pytest.raises(EngineLoadError, match="there is no module 'nowhere'"):
        load_isolated("nowhere:Value")


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("AbortsTheSecondTime", LifecycleOutcome.BROKEN),
        ("Healthy", LifecycleOutcome.HOLDS),
    ],
)
def test_a_graph_that_lives_on_may_end_its_process(name, outcome):
    engine = isolated(name, seconds=60.0)
    result = run_check(Cause.SECOND_BACKWARD, engine, [Case(parse("a*a"), (0.5,))])
    assert result.outcome is outcome
    if outcome is LifecycleOutcome.BROKEN:
        fault = result.verdict.run.fault
        assert (fault.stage, str(fault)) == ("backward", "SIGABRT: Aborted")
        assert "ends the process that it is in" in reproduction(result.verdict)


def test_an_engine_that_cannot_say_what_it_has_has_no_zero_grad():
    result = run_check(Cause.ZERO_GRAD, isolated("Healthy", seconds=60.0), [CASE])
    assert result.says == "it has no zero_grad"


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        *((name, 0.2) for name in ("Aborts", "ExitsAtOnce", "Exits", "HasNoMemory", "Loops")),
        *(("TakesLong", 0.3), ("Waits", 0.5), ("TakesMuch", 60.0)),
    ],
)
def test_a_script_fails_until_the_engine_is_mended(name, seconds):
    def code(script):
        return subprocess.run(
            [sys.executable, "-c", script], capture_output=True, check=False
        ).returncode

    script = reproduction(check(CASE, isolated(name, seconds=seconds)))
    assert code(script) != 0
    mended = script.replace(f"import {name}\n", f"import Healthy as {name}\n")
    assert code(mended) == 0


@pytest.mark.parametrize(
    ("name", "limit"),
    [("Loops", {"seconds": 0.1}), ("Swallows", {"memory": 50 * MEGABYTES}), ("Aborts", {})],
)
def test_a_fault_tells_the_limit_and_the_signature_does_not(name, limit):
    engine = isolated(name)
    one, other = (check(CASE, each) for each in (engine, replace(engine, **limit)))
    assert one.signature == other.signature
    assert (one.run.fault.limit == other.run.fault.limit) is (not limit)


def test_work_in_a_child_gives_what_it_gives_or_raises_what_it_raises():
    assert in_child(lambda: [1.5, "text"], PLENTY) == [1.5, "text"]
    with pytest.raises(EngineLoadError, match="no such thing") as caught:
        in_child(lambda: raised(EngineLoadError("no such thing")), PLENTY)
    assert "in raised" in caught.value.__notes__[0]


def raised(error):
    raise error


def test_what_cannot_be_sent_is_an_error_with_its_traceback():
    local = type("Local", (Exception,), {})
    with pytest.raises(RuntimeError, match="in raised"):
        in_child(lambda: raised(local()), PLENTY)
    with pytest.raises(Exception, match="pickle"):
        in_child(lambda: lambda: None, PLENTY)


def test_a_child_that_is_not_quiet_prints(capfd):
    in_child(lambda: os.write(1, b"seen\n"), PLENTY, quiet=False)
    assert capfd.readouterr().out == "seen\n"


@pytest.mark.parametrize("number", [signal.SIGRTMIN, signal.SIGALRM])
def test_a_signal_without_a_meaning_ends_a_process_too(number):
    ended = in_child(lambda: signal.raise_signal(number), replace(PLENTY, seconds=None))
    assert isinstance(ended, Ended)


def test_a_process_in_which_nothing_moves_ends_itself():
    def stand_still():
        with exit_when_stuck(0.1):
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            ctypes.PyDLL(None).sleep(3600)

    assert in_child(stand_still, replace(PLENTY, seconds=None)) == Ended("exit", "code 1")


def test_a_process_in_which_python_code_runs_does_not():
    def compute():
        with exit_when_stuck(2.0):
            return sum(i for i in range(10_000_000)) > 0

    assert in_child(compute, replace(PLENTY, seconds=None)) is True


ORPHAN = """
import os
from gradcheck.engines.isolation.watchdog import exit_when_stuck
ready, tell = os.pipe()
if os.fork():
    os.read(ready, 1)
    os._exit(0)
with exit_when_stuck(60.0):
    os.write(tell, b"!")
    while True:
        pass
"""


def test_a_process_whose_parent_is_gone_ends_itself():
    # It returns when nobody holds the pipe any more, so when both are gone.
    words = [sys.executable, "-c", ORPHAN]
    assert subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout == b""


def test_what_uses_jax_is_not_forked():
    # Its threads would be missing in the child, which would wait for them: a hang that is none.
    with pytest.raises(CannotIsolateError, match="jax cannot be forked"):
        load_isolated("jax")


def test_what_uses_no_jax_is_though_jax_is_there():
    importlib.import_module("jax")
    assert check(CASE, isolated("Healthy", seconds=60.0)).kind is Kind.CORRECT
