"""``repro.py`` for a case with steps, such as a second backward pass."""

from __future__ import annotations

from gradcheck.blame.cause import Cause
from gradcheck.engines.lifecycle.steps_code import StepsCode
from gradcheck.engines.options import split_place
from gradcheck.expression import ZeroGrad
from gradcheck.findings.script.engine_import import EngineImport, engine_import
from gradcheck.findings.script.faithful_range import faithful_range
from gradcheck.findings.script.limits import import_lines, memory_check
from gradcheck.lifecycle.verdict import (
    AccumulationVerdict,
    Change,
    LifecycleVerdict,
    UnchangedVerdict,
)
from gradcheck.oracles.certificate import Certified

_RUNS = 100


class StepsScript:
    """The blocks of a script, each a list of lines."""

    def __init__(self, verdict: LifecycleVerdict, code: StepsCode, engine: EngineImport) -> None:
        self.verdict, self.code, self.engine = verdict, code, engine

    def blocks(self) -> list[list[str]]:
        """Return the script without its header."""
        fault = self.verdict.run.fault
        imports = [*import_lines(self.engine, fault), *self._module_import()]
        return [imports, *self._body(), memory_check(fault)]

    def _module_import(self) -> list[str]:
        """Return the import of the class of modules, if that is what has ``zero_grad``."""
        module, steps = self.verdict.zero_grad_of, self.verdict.case.steps
        if module is None or not any(isinstance(step, ZeroGrad) for step in steps):
            return []
        home, _, name = module.partition(":")
        if "." in home:
            return [f"from {home} import {name}"]
        return [engine_import(f"{split_place(self.verdict.engine)[0]}:{name}").lines[-1]]

    def _body(self) -> list[list[str]]:
        """Return the steps, with the check after them."""
        match self.verdict:
            case AccumulationVerdict(allowed=allowed) if allowed:
                return [self._steps, self._allowed_ranges(self.verdict)]
            case UnchangedVerdict(check=Cause.UNCHANGED, change=Change()):
                return self._unchanged
            case UnchangedVerdict():
                return self._same_bits()
            case _:  # the engine raises an error
                return [self._steps]

    @property
    def _steps(self) -> list[str]:
        """All statements, from the inputs to the last step."""
        return [*self.code.begin, *(line for step in self.code.steps for line in step)]

    def _allowed_ranges(self, verdict: AccumulationVerdict) -> list[str]:
        lines = ["# The ranges that rounding allows, from SymPy and ball arithmetic:"]
        places = self.code.gradients
        for policy, certificate in verdict.distinct_allowed.items():
            ranges = map(_range, places, certificate.adjoints[: len(places)])
            lines.append(f"{_identifier(policy)} = {' and '.join(ranges)}")
        got = ", ".join(f"{place} = {{{place}}}" for place in places)
        lines.append(f'assert {" or ".join(map(_identifier, verdict.distinct_allowed))}, f"{got}"')
        return lines

    @property
    def _unchanged(self) -> list[list[str]]:
        place, last = self.code.changed, self.code.steps[-1]
        done = self._steps[: -len(last)]
        return [
            [*done, f"before = float({place})", *last],
            [f'assert float({place}) == before, f"{{before}} was changed to {{{place}}}"'],
        ]

    def _same_bits(self) -> list[list[str]]:
        places = (self.code.value, *self.code.gradients)
        seen = ", ".join(f"float({place})" for place in places)
        return [
            ["", "def run():", *(f"    {line}" for line in self._steps), f"    return {seen}"],
            [
                "",
                "# If additions change their order from run to run, the last digit may change.",
                f"results = {{run() for _ in range({_RUNS})}}",
                "assert len(results) == 1, results",
            ],
        ]


def _range(attribute: str, certified: Certified) -> str:
    limits = faithful_range(certified)
    assert limits is not None  # otherwise nothing would be proved
    low, high = limits
    return f"{attribute} == {low!r}" if low == high else f"{low!r} <= {attribute} <= {high!r}"


def _identifier(words: str) -> str:
    return words.replace(" ", "_")
