"""``repro.py``: a finding in plain Python against the engine alone, as if written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version

from gradcheck.blame.cause import Cause
from gradcheck.comparison import Comparison
from gradcheck.engines.faults import Fault
from gradcheck.engines.interface import Interface
from gradcheck.engines.numbers import NotANumberError
from gradcheck.findings.script.engine_import import engine_import
from gradcheck.findings.script.faithful_range import faithful_range
from gradcheck.findings.script.limits import import_lines, limit_options, memory_check
from gradcheck.findings.script.names import OWN_NAMES, identifiers
from gradcheck.findings.script.steps import StepsScript
from gradcheck.findings.script.wording import Wording, functions_of
from gradcheck.kind import Kind
from gradcheck.lifecycle.verdict import LifecycleVerdict
from gradcheck.number_verdict import NumberVerdict
from gradcheck.oracles.certificate import Certified
from gradcheck.oracles.slope import default_step, moved
from gradcheck.verdict import Verdict

_THE_END = 'print("came to its end")'

_BESIDE_NUMBERS = (
    *(Kind.MISSING_GRADIENT, Kind.MUTATED_INPUT),
    *(Kind.CRASH, Kind.HANG, Kind.MEMORY),
)
"""What can be wrong at a point though there is no wrong number."""


def reproduction(verdict: Verdict) -> str:
    """A script that fails while the bug is there, and passes when it is mended.

    It is run in the folder that gradcheck was run in. The true numbers stand in it as literals,
    with the least and the largest that a faithful engine may return, so that it fails exactly where
    the proof does, and so does what an engine may take that took more. One with an adapter of its
    own cannot be written down so: there the script has gradcheck judge the case beside it.
    """
    if verdict.interface is None:
        return _replaying(verdict)
    if isinstance(verdict, LifecycleVerdict):
        blocks = StepsScript(verdict, verdict.interface).blocks()
    else:
        blocks = _Script(verdict, verdict.interface).blocks()
    blocks = _in_a_process_of_its_own(blocks, verdict.run.fault)
    return _joined([_opening_lines(verdict), *blocks])


class _Script:
    """The parts of a script, each as a list of lines."""

    def __init__(self, verdict: Verdict, interface: Interface) -> None:
        self.verdict = verdict
        self.case = verdict.case
        functions = functions_of(interface, self.case.expression.operations)
        self.engine = engine_import(verdict.engine, functions)
        self.words = Wording(interface, self.engine.name)
        taken = {*OWN_NAMES, *self.engine.names}
        self.names = identifiers(self.case.expression.inputs, taken=taken)
        # Every number at the point itself may be right, and only the slope from there be wrong.
        self.shows_slopes = not any(map(_is_wrong_at_the_point, verdict.number_verdicts))

    def blocks(self) -> list[list[str]]:
        """All of it but for the opening lines."""
        end = memory_check(self.verdict.run.fault)
        return [self.imports(), self.steps(), *self.checks(), end]

    def imports(self) -> list[str]:
        """The engine, and what stops it if need be."""
        return import_lines(self.engine, self.verdict.run.fault)

    def steps(self) -> list[str]:
        """The case, forward and backward; or as a function, where the slope is what is wrong."""
        statements = self.words.statements(self.case.expression, self.names)
        if self.shows_slopes:
            *parts, result = statements
            return [
                f"def f({', '.join(self.names)}):",
                *(f"    {part}" for part in parts),
                f"    return {result.removeprefix('out = ')}",
            ]
        compute = [*statements, *self.words.backward()]
        numbers = list(zip(self.names, self.case.point, strict=True))
        blame = self.verdict.blame
        if blame is None or blame.cause is not Cause.EARLIER_GRAPH:
            return [*(f"{name} = {self.words.made(number)}" for name, number in numbers), *compute]
        return [
            *(f"{name} = {self.words.made(number / 2.0)}" for name, number in numbers),
            *compute,
            "",
            "# The next step of a training loop: other numbers, gradients cleared.",
            *(self.words.anew(name, number) for name, number in numbers),
            *compute,
        ]

    def checks(self) -> Iterator[list[str]]:
        """For every number that is wrong, what it should be."""
        fault = self.verdict.run.fault
        if fault is not None:
            if fault.error == NotANumberError.__name__:
                gradients = map(self.words.gradient_number, self.names)
                places = [self.words.value("out"), *gradients]
                # Text that can be read as a number is none.
                yield [f"assert float({place}) == {place}" for place in places]
            return
        value, *gradient = self.verdict.number_verdicts
        if _is_wrong_at_the_point(value):
            yield _within(self.words.value("out"), value.backprop.certified)
        for index, (name, number) in enumerate(zip(self.names, gradient, strict=True)):
            if _is_wrong_at_the_point(number):
                yield self._gradient(index, name, number)
            elif number.kind.is_finding and self.shows_slopes:
                yield self._slope(index, number)

    def _gradient(self, index: int, name: str, judged: NumberVerdict) -> list[str]:
        if judged.kind is Kind.MISSING_GRADIENT:
            return [
                f"# out depends on {name}: the derivative is {judged.backprop.true!r}.",
                f'assert {self.words.gradient(name)} is not None, "{name} got no gradient"',
            ]
        if judged.kind is Kind.MUTATED_INPUT:
            number, place = self.case.point[index], self.words.value(name)
            return [
                "# The number that it was made with.",
                f'assert float({place}) == {number!r}, f"{name} was changed to {{{place}}}"',
            ]
        return _within(self.words.gradient_number(name), judged.backprop.certified)

    def _slope(self, index: int, judged: NumberVerdict) -> list[str]:
        """The slope by one input, from two values of the function."""
        precision = judged.backprop.certified.precision
        step = default_step(self.case.point[index], precision)
        there = moved(self.case, index, step, precision)
        assert there is not None  # or there would be no slope
        assert judged.slope is not None
        here, beyond = (
            f"float({self.words.value(f'f({inputs})')})"
            for case in (self.case, there)
            for inputs in [", ".join(map(self.words.made, case.point))]
        )
        slope = f"slope = ({beyond} - {here}) / {step!r}"
        return [slope, *_within("slope", judged.slope.certified, moved_by="Rounding and the step")]


def _is_wrong_at_the_point(number: NumberVerdict) -> bool:
    """Whether a number is wrong, and not only the slope beside it."""
    return number.kind in _BESIDE_NUMBERS or number.backprop.agrees is False


def _within(place: str, certified: Certified, *, moved_by: str = "Rounding") -> list[str]:
    """The range of what a faithful engine may return, and where it comes from."""
    limits = faithful_range(certified)
    assert limits is not None  # or nothing would be proved
    low, high = limits
    true = Comparison(None, certified).true
    number = place if place.isidentifier() else f"float({place})"
    source = f"# True: {true!r}, by SymPy and ball arithmetic. {moved_by}"
    message = f'f"{place} is {{{place}}}, not {true!r}"'
    if low == high:
        return [f"{source} changes nothing here.", f"assert {number} == {low!r}, {message}"]
    return [
        f"{source} alone moves it no further than:",
        f"assert {low!r} <= {number} <= {high!r}, {message}",
    ]


def _opening_lines(verdict: Verdict) -> list[str]:
    """What is wrong, and how to run a script that shows it, as comments."""
    found = f"Found by gradcheck {version('gradcheck')}."
    how = "Run it in the folder that gradcheck was run in: it fails while the bug is there."
    return [f"# {' '.join(line.split())}" for line in (*verdict.conclusion, found, how)]


def _in_a_process_of_its_own(blocks: Sequence[list[str]], fault: Fault | None) -> list[list[str]]:
    """The parts of a script as those of another one, where they end the process that they are in.

    Its exit code tells nothing, as an engine may end its process with any.
    """
    if fault is None or not fault.ends_process:
        return list(blocks)
    return [
        ["import subprocess", "import sys"],
        [
            "# It ends the process that it is in, so that is one of its own.",
            f'SCRIPT = r"""\n{_joined([*blocks, [_THE_END]])}"""',
            'done = subprocess.run([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE)',
            'how = f"it ended its process, with exit code {done.returncode}"',
            'assert done.stdout.endswith(b"came to its end\\n"), how',
        ],
    ]


def _joined(blocks: Iterable[list[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _replaying(verdict: Verdict) -> str:
    words = ["-m", "gradcheck", "replay", *limit_options(verdict.run.fault)]
    lines = [
        "import subprocess",
        "import sys",
        "from pathlib import Path",
        "",
        "# The engine has an adapter of its own, so gradcheck judges the case beside this file.",
        f"replay = [sys.executable, {', '.join(map(repr, words))}, Path(__file__).parent]",
        "sys.exit(subprocess.call(replay))",
    ]
    return _joined([_opening_lines(verdict), lines])
