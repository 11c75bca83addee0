"""``repro.py`` for a case with steps, such as a second backward pass."""

from __future__ import annotations

from collections.abc import Sequence

from gradcheck.blame.cause import Cause
from gradcheck.engines.interface import Interface
from gradcheck.engines.lifecycle.objects import METHOD
from gradcheck.engines.options import split_place
from gradcheck.expression import Apply, Backward, Build, Expression, Repeat, Reset, ZeroGrad
from gradcheck.findings.script.engine_code import engine_code
from gradcheck.findings.script.engine_import import engine_import
from gradcheck.findings.script.faithful_range import faithful_range
from gradcheck.findings.script.limits import import_lines, memory_check
from gradcheck.lifecycle.verdict import (
    AccumulationVerdict,
    Change,
    LifecycleVerdict,
    UnchangedVerdict,
)
from gradcheck.notation import part_name
from gradcheck.oracles.certificate import Certified

_RUNS = 100


class StepsScript:
    """The blocks of a script, each a list of lines."""

    def __init__(self, verdict: LifecycleVerdict, interface: Interface) -> None:
        self.verdict, self.case = verdict, verdict.case
        self.code = engine_code(verdict.engine, interface, self.case)

    def blocks(self) -> list[list[str]]:
        """Return the script without its header."""
        fault = self.verdict.run.fault
        imports = [*import_lines(self.code.engine, fault), *self._module_import()]
        return [imports, *self._body(), memory_check(fault)]

    def _module_import(self) -> list[str]:
        """Return the import of the class of modules, if that is what has ``zero_grad``."""
        module = self.verdict.zero_grad_of
        if module is None or not any(isinstance(step, ZeroGrad) for step in self.case.steps):
            return []
        home, _, name = module.partition(":")
        if "." in home:
            return [f"from {home} import {name}"]
        return [engine_import(f"{split_place(self.verdict.engine)[0]}:{name}").lines[-1]]

    def _body(self) -> list[list[str]]:
        """Return the steps, with the check after them."""
        match self.verdict:
            case AccumulationVerdict(allowed=allowed) if allowed:
                return [self._steps(), self._allowed_ranges(self.verdict)]
            case UnchangedVerdict(check=Cause.UNCHANGED, change=Change(position)):
                return self._unchanged(position)
            case UnchangedVerdict():
                return self._same_bits()
            case _:  # the engine raises an error
                return [self._steps()]

    def _steps(self) -> list[str]:
        graph = self.case.expression
        point = zip(self.code.inputs, self.case.point, strict=True)
        lines = [f"{name} = {self.code.new(x)}" for name, x in point]
        lines += self._assignments(graph)
        for step in self.case.steps:
            match step:
                case Build(expression):
                    graph = expression
                    lines += self._assignments(graph)
                case Backward(position):
                    lines += self.code.backward(self._name(graph, position))
                case ZeroGrad(on):
                    lines += self._zero_grad(on)
                case Repeat():
                    pass  # see _same_bits
        return lines

    def _assignments(self, graph: Expression) -> list[str]:
        named = {step.position for step in self.case.steps if isinstance(step, Backward)}
        if isinstance(self.verdict, UnchangedVerdict) and self.verdict.change is not None:
            named.add(self.verdict.change.position)
        return self.code.statements(graph, named=named)

    def _name(self, graph: Expression, position: int) -> str:
        if position == graph.output:
            return "out"
        is_operation = isinstance(graph.nodes[position], Apply)
        return part_name(position, self.code.inputs) if is_operation else self.code.inputs[position]

    def _zero_grad(self, on: Reset) -> list[str]:
        module = self.verdict.zero_grad_of
        if module is not None:
            inputs = ", ".join(self.code.inputs)
            return [
                *("", "", f"class Inputs({module.partition(':')[2]}):"),
                *("    def parameters(self):", f"        return [{inputs}]", "", ""),
                f"Inputs().{METHOD}()",
            ]
        objects: Sequence[str] = self.code.inputs if on is Reset.INPUTS else ["out"]
        return [f"{name}.{METHOD}()" for name in objects]

    def _allowed_ranges(self, verdict: AccumulationVerdict) -> list[str]:
        lines = ["# The ranges that rounding allows, from SymPy and ball arithmetic:"]
        places = [self.code.gradient_number(name) for name in self.code.inputs]
        for policy, certificate in verdict.distinct_allowed.items():
            ranges = map(_range, places, certificate.adjoints[: len(places)])
            lines.append(f"{_identifier(policy)} = {' and '.join(ranges)}")
        got = ", ".join(f"{place} = {{{place}}}" for place in places)
        lines.append(f'assert {" or ".join(map(_identifier, verdict.distinct_allowed))}, f"{got}"')
        return lines

    def _unchanged(self, position: int) -> list[list[str]]:
        place = self.code.value(self._name(self.verdict.graph, position))
        done = self._steps()
        backward = len(self.code.backward())
        return [
            [*done[:-backward], f"before = float({place})", *done[-backward:]],
            [f'assert float({place}) == before, f"{{before}} was changed to {{{place}}}"'],
        ]

    def _same_bits(self) -> list[list[str]]:
        places = [self.code.value("out"), *map(self.code.gradient_number, self.code.inputs)]
        seen = ", ".join(f"float({place})" for place in places)
        return [
            ["", "def run():", *(f"    {line}" for line in self._steps()), f"    return {seen}"],
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
