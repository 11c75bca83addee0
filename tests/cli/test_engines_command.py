"""``engines`` says how an engine is driven, and ``--engine-option`` what it cannot find out."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ODD = """
class Odd:
    def __init__(self, x, operands=()):
        self.x, self.flow, self.operands = x, 0.0, operands

    def times(self, other):
        return Odd(self.x * other.x, [(self, other.x), (other, self.x)])

    def go(self):
        self.send(self.flow)

    def send(self, flow):
        for operand, partial in self.operands:
            operand.flow = partial * flow
            operand.send(partial * flow)


class Other(Odd):
    def backward(self):
        self.go()
"""
OPTIONS = [
    part
    for option in ("backward=go", "seed_output=yes", "operation.*=times")
    for part in ("--engine-option", option)
]


def table(text):
    rows = (line.split() for line in text.splitlines())
    return {row[0]: row[1:] for row in rows if row}


def test_what_was_found_is_said(command_line, variations):
    result = command_line("engines", "no_numbers_left.py", cwd=variations)
    assert result.returncode == 0
    assert result.stdout.splitlines()[0] == "no_numbers_left.py:Value"
    said = table(result.stdout)
    assert said["value"] == [".data"]
    assert said["backward"] == ["pass", "out.backward(),", "seeds", "the", "output", "itself"]
    assert said["Precision:"] == ["float64"]
    assert said["*"] == ["a*b", "no,", "as", "an", "object", "yes"]
    assert said["tanh"] == ["a.tanh()"]
    assert said["Checked:"] == ["+", "*", "tanh"]


def test_what_a_module_prints_while_it_is_imported_gets_into_no_output(
    command_line, variations, tmp_path
):
    words = ("fuzz", "--engine", "prints_and_trains.py", "--examples", "2", "--format", "json")
    result = command_line(*words, "--output", str(tmp_path), cwd=variations)
    assert result.returncode == 0, result.stderr
    assert all(line.startswith("{") for line in result.stdout.splitlines())
    assert "drawing with Agg" in result.stderr


def test_options_are_kept_with_a_finding(command_line, tmp_path):
    (tmp_path / "odd.py").write_text(ODD)
    engine = ("--engine", "odd.py:Odd", *OPTIONS)
    words = ("--examples", "5", "--max-ops", "2", "--seed", "1")
    assert command_line("fuzz", *engine, *words).returncode == 1
    [folder, *_] = sorted((tmp_path / "reports").glob("*/*"))
    result = command_line("replay", str(folder))
    assert (result.returncode, result.stdout[:11]) == (1, "STILL THERE")
    script = [sys.executable, folder / "repro.py"]
    shown = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert shown.stderr.splitlines()[-1].startswith("AssertionError: ")
    (tmp_path / "odd.py").write_text(ODD.replace("flow = partial", "flow += partial"))
    assert command_line("replay", str(folder)).stdout.startswith("FIXED")
    assert subprocess.run(script, cwd=tmp_path, check=False).returncode == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("engines", "two.py"), "two.py has several classes that can be an engine: Value, Scalar"),
        (("engines", "odd.py:Odd", "--engine-option", "back=go"), "there is no option 'back'"),
        (
            ("replay", "--engine-option", "backward=go"),
            "--engine-option, --operation and --ulps are for the engine of",
        ),
    ],
)
def test_a_mistake_is_one_clear_line(command_line, variations, tmp_path, words, message):
    for name in ("holds_value.py", "read_only.py"):
        shutil.copy(variations / name, tmp_path)
    (tmp_path / "odd.py").write_text(ODD)
    (tmp_path / "two.py").write_text(
        "from read_only import Value\nfrom holds_value import Scalar\n"
    )
    result = command_line(*words)
    assert result.returncode == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


FOUR_OPERANDS = Path(__file__).parents[1] / "engines" / "four_operands.py"


def test_an_operation_on_four_operands_is_shown_on_as_many(command_line):
    result = command_line("engines", f"{FOUR_OPERANDS}:Value")
    assert "a.dot(b, c, d)" in result.stdout


@pytest.mark.parametrize(
    ("formula", "engine", "operand"),
    [("dot(a, b, c, d)", "Wrong", "fourth"), ("five(a, b, c, d, e)", "WrongFifth", "fifth")],
)
def test_the_last_of_many_operands_is_blamed_by_its_number(command_line, formula, engine, operand):
    point = ("a=2", "b=3", "c=0.5", "d=-1", "e=4")[: formula.count(",") + 1]
    spec = f"{FOUR_OPERANDS}:{engine}"
    result = command_line("check", formula, *point, "--engine", spec)
    assert result.returncode == 1
    blamed = f"its derivative is wrong, with respect to its {operand} operand."
    assert blamed in result.stdout


@pytest.fixture
def package(tmp_path):
    """A package with classes in submodules that are not imported, because they cannot be."""
    sources = {
        "__init__": "",
        "numbers": "1 / 0\nclass Value:\n    def __add__(self, other): ...\n",
        "plot": "class Axes:\n    def show(self): ...\n",
        "broken": "class Broken(:\n",
        "test_numbers": "class Fake:\n    def __add__(self, other): ...\n",
        "deep/__init__": "",
        "deep/tensor": "class _Base:\n    __add__ = None\nclass Tensor(_Base):\n    __mul__ = 1\n",
    }
    for name, source in sources.items():
        file = tmp_path / "pack" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    return tmp_path / "pack"


FOUND = "pack.numbers:Value, pack.deep.tensor:Tensor\n"


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize("command", [("engines",), ("fuzz", "--engine")], ids=" ".join)
def test_where_a_package_has_no_engine_itself_those_of_its_submodules_are_named(
    command_line, command
):
    result = command_line(*command, "pack")
    assert result.returncode == 2
    assert result.stderr.startswith("Error: pack itself has no class of numbers with a backward")
    assert result.stderr.endswith(f"name one of these: {FOUND}")


@pytest.mark.usefixtures("package")
def test_a_class_that_lies_in_a_submodule_is_named_where_it_is(command_line):
    result = command_line("engines", "pack:Value")
    assert result.stderr.endswith(f"its submodules have: {FOUND}")


def test_a_package_whose_submodules_have_none_names_none(command_line, package):
    for file in ("numbers.py", "deep/tensor.py"):
        (package / file).unlink()
    result = command_line("engines", "pack")
    assert result.returncode == 2
    assert "submodules" not in result.stderr


def test_an_engine_of_the_package_itself_is_taken(command_line, package):
    shutil.copy(Path(__file__).parents[1] / "engines" / "plain.py", package / "__init__.py")
    result = command_line("engines", "pack")
    assert result.returncode == 0
    assert result.stdout.startswith("pack:Value\n")
