"""``repro.py`` of a check that is broken: plain Python against the engine alone."""

from __future__ import annotations

from collections.abc import Mapping

from gradcheck.engines.faults import Fault
from gradcheck.engines.isolation.isolated_engine import unwrapped
from gradcheck.engines.lifecycle.objects import ObjectLifecycle
from gradcheck.engines.lifecycle.protocol import Backward, Build, Reset, ZeroGrad
from gradcheck.engines.lifecycle.zero_grad import METHOD
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.options import split_place
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Apply, Expression
from gradcheck.findings.script.engine_import import engine_import
from gradcheck.findings.script.faithful_range import faithful_range
from gradcheck.findings.script.limits import import_lines, limit_options, memory_check
from gradcheck.findings.script.reproduction import (
    OWN_NAMES,
    identifiers,
    in_a_process_of_its_own,
    opening_lines,
)
from gradcheck.findings.script.wording import Wording, functions_of
from gradcheck.lifecycle.result import Broken, Changed, Differs, Raised, Result, WrongEnd
from gradcheck.lifecycle.words import sentence
from gradcheck.notation import part_name
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import Certified

_RUNS = 100


def reproduction(result: Result, engine: Engine) -> str:
    """A script that fails while the check is broken, to be run where gradcheck was run.

    An engine with an adapter of its own cannot be written down so: there gradcheck judges it again.
    ``ValueError`` for a result of which nothing is broken.
    """
    if result.broken is None:
        message = f"{result.check} is not broken"
        raise ValueError(message)
    blocks = [opening_lines([f"{result.check} is broken: {sentence(result)}"])]
    engine = unwrapped(engine)
    if type(engine) is ObjectEngine:  # one derived from it has an adapter of its own
        blocks += _Script(result.broken, ObjectLifecycle(engine)).blocks()
    else:
        blocks.append(_judging_again(engine.spec, _fault(result.broken)))
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


class _Script:
    """The parts of a script, each as a list of lines."""

    def __init__(self, broken: Broken, live: ObjectLifecycle) -> None:
        self.life, self.evidence, self.fault = broken.life, broken.evidence, _fault(broken)
        self.spec, self.module = live.engine.spec, live.module
        graphs = [step.expression for step in self.life.steps if isinstance(step, Build)]
        self.graph = graphs[0]
        interface = live.engine.interface
        operations = frozenset[Operation]().union(*(graph.operations for graph in graphs))
        self.engine = engine_import(self.spec, functions_of(interface, operations))
        self.words = Wording(interface, self.engine.name)
        taken = {*OWN_NAMES, *self.engine.names, "Inputs", "results", "run"}
        self.names = identifiers(self.graph.inputs, taken=taken)

    def blocks(self) -> list[list[str]]:
        """All of it."""
        imports = [*import_lines(self.engine, self.fault), *self._module_import()]
        blocks = [imports, *self._body(), memory_check(self.fault)]
        return in_a_process_of_its_own(blocks, self.fault)

    def _module_import(self) -> list[str]:
        """Where ``zero_grad`` is the method of a module, its class."""
        if self.module is None or not any(isinstance(s, ZeroGrad) for s in self.life.steps):
            return []
        home, name = self.module.__module__, self.module.__name__
        if "." in home:
            return [f"from {home} import {name}"]
        return [engine_import(f"{split_place(self.spec)[0]}:{name}").lines[-1]]

    def _body(self) -> list[list[str]]:
        """What is done, and what has to be true then."""
        match self.evidence:
            case WrongEnd(_, ends):
                return [self._steps(), self._right_end(ends)]
            case Raised():
                return [self._steps()]
            case Changed(position):
                return self._unchanged(position)
            case Differs():
                return self._same_bits()

    def _steps(self) -> list[str]:
        point = zip(self.names, self.life.point, strict=True)
        lines = [f"{name} = {self.words.made(x)}" for name, x in point]
        graph = self.graph
        for step in self.life.steps:
            match step:
                case Build(expression):
                    graph = expression
                    lines += self._assignments(graph)
                case Backward(position):
                    lines += self.words.backward(self._name(graph, position))
                case ZeroGrad(on):
                    lines += self._zero_grad(on)
        return lines

    def _assignments(self, graph: Expression) -> list[str]:
        named = {step.position for step in self.life.steps if isinstance(step, Backward)}
        if isinstance(self.evidence, Changed):
            named.add(self.evidence.position)
        return self.words.statements(graph, self.names, named=named)

    def _name(self, graph: Expression, position: int) -> str:
        if position == graph.output:
            return "out"
        is_operation = isinstance(graph.nodes[position], Apply)
        return part_name(position, self.names) if is_operation else self.names[position]

    def _zero_grad(self, on: Reset) -> list[str]:
        if self.module is not None:
            return [
                *("", "", f"class Inputs({self.module.__name__}):", "    def parameters(self):"),
                *(f"        return [{', '.join(self.names)}]", "", ""),
                f"Inputs().{METHOD}()",
            ]
        objects = self.names if on is Reset.INPUTS else ["out"]
        return [f"{name}.{METHOD}()" for name in objects]

    def _right_end(self, ends: Mapping[str, tuple[Certified, ...]]) -> list[str]:
        lines = ["# By SymPy and ball arithmetic, with all that rounding alone can do:"]
        for words, end in ends.items():
            ranges = map(_range, map(self.words.gradient_number, self.names), end)
            lines.append(f"{_as_name(words)} = {' and '.join(ranges)}")
        places = [self.words.gradient_number(name) for name in self.names]
        got = ", ".join(f"{place} = {{{place}}}" for place in places)
        lines.append(f'assert {" or ".join(map(_as_name, ends))}, f"{got}"')
        return lines

    def _unchanged(self, position: int) -> list[list[str]]:
        place = self.words.value(self._name(self.graph, position))
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


def _fault(broken: Broken) -> Fault | None:
    return broken.evidence.fault if isinstance(broken.evidence, Raised) else None


def _judging_again(spec: str, fault: Fault | None) -> list[str]:
    words = ["-m", "gradcheck", "fuzz", "--life", "--fail-fast", "--engine", spec]
    words += limit_options(fault)
    return [
        "import subprocess",
        "import sys",
        "",
        "# The engine has an adapter of its own, so gradcheck judges it once more.",
        f"sys.exit(subprocess.call([sys.executable, *{words!r}]))",
    ]


def _range(attribute: str, certified: Certified) -> str:
    limits = faithful_range(certified)
    assert limits is not None  # or nothing would be proved
    low, high = limits
    return f"{attribute} == {low!r}" if low == high else f"{low!r} <= {attribute} <= {high!r}"


def _as_name(words: str) -> str:
    return words.replace(" ", "_")
