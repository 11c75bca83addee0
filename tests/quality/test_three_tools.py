"""``replay``, pytest and ``repro.py`` give one answer for a finding, before and after the mend."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from gradcheck import ArrayCase, Case, array_case, parse
from gradcheck.checking import check_repeatedly
from gradcheck.engine.broken.array_bugs import BUGS as ARRAY_BUGS
from gradcheck.engine.broken.array_bugs import RIGHT as RIGHT_TENSOR
from gradcheck.engines.isolation.loading import load_isolated
from gradcheck.engines.loading import load_any_engine
from gradcheck.expression import Backward
from gradcheck.findings.store import save
from gradcheck.kind import FAIL_ON, Kind
from gradcheck.selftest.zoo import planted_bugs
from helpers.findings import finding_of
from helpers.processes import run_python

ENGINES = Path(__file__).parents[1] / "engines"

HEALTHY = "from gradcheck.engine import Value\n"
PLAIN = "from plain import Value\n"

SECONDS = 0.3
"""Time limit for one run, which a healthy engine needs a thousandth of."""

MEMORY = 100 * 2**20

UNDECIDED = Case(parse("s = a*b; s + s*-1.0"), (1e200, 1e200))
"""The value is NaN in a correct engine too."""

WITH_ROOT = """
import everything

class Value(everything.Value):
    def __pow__(self, exponent):
        partial = {partial} if self.data == 0.0 else exponent * self.data ** (exponent - 1)
        return self._made(self.data**exponent, (self,), (partial,))
"""

IMPRECISE = """
import plain

class Value(plain.Value):
    def __mul__(self, other):
        out = super().__mul__(other)
        out.data *= {of_value}
        out.partials = tuple(partial * {of_gradient} for partial in out.partials)
        return out
"""

RECURSES = """
import plain

class Value(plain.Value):
    def backward(self):
        if len([*self.order()]) > 100:
            raise RecursionError
        super().backward()
"""


@dataclass(frozen=True)
class Sample:
    """A finding: the text of the broken engine and of the mended one, and the case."""

    name: str
    broken: str
    mended: str
    case: Case | ArrayCase
    is_isolated: bool = False
    limits: dict[str, float] = field(default_factory=lambda: {"seconds": SECONDS})
    fail_on: tuple[Kind, ...] = ()

    @property
    def place(self):
        return f"engine_{self.name}.py"


def of_a_file(name, file, class_, case=None, mended=PLAIN, **others):
    case = case or Case(parse("a*b"), (3.0, 2.0))
    return Sample(name, f"from {file} import {class_} as Value\n", mended, case, **others)


def planted():
    """One planted bug for each cause."""
    of_cause = {bug.cause: bug for bug in reversed(planted_bugs())}
    for bug in of_cause.values():
        broken = f"from gradcheck.engine.broken import {bug.name} as Value\n"
        yield Sample(bug.name, broken, HEALTHY, bug.smallest)


def ending(name, class_, case=None, **others):
    mended = "from ending import Healthy as Value\n"
    return of_a_file(name, "ending", class_, case, mended, is_isolated=True, **others)


def tanh_of_tanh(times):
    return Case(parse("tanh(" * times + "a" + ")" * times), (0.5,))


def changed_tensor(name, right, wrong, case):
    """Return a sample of a right engine of arrays in which something is written otherwise."""
    alias = "\nValue = Tensor\n"
    return Sample(name, RIGHT_TENSOR.replace(right, wrong) + alias, RIGHT_TENSOR + alias, case)


def of_arrays(name, bug, case):
    """Return a sample of a bug of ``engine/broken/array_bugs.py``."""
    broken, mended = (
        f"{text}\nValue = Tensor\n" for text in (ARRAY_BUGS[bug].source, RIGHT_TENSOR)
    )
    return Sample(name, broken, mended, case)


SAMPLES = [
    *planted(),
    ending("ends_its_process", "Aborts"),
    ending("exits_at_once", "ExitsAtOnce"),
    ending("loops", "Loops"),
    ending("waits", "Waits"),
    ending("takes_memory", "TakesMuch", limits={"seconds": 10.0, "memory": MEMORY}),
    ending("ends_its_process_undecided", "Aborts", UNDECIDED),
    ending("loops_undecided", "Loops", UNDECIDED),
    *(
        of_a_file(name, "misbehaving", name)
        for name in (
            *("RaisesForward", "RaisesBackward", "Exits", "ReturnsNan", "NanValue", "NoGradient"),
            *("ReturnsText", "TextGradient", "ReturnsFloat", "MutatesInputs", "Recursive"),
        )
    ),
    of_a_file("no_gradient_undecided", "misbehaving", "NoGradient", UNDECIDED),
    of_a_file("rarely", "random_loss", "Rarely"),
    of_a_file("slope", "wrong_off_the_grid", "Value", Case(parse("a*b"), (1.0, 1.0))),
    of_a_file(
        "steps",
        "second_backward",
        "Value",
        Case(parse("a*a*a*a"), (3.0,), (Backward(3), Backward(3))),
        mended="from adds import Value\n",
    ),
    of_a_file(
        "kink",
        "edges",
        "Both",
        Case(parse("max(a, b)"), (1.0, 1.0)),
        mended="from edges import Halves as Value\n",
        fail_on=(Kind.NO_SUBGRADIENT,),
    ),
    Sample(
        "singular",
        WITH_ROOT.format(partial='float("inf")'),
        WITH_ROOT.format(partial=0.0),
        Case(parse("a*a**0.5"), (0.0,)),
        fail_on=(Kind.SINGULAR,),
    ),
    *(
        Sample(f"imprecise_{of}", text, PLAIN, Case(parse("a*b"), (3.0, 2.0)))
        for of, text in (
            ("value", IMPRECISE.format(of_value=1 + 1e-12, of_gradient=1.0)),
            ("gradient", IMPRECISE.format(of_value=1.0, of_gradient=1 + 1e-12)),
        )
    ),
    of_arrays("shape", "broadcasting is not summed back", array_case("x + y", x=[1.0], y=1.0)),
    of_arrays("index", "a repeated index is written over", array_case("x[[0, 0]]", x=[1.0])),
    of_arrays("mean", "the mean of one more", array_case("mean(x)", x=[[1.0, 2.0]])),
    changed_tensor(
        "overwrites",
        "np.maximum(self.data, 0.0), (self,)",
        "np.maximum(self.data, 0.0, out=self.data) + 0.0, (self,)",
        array_case("relu(x)", x=[-1.0, 2.0]),
    ),
    changed_tensor(
        "random_tensor",
        "1.0 - t * t",
        "1.0 - t * t * (np.random.random() > 0.5)",
        array_case("tanh(x)", x=[0.5, 1.0]),
    ),
    of_arrays(
        "stack",
        "stack takes back along the first axis",
        array_case("stack(x, y, axis=1)", x=[1.0, 2.0, 3.0], y=[4.0, 5.0, 6.0]),
    ),
    of_arrays(
        "tanh",
        "the derivative of tanh",
        array_case("tanh(x @ w)", x=[[1.0, 2.0]], w=[[0.1], [0.2]], weights=[[-1.5]]),
    ),
    Sample("depth", RECURSES, PLAIN, tanh_of_tanh(150), fail_on=(Kind.DEPTH_LIMIT,)),
]


def answers(folder):
    """Return the answers of the three tools for each sample, and what they wrote."""
    replayed = run_python("-m", "gradcheck", "replay", folder=folder).stdout
    words = ("-q", "-rA", "-p", "no:cacheprovider", "--tb=no", "--gradcheck-output", "tested")
    tested = run_python("-m", "pytest", *words, folder=folder).stdout
    found = {}
    for sample in SAMPLES:
        [line] = [line for line in replayed.splitlines() if f"/{sample.place}.Value/" in line]
        [test] = [line for line in tested.splitlines() if f" {sample.name}.gradcase.json::" in line]
        [script] = folder.glob(f"reports/{sample.place}.Value/*/repro.py")
        ran = run_python(script.relative_to(folder), folder=folder)
        said = (line.split("  ")[0], test.split()[0], "failed" if ran.returncode else "passed")
        found[sample.name] = said, f"{line}\n{test}\n{ran.stderr}"
    return found


def others(found, *expected):
    """Return the samples for which one of the tools says something else."""
    return {name: written for name, (said, written) in found.items() if said != expected}


def save_findings(folder):
    """Write a broken engine for each sample, save its finding, and return the kinds of all."""
    kinds = set()
    for sample in SAMPLES:
        (folder / sample.place).write_text(sample.broken)
        load = load_isolated if sample.is_isolated else load_any_engine
        engine = load(f"{sample.place}:Value", **sample.limits)
        verdict = check_repeatedly(sample.case, engine, times=500, fail_on=sample.fail_on)
        assert verdict.is_finding, verdict
        kinds.add(verdict.kind)
        saved = save(finding_of(verdict), Path("reports"))
        shutil.copy(saved / "case.json", folder / f"{sample.name}.gradcase.json")
    return kinds


# One test, because each tool takes all samples at once.
def test_the_tools_agree_on_every_kind_of_finding_before_the_mend_and_after_it(
    tmp_path, monkeypatch
):
    for file in (*ENGINES.glob("*.py"), *(ENGINES / "life").glob("*.py")):
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    every = {kind for kind in Kind if kind.is_finding or kind in FAIL_ON.values()}
    assert every - save_findings(tmp_path) == set()
    assert others(answers(tmp_path), "STILL THERE", "FAILED", "failed") == {}
    for sample in SAMPLES:
        (tmp_path / sample.place).write_text(sample.mended)
    assert others(answers(tmp_path), "FIXED", "PASSED", "passed") == {}
