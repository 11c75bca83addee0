"""``repro.py`` of a case with steps: plain Python against the engine alone."""

from __future__ import annotations

from collections.abc import Sequence

from gradcheck.blame.cause import Cause
from gradcheck.engines.interface import Interface
from gradcheck.engines.lifecycle.objects import METHOD
from gradcheck.engines.options import split_place
from gradcheck.expression import Apply, Backward, Build, Expression, Repeat, Reset, ZeroGrad
from gradcheck.findings.script.engine_import import engine_import
from gradcheck.findings.script.faithful_range import faithful_range
from gradcheck.findings.script.limits import import_lines, memory_check
from gradcheck.findings.script.names import OWN_NAMES, identifiers
from gradcheck.findings.script.wording import Wording, functions_of
from gradcheck.lifecycle.verdict import AgainVerdict, Change, EndsVerdict, LifecycleVerdict
from gradcheck.notation import part_name
from gradcheck.oracles.certificate import Certified

_RUNS = 100


class StepsScript:
    """The parts of a script, each as a list of lines."""

    def __init__(self, verdict: LifecycleVerdict, interface: Interface) -> None:
        self.verdict, self.case = verdict, verdict.case
        functions = functions_of(interface, self.case.operations)
        self.engine = engine_import(verdict.engine, functions)
        self.words = Wording(interface, self.engine.name)
        taken = {*OWN_NAMES, *self.engine.names, "Inputs", "results", "run"}
        self.names = identifiers(self.case.expression.inputs, taken=taken)

    def blocks(self) -> list[list[str]]:
        """All of it but for the opening lines."""
        fault = self.verdict.run.fault
        imports = [*import_lines(self.engine, fault), *self._module_import()]
        return [imports, *self._body(), memory_check(fault)]

    def _module_import(self) -> list[str]:
        """Where ``zero_grad`` is the method of a module, its class."""
        module = self.verdict.zero_grad_of
        if module is None or not any(isinstance(step, ZeroGrad) for step in self.case.steps):
            return []
        home, _, name = module.partition(":")
        if "." in home:
            return [f"from {home} import {name}"]
        return [engine_import(f"{split_place(self.verdict.engine)[0]}:{name}").lines[-1]]

    def _body(self) -> list[list[str]]:
        """What is done, and what has to be true then."""
        match self.verdict:
            case EndsVerdict(ends=ends) if ends:
                return [self._steps(), self._right_end(self.verdict)]
            case AgainVerdict(check=Cause.UNCHANGED, change=Change(position)):
                return self._unchanged(position)
            case AgainVerdict():
                return self._same_bits()
            case _:  # the engine raises an error
                return [self._steps()]

    def _steps(self) -> list[str]:
        graph = self.case.expression
        point = zip(self.names, self.case.point, strict=True)
        lines = [f"{name} = {self.words.made(x)}" for name, x in point]
        lines += self._assignments(graph)
        for step in self.case.steps:
            match step:
                case Build(expression):
                    graph = expression
                    lines += self._assignments(graph)
                case Backward(position):
                    lines += self.words.backward(self._name(graph, position))
                case ZeroGrad(on):
                    lines += self._zero_grad(on)
                case Repeat():
                    pass  # see _same_bits
        return lines

    def _assignments(self, graph: Expression) -> list[str]:
        named = {step.position for step in self.case.steps if isinstance(step, Backward)}
        if isinstance(self.verdict, AgainVerdict) and self.verdict.change is not None:
            named.add(self.verdict.change.position)
        return self.words.statements(graph, self.names, named=named)

    def _name(self, graph: Expression, position: int) -> str:
        if position == graph.output:
            return "out"
        is_operation = isinstance(graph.nodes[position], Apply)
        return part_name(position, self.names) if is_operation else self.names[position]

    def _zero_grad(self, on: Reset) -> list[str]:
        module = self.verdict.zero_grad_of
        if module is not None:
            return [
                *("", "", f"class Inputs({module.partition(':')[2]}):"),
                *("    def parameters(self):", f"        return [{', '.join(self.names)}]", "", ""),
                f"Inputs().{METHOD}()",
            ]
        objects: Sequence[str] = self.names if on is Reset.INPUTS else ["out"]
        return [f"{name}.{METHOD}()" for name in objects]

    def _right_end(self, verdict: EndsVerdict) -> list[str]:
        lines = ["# By SymPy and ball arithmetic, with all that rounding alone can do:"]
        places = [self.words.gradient_number(name) for name in self.names]
        for words, end in verdict.distinct_ends.items():
            ranges = map(_range, places, end.adjoints[: len(places)])
            lines.append(f"{_as_name(words)} = {' and '.join(ranges)}")
        got = ", ".join(f"{place} = {{{place}}}" for place in places)
        lines.append(f'assert {" or ".join(map(_as_name, verdict.distinct_ends))}, f"{got}"')
        return lines

    def _unchanged(self, position: int) -> list[list[str]]:
        place = self.words.value(self._name(self.verdict.graph, position))
        done = self._steps()
        backward = len(self.words.backward())
        return [
            [*done[:-backward], f"before = float({place})", *done[-backward:]],
            [f'assert float({place}) == before, f"{{before}} was changed to {{{place}}}"'],
        ]

    def _same_bits(self) -> list[list[str]]:
        places = [self.words.value("out"), *map(self.words.gradient_number, self.names)]
        seen = ", ".join(f"float({place})" for place in places)
        return [
            ["", "def run():", *(f"    {line}" for line in self._steps()), f"    return {seen}"],
            [
                "",
                "# The order of additions may differ from run to run, and with it the last digit.",
                f"results = {{run() for _ in range({_RUNS})}}",
                "assert len(results) == 1, results",
            ],
        ]


def _range(attribute: str, certified: Certified) -> str:
    limits = faithful_range(certified)
    assert limits is not None  # or nothing would be proved
    low, high = limits
    return f"{attribute} == {low!r}" if low == high else f"{low!r} <= {attribute} <= {high!r}"


def _as_name(words: str) -> str:
    return words.replace(" ", "_")
