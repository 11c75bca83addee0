"""``repro.py``: a bug in plain Python with the engine alone, as if written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from gradcheck.blame.cause import Cause
from gradcheck.engines.faults import Fault
from gradcheck.engines.interface import Interface
from gradcheck.engines.lifecycle.steps_code import StepsCode, steps_code
from gradcheck.engines.numbers import NotANumberError
from gradcheck.findings.script.checks import is_wrong_at_the_point, within
from gradcheck.findings.script.engine_import import EngineImport, engine_import, with_numpy
from gradcheck.findings.script.engine_writer import engine_writer
from gradcheck.findings.script.limits import import_lines, limit_options, memory_check
from gradcheck.findings.script.steps import StepsScript
from gradcheck.kind import Kind
from gradcheck.lifecycle.verdict import LifecycleVerdict
from gradcheck.nondeterminism import NondeterministicVerdict
from gradcheck.number_verdict import NumberVerdict
from gradcheck.oracles.slope import default_step, moved
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.array_checks.verdict import ArrayVerdict
    from gradcheck.checking import AnyVerdict

_LAST_LINE = 'print("finished")'

_NO_CODE = "This case cannot be written with the engine's own functions alone"
_AT_A_KINK = "At a kink more than one gradient is right in this case"
_ONLY_A_SLOPE = "Only a slope of the values shows what is wrong in this case"
"""Why a script calls ``gradcheck replay``, each half a sentence."""

_RUNS = 1000
"""Runs of a case whose numbers change.

A change in one run of a hundred stays unnoticed with a probability of 0.99**1000, or 0.00004.
"""


def reproduction(verdict: AnyVerdict) -> str:
    """Return a script that fails until the bug is fixed, to run in the folder where gradcheck ran.

    It compares each wrong number with the smallest and the largest that a faithful engine may
    return, so it fails if and only if the number is proved wrong. It sets the limit that an engine
    exceeded. Where the numbers change from run to run, it runs the case many times. For an engine
    with its own adapter, for a gradient that no choice of sides gives at a kink, and for arrays
    that are wrong in a slope only, the script calls ``gradcheck replay``, and says why.
    """
    if not isinstance(verdict, Verdict):
        return _of_arrays(verdict)
    if isinstance(verdict, LifecycleVerdict) and verdict.code is not None:
        engine = with_numpy(engine_import(verdict.engine, verdict.code.functions))
        return _of_steps(verdict, verdict.code, engine)
    interface = verdict.interface
    if interface is None:
        return _replay_script(verdict, _NO_CODE)
    if verdict.kind is Kind.NO_SUBGRADIENT:
        return _replay_script(verdict, _AT_A_KINK)
    match verdict:
        case LifecycleVerdict(case=case, zero_grad_of=module, changed_position=changed):
            writer = engine_writer(verdict.engine, interface, case)
            steps = steps_code(case, writer, zero_grad_of=module, changed=changed)
            return _of_steps(verdict, steps, writer.engine)
        case NondeterministicVerdict():
            # Without the blame, so that each number has the kind that it has in this run.
            blocks = _Script(replace(verdict, blame=None), interface).blocks()
        case _:
            blocks = _Script(verdict, interface).blocks()
    blocks = _in_child_process(blocks, verdict.run.fault)
    return _joined([_header(verdict), *blocks])


def _of_steps(verdict: LifecycleVerdict, code: StepsCode, engine: EngineImport) -> str:
    blocks = StepsScript(verdict, code, engine).blocks()
    return _joined([_header(verdict), *_in_child_process(blocks, verdict.run.fault)])


def _of_arrays(verdict: ArrayVerdict) -> str:
    from gradcheck.findings.script.array_script import (  # noqa: PLC0415 - needs NumPy
        array_blocks,
        array_imports,
    )

    if verdict.code is None:
        return _replay_script(verdict, _NO_CODE)
    imports = array_imports(verdict, verdict.code)
    if isinstance(verdict.elements, NondeterministicVerdict):
        # Without the blame, so that each number has the kind that it has in this run.
        in_this_run = replace(verdict, elements=replace(verdict.elements, blame=None))
        body = array_blocks(in_this_run, verdict.code)
        blocks = [["import random", *imports], _many_times(body)]
    else:
        body = array_blocks(verdict, verdict.code)
        blocks = _in_child_process([imports, *body], verdict.run.fault)
    return _joined([_header(verdict), *blocks]) if body else _replay_script(verdict, _ONLY_A_SLOPE)


class _Script:
    """The blocks of a script, each a list of lines."""

    def __init__(self, verdict: Verdict, interface: Interface) -> None:
        self.verdict, self.case = verdict, verdict.case
        self.writer = engine_writer(verdict.engine, interface, self.case)
        # The bug may show in the slope only, with every number at the point correct.
        self.shows_slopes = not any(map(is_wrong_at_the_point, verdict.number_verdicts))

    def blocks(self) -> list[list[str]]:
        """Return the script without its header."""
        fault = self.verdict.run.fault
        imports = import_lines(self.writer.engine, fault)
        body = [self._passes(), *self._checks()]
        if isinstance(self.verdict, NondeterministicVerdict):
            return [["import random", *imports], _many_times(body)]
        return [imports, *body, memory_check(fault)]

    def _passes(self) -> list[str]:
        """Return both passes, or if only a slope is wrong, a function for the forward pass."""
        statements = self.writer.statements(self.case.expression)
        if self.shows_slopes:
            *parts, result = statements
            return [
                f"def f({', '.join(self.writer.inputs)}):",
                *(f"    {part}" for part in parts),
                f"    return {result.removeprefix('out = ')}",
            ]
        compute = [*statements, *self.writer.backward()]
        numbers = list(zip(self.writer.inputs, self.case.point, strict=True))
        blame = self.verdict.blame
        if blame is None or blame.cause is not Cause.EARLIER_GRAPH:
            return [*(f"{name} = {self.writer.new(number)}" for name, number in numbers), *compute]
        return [
            *(f"{name} = {self.writer.new(number / 2.0)}" for name, number in numbers),
            *compute,
            "",
            "# The next step of a training loop: new numbers, and gradients set to zero.",
            *(self.writer.reset(name, number) for name, number in numbers),
            *compute,
        ]

    def _checks(self) -> Iterator[list[str]]:
        """Yield a check for every wrong number."""
        fault = self.verdict.run.fault
        if fault is not None:
            if fault.error == NotANumberError.__name__:
                gradients = map(self.writer.gradient_number, self.writer.inputs)
                places = [self.writer.value("out"), *gradients]
                # float() also accepts text, which is not a number.
                yield [f"assert float({place}) == {place}" for place in places]
            return
        value, *gradient = self.verdict.number_verdicts
        if value.kind is Kind.SINGULAR:
            yield _equal(self.writer.value("out"), value.true)
        elif is_wrong_at_the_point(value):
            yield within(self.writer.value("out"), value.backprop.certified)
        for index, (name, number) in enumerate(zip(self.writer.inputs, gradient, strict=True)):
            if is_wrong_at_the_point(number):
                yield self._gradient(index, name, number)
            elif number.kind.is_finding and self.shows_slopes:
                yield self._slope(index, number)

    def _gradient(self, index: int, name: str, judged: NumberVerdict) -> list[str]:
        if judged.kind is Kind.MISSING_GRADIENT:
            return [
                f"# out depends on {name}: the derivative is {judged.backprop.true!r}.",
                f'assert {self.writer.gradient(name)} is not None, "{name} got no gradient"',
            ]
        if judged.kind is Kind.MUTATED_INPUT:
            number, place = self.case.point[index], self.writer.value(name)
            return [
                "# An input must keep the number that it was created with.",
                f'assert float({place}) == {number!r}, f"{name} was changed to {{{place}}}"',
            ]
        if judged.kind is Kind.SINGULAR:
            return _equal(self.writer.gradient_number(name), judged.true)
        return within(self.writer.gradient_number(name), judged.backprop.certified)

    def _slope(self, index: int, judged: NumberVerdict) -> list[str]:
        """Return a check of a slope, computed from two values of the function."""
        precision = judged.backprop.certified.precision
        step = default_step(self.case.point[index], precision)
        moved_case = moved(self.case, index, step, precision)
        assert moved_case is not None  # otherwise there would be no slope
        assert judged.slope is not None
        value, moved_value = (
            f"float({self.writer.value(f'f({inputs})')})"
            for case in (self.case, moved_case)
            for inputs in [", ".join(map(self.writer.new, case.point))]
        )
        return [
            f"slope = ({moved_value} - {value}) / {step!r}",
            *within("slope", judged.slope.certified, cause="rounding and the step"),
        ]


def _equal(place: str, true: float) -> list[str]:
    """Return a check of a number at a singular point."""
    return [
        f"# The chain rule has no number here; that of the whole formula is {true!r}.",
        f'assert float({place}) == {true!r}, f"{place} is {{{place}}}, not {true!r}"',
    ]


def _header(verdict: AnyVerdict) -> list[str]:
    """Return comments on what is wrong and how to run the script."""
    found = f"Found by gradcheck {version('gradcheck')}."
    how = "Run this in the folder where gradcheck ran. It fails until the bug is fixed."
    return [f"# {' '.join(line.split())}" for line in (*verdict.conclusion, found, how)]


def _in_child_process(blocks: Sequence[list[str]], fault: Fault | None) -> list[list[str]]:
    """Return blocks that run the given ones in a child process if the engine ends its process.

    An engine may end its process with any exit code, so the check is for the last line printed.
    """
    if fault is None or not fault.ends_process:
        return list(blocks)
    return [
        ["import subprocess", "import sys"],
        [
            "# The engine ends its process, so this runs it in a child process.",
            f'SCRIPT = r"""\n{_joined([*blocks, [_LAST_LINE]])}"""',
            'done = subprocess.run([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE)',
            'how = f"the engine ended its process with exit code {done.returncode}"',
            'assert done.stdout.endswith(b"finished\\n"), how',
        ],
    ]


def _many_times(blocks: Iterable[list[str]]) -> list[str]:
    """Return a loop over blocks, for numbers that change from run to run."""
    lines = [line for block in blocks for line in ("", *block)][1:]
    return [
        "# The numbers change from run to run, so the case is run many times. The blocks of memory",
        "# give the objects other addresses, which decide the order of a set.",
        f"for _ in range({_RUNS}):",
        "    blocks = [bytes(random.randrange(500)) for _ in range(100)]",
        *(f"    {line}" if line else "" for line in lines),
    ]


def _joined(blocks: Iterable[list[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _replay_script(verdict: AnyVerdict, reason: str) -> str:
    """Return a script that has gradcheck judge the case, and says why."""
    words = ["-m", "gradcheck", "replay", *limit_options(verdict.run.fault)]
    lines = [
        "import subprocess",
        "import sys",
        "from pathlib import Path",
        "",
        f"# {reason}, so gradcheck itself judges it.",
        f"replay = [sys.executable, {', '.join(map(repr, words))}, Path(__file__).parent]",
        "sys.exit(subprocess.call(replay))",
    ]
    return _joined([_header(verdict), lines])
