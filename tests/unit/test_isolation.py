"""An engine that ends its process, or the run that it is in, is a finding and not the end."""

import ctypes
import faulthandler
import importlib
import os
import random
import signal
import sys
import types
from dataclasses import replace
from pathlib import Path

import pytest

from gradcheck import Case, EngineLoadError, Kind, check, load_engine, parse
from gradcheck.blame.cause import Cause
from gradcheck.engines.isolation.child_process import Ended, Limits, in_child
from gradcheck.engines.isolation.isolated_engine import EngineLimits, IsolatedEngine
from gradcheck.engines.isolation.loading import CannotIsolateError, load_isolated, run_isolated
from gradcheck.engines.isolation.watchdog import exit_when_stuck
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.lifecycle.run import LifecycleOutcome, run_check
from helpers.limits import SECONDS
from helpers.processes import output_of_python, run_python

FILE = Path(__file__).parents[1] / "engines" / "ending.py"
PLENTY = Limits(seconds=60.0, memory=2**30)
MEGABYTES = 2**20
CASE = Case(parse("a*b + a"), (3.0, 2.0))


def isolated(name, *, seconds=60.0):
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
        ("Swallows", Kind.MEMORY, "memory-of-mul", "MemoryError: more than 100 MiB"),
        ("HasNoMemory", Kind.MEMORY, "memory-of-mul", "MemoryError"),
    ],
)
def test_whatever_ends_its_process_is_a_verdict(name, kind, signature, said):
    verdict = check(CASE, isolated(name))
    assert (verdict.kind, verdict.signature) == (kind, signature)
    assert str(verdict.run.fault).startswith(said)
    assert verdict.run.fault.stage == "forward"


@pytest.mark.parametrize(
    ("name", "does"), [("Loops", "computing"), ("Waits", "waiting"), ("Spins", "waiting")]
)
def test_whatever_comes_to_no_end_is_a_verdict(name, does):
    verdict = check(CASE, isolated(name, seconds=0.1))
    assert (verdict.kind, verdict.signature) == (Kind.HANG, "hang-of-mul")
    assert str(verdict.run.fault).startswith(f"HangError: no end after {does}")
    assert verdict.run.fault.stage == "forward"


@pytest.mark.parametrize(
    "name", ["Healthy", "Prints", "Writes", "Changes", "Reseeds", "LowersTheRecursionLimit"]
)
def test_an_engine_that_comes_to_its_end_is_judged_by_its_numbers(name, capfd):
    assert check(CASE, isolated(name)).kind is Kind.CORRECT
    assert capfd.readouterr().out == ""


def test_an_isolated_engine_is_judged_as_in_this_process():
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
    isolated("Changes").run(CASE)
    assert state() == before


def test_an_end_in_the_backward_pass_leaves_the_value():
    verdict = check(CASE, isolated("AbortsBackward"))
    assert verdict.signature == "crash-SIGABRT"
    assert (verdict.run.value, verdict.run.fault.stage) == (9.0, "backward")
    assert verdict.value.kind is Kind.CORRECT


def test_an_end_on_used_inputs_is_blamed_on_the_earlier_graph():
    case = Case(parse("tanh(a*b)"), (0.5, 0.5))
    verdict = check(case, isolated("AbortsOnUsedInputs"))
    assert verdict.signature == "earlier-graph-of-mul"


def test_an_end_at_other_numbers_says_nothing_of_these():
    engine = isolated("AbortsOnSmallInputs")
    case = Case(parse("a*b"), (1.25, 1.0))
    assert engine.run_on_used_inputs(case) is None
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
    engine = isolated(name)
    result = run_check(Cause.SECOND_BACKWARD, engine, [Case(parse("a*a"), (0.5,))])
    assert result.outcome is outcome
    if outcome is LifecycleOutcome.BROKEN:
        fault = result.verdict.run.fault
        assert (fault.stage, str(fault)) == ("backward", "SIGABRT: Aborted")
        assert "runs it in a child process" in reproduction(result.verdict)


def test_an_engine_that_cannot_say_what_it_has_has_no_zero_grad():
    result = run_check(Cause.ZERO_GRAD, isolated("Healthy"), [CASE])
    assert result.says == "it has no zero_grad"


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        *((name, 60.0) for name in ("Aborts", "ExitsAtOnce", "Exits", "HasNoMemory", "TakesMuch")),
        *(("Loops", 0.1), ("TakesLong", 0.1), ("Waits", 1.0)),
    ],
)
def test_a_script_fails_until_the_engine_is_mended(name, seconds):
    script = reproduction(check(CASE, isolated(name, seconds=seconds)))
    assert run_python("-c", script).returncode != 0
    mended = script.replace(f"import {name}\n", f"import Healthy as {name}\n")
    assert run_python("-c", mended).returncode == 0


@pytest.mark.parametrize(
    ("name", "limit"),
    [("Loops", {"seconds": 0.05}), ("Swallows", {"memory": 50 * MEGABYTES}), ("Aborts", {})],
)
def test_a_fault_tells_the_limit_and_the_signature_does_not(name, limit):
    engine = isolated(name, seconds=0.1 if name == "Loops" else 60.0)
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
            ctypes.PyDLL(None).sleep(int(SECONDS))

    assert in_child(stand_still, replace(PLENTY, seconds=None)) == Ended("exit", "code 1")


def test_a_process_in_which_python_code_runs_is_left_alone():
    def compute():
        with exit_when_stuck(2.0):
            return sum(i for i in range(10_000_000)) > 0

    assert in_child(compute, replace(PLENTY, seconds=None)) is True


def test_a_process_can_watch_itself_though_its_parent_does(tmp_path):
    def watched():
        with exit_when_stuck(60.0):
            return True

    with (tmp_path / "traceback").open("w") as file:
        faulthandler.dump_traceback_later(600.0, file=file)
        try:
            assert in_child(watched, replace(PLENTY, seconds=5.0)) is True
        finally:
            faulthandler.cancel_dump_traceback_later()


ORPHAN = """
import os
import time
from gradcheck.engines.isolation.watchdog import exit_when_stuck
ready, tell = os.pipe()
if os.fork():
    os.read(ready, 1)
    os._exit(0)
with exit_when_stuck(60.0):
    os.write(tell, b"!")
    time.sleep(240.0)
"""


def test_a_fault_of_an_engine_is_no_fault_of_the_process_that_started_it():
    in_a_child = "in_child(os.abort, Limits(60.0, 2**30), quiet=False)"
    program = (
        "import os\n"
        "from gradcheck.engines.isolation.child_process import Limits, in_child\n"
        f"assert {in_a_child}.error == 'SIGABRT'\n"
    )
    result = run_python("-X", "faulthandler", "-c", program)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_process_whose_parent_is_gone_ends_itself():
    # What it writes ends when nobody can write any more, so when both are gone.
    assert output_of_python("-c", ORPHAN) == ""


def test_what_uses_jax_is_not_forked():
    # Its threads would be missing in the child, which would wait for them: a hang that is none.
    with pytest.raises(CannotIsolateError, match="jax cannot be forked"):
        load_isolated("jax")


def test_tensorflow_is_named_where_it_has_imported_jax(tmp_path, monkeypatch):
    packages = ("jax", "tensorflow")
    for package in packages:
        monkeypatch.delitem(sys.modules, package, raising=False)
    file = tmp_path / "theirs.py"
    imports = "import sys, types\n" + "\n".join(
        f"sys.modules[{package!r}] = types.ModuleType({package!r})" for package in packages
    )
    file.write_text(f"{imports}\n{(FILE.parent / 'plain.py').read_text()}")
    with pytest.raises(CannotIsolateError, match="tensorflow cannot be forked"):
        load_isolated(f"{file}:Value")


@pytest.fixture
def threads_are_here(monkeypatch):
    """This process has JAX, or says so, as one does in which JAX has already worked."""
    monkeypatch.setitem(sys.modules, "jax", sys.modules.get("jax", types.ModuleType("jax")))


@pytest.mark.usefixtures("threads_are_here")
def test_what_uses_no_jax_is_though_jax_is_there():
    assert check(CASE, isolated("Healthy")).kind is Kind.CORRECT


PLAIN = (FILE.parent / "plain.py").read_text()
USES_JAX = {
    "at import": f"import jax\n{PLAIN}",
    "once a number is made": PLAIN.replace(
        "children=(), partials=()):\n", "children=(), partials=()):\n        import jax\n"
    ),
}


@pytest.fixture(params=[*USES_JAX, "through a module that is here", "by importlib"])
def on_threads(request, tmp_path):
    """The spec of an engine in a package, which imports JAX."""
    request.getfixturevalue("threads_are_here")
    package = tmp_path / f"package_of_{tmp_path.name}"  # each test has one of its own
    package.mkdir()
    (package / "__init__.py").touch()
    texts = {
        **USES_JAX,
        "through a module that is here": f"from {package.name}.core import Value\n",
        "by importlib": f"import importlib\njax = importlib.import_module('jax')\n{PLAIN}",
    }
    (package / "core.py").write_text(USES_JAX["at import"])
    (package / "theirs.py").write_text(texts[request.param])
    if request.param == "through a module that is here":
        request.getfixturevalue("monkeypatch").syspath_prepend(tmp_path)
        importlib.import_module(f"{package.name}.core")
    return f"{package / 'theirs.py'}:Value"


def test_what_uses_jax_is_not_forked_though_jax_is_there(on_threads):
    with pytest.raises(CannotIsolateError, match="jax cannot be forked"):
        load_isolated(on_threads)
    load_engine(on_threads)  # its module is imported from here on, and imports nothing again
    with pytest.raises(CannotIsolateError, match="jax cannot be forked"):
        load_isolated(on_threads)


def own_process(load, spec):
    load(spec)
    return os.getpid()


def test_work_is_done_here_if_its_engine_works_in_threads_that_are_here(on_threads):
    for _ in range(2):
        done_by = run_isolated(lambda load: own_process(load, on_threads), EngineLimits())
        assert done_by == os.getpid()


@pytest.mark.usefixtures("threads_are_here")
def test_work_with_another_engine_is_done_in_a_child():
    spec = f"{FILE.parent / 'plain.py'}:Value"
    assert run_isolated(lambda load: own_process(load, spec), EngineLimits()) != os.getpid()
