"""Operations of one's own work wherever the built-in ones do."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ENGINES = Path(__file__).parents[1] / "engines"

ROW = """
from gradcheck import Operation, register_operation

register_operation(Operation("cube", definition=lambda x: x**3))
"""
FUNCTION = """

def cube(x):
    return x * x * x
"""
ENGINE = """
import plain


class Value(plain.Value):
    def cube(self):
        return type(self)(self.data**3, (self,), (2.0 * self.data**2,))
"""
MENDED = ENGINE.replace("2.0", "3.0")
CONFIGURATION = '[tool.gradcheck]\noperations = ["my_ops.py"]\n'
FUZZ = ("fuzz", "--engine", "mine.py:Value", "--ops", "* cube", "--examples", "20", "--seed", "1")


@pytest.fixture
def folder(tmp_path):
    """A folder with a module that registers an operation, and an engine that gets it wrong."""
    shutil.copy(ENGINES / "plain.py", tmp_path)
    (tmp_path / "my_ops.py").write_text(ROW + FUNCTION)
    (tmp_path / "mine.py").write_text(ENGINE)
    return tmp_path


@pytest.fixture(params=["--operations FILE", "--operations MODULE", "pyproject.toml"])
def named(request, folder):
    """The words of a command that name the module, in each of the ways to do so."""
    if request.param == "pyproject.toml":
        (folder / "pyproject.toml").write_text(CONFIGURATION)
        return ()
    return "--operations", "my_ops.py" if "FILE" in request.param else "my_ops"


@pytest.fixture
def finding(command_line, folder):
    """The folder of a finding whose case has the operation."""
    assert command_line(*FUZZ, "--operations", "my_ops.py").returncode == 1
    [case] = folder.glob("reports/*/wrong-partial-of-cube-*/case.json")
    return case.parent


CHECK = ("check", "cube(a*b)", "a=2", "b=3", "--engine", "mine.py:Value")


def test_an_operation_is_known_once_its_module_is_named(command_line, folder, named):
    result = command_line(*CHECK, *named)
    assert (result.returncode, result.stderr) == (1, "")
    assert "At fault is cube: its derivative is wrong" in result.stdout
    (folder / "mine.py").write_text(MENDED)
    assert command_line(*CHECK, *named).returncode == 0


@pytest.mark.usefixtures("folder")
def test_an_operation_whose_module_is_not_named_is_one_line(command_line):
    result = command_line(*CHECK)
    assert result.returncode == 2
    assert "cube" in result.stderr
    assert result.stderr.count("\n") == 1


def test_engines_lists_an_operation_that_the_engine_has(command_line, named):
    assert "a.cube()" in command_line("engines", "mine.py:Value", *named).stdout
    assert "cube" not in command_line("engines", "plain.py:Value", *named).stdout


@pytest.mark.parametrize("workers", ["1", "2"])
def test_every_process_of_a_long_run_has_it(command_line, folder, named, workers):
    result = command_line(*FUZZ, *named, "--workers", workers)
    assert (result.returncode, result.stderr) == (1, "")
    assert "Finding: wrong-partial-of-cube" in result.stdout
    (folder / "mine.py").write_text(MENDED)
    assert command_line(*FUZZ, *named, "--workers", workers, "--output", "new").returncode == 0


def test_a_run_that_goes_on_has_it_too(command_line, named):
    rounds = (*FUZZ[:5], "--rounds", "0:2", "--seed", "1", *named)
    assert command_line(*rounds).returncode == 1
    result = command_line("fuzz", "--resume", "reports")
    assert (result.returncode, result.stderr) == (1, "")


def test_a_finding_is_judged_again_from_what_its_case_file_names(command_line, finding, folder):
    result = command_line("replay", str(finding))
    assert (result.returncode, result.stdout[:11]) == (1, "STILL THERE")
    (folder / "mine.py").write_text(MENDED)
    result = command_line("replay", str(finding))
    assert (result.returncode, result.stdout[:5]) == (0, "FIXED")


def test_a_case_file_names_the_module_even_where_the_engine_does_not(command_line, folder):
    (folder / "pyproject.toml").write_text(CONFIGURATION)
    assert command_line(*FUZZ).returncode == 1
    (folder / "pyproject.toml").unlink()
    assert command_line("replay").returncode == 1
    (folder / "mine.py").write_text(MENDED)
    assert command_line("replay").returncode == 0


def test_an_engine_s_own_module_may_register_it(command_line, folder):
    (folder / "mine.py").write_text(ROW + ENGINE)
    (folder / "my_ops.py").unlink()
    assert command_line(*FUZZ).returncode == 1
    assert command_line("replay").returncode == 1
    (folder / "mine.py").write_text(ROW + MENDED)
    assert command_line("replay").returncode == 0


def test_a_finding_is_shown_without_any_code(command_line, finding, folder):
    for name in ("my_ops.py", "mine.py", "plain.py"):
        (folder / name).unlink()
    result = command_line("show", str(finding))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("cube(a)\n")
    assert command_line("report").returncode == 0
    page = (folder / "reports" / "index.html").read_text()
    assert "cube(a)" in page
    assert "cannot read" not in page


def test_the_script_of_a_finding_tells_when_it_is_mended(finding, folder):
    def run():
        words = [sys.executable, str(finding / "repro.py")]
        return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)

    assert run().stderr.splitlines()[-1].startswith("AssertionError: a.grad is ")
    (folder / "mine.py").write_text(MENDED)
    assert (run().returncode, run().stderr) == (0, "")


def edited(finding, **changes):
    path = finding / "case.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_module_that_is_gone_is_named(command_line, finding, folder):
    (folder / "my_ops.py").unlink()
    result = command_line("replay", str(finding))
    assert result.returncode == 2
    assert result.stdout.startswith("CANNOT RUN")
    assert "operations of my_ops.py: there is no file " in result.stdout
    assert result.stdout.count("\n") == 2


OUTSIDE = ROW + "\nopen('was_run', 'w').close()\n"


@pytest.mark.parametrize("place", ["operations", "engine"])
def test_a_module_outside_of_the_folder_is_run_only_if_it_is_given(
    command_line, finding, folder, tmp_path_factory, place
):
    outside = tmp_path_factory.mktemp("outside") / "theirs.py"
    outside.write_text(OUTSIDE)
    engine = f"mine.py:Value[operations={outside}]" if place == "engine" else "mine.py:Value"
    edited(finding, engine=engine, operations={"cube": str(outside)})
    result = command_line("replay", str(finding))
    assert result.stdout.startswith("CANNOT RUN")
    assert "theirs.py" in result.stdout
    assert "outside this folder; if you trust it, use --" in result.stdout
    assert not (folder / "was_run").exists()
    given = {"operations": (), "engine": ("--engine", "mine.py:Value")}[place]
    result = command_line("replay", str(finding), "--operations", str(outside), *given)
    assert result.stdout.startswith("STILL THERE")
    assert (folder / "was_run").exists()


def test_a_function_outside_of_the_folder_is_not_run_either(
    command_line, finding, folder, tmp_path_factory
):
    outside = tmp_path_factory.mktemp("outside") / "theirs.py"
    outside.write_text(OUTSIDE + FUNCTION)
    edited(finding, engine=f"mine.py:Value[operation.cube={outside}:cube]")
    assert "outside this folder" in command_line("replay", str(finding)).stdout
    assert not (folder / "was_run").exists()


def test_a_file_from_before_places_were_saved_asks_for_the_module(command_line, finding):
    data = json.loads((finding / "case.json").read_text())
    del data["operations"]
    (finding / "case.json").write_text(json.dumps({**data, "engine": "mine.py:Value"}))
    result = command_line("replay", str(finding))
    assert result.stdout.startswith("CANNOT RUN")
    line, _ = result.stdout.splitlines()
    assert line.endswith("name the module that registers it: --operations MODULE")
    result = command_line("replay", str(finding), "--operations", "my_ops.py")
    assert result.stdout.startswith("STILL THERE")


AUTOGRAD = """
from autograd.extend import defvjp, primitive

cube = primitive(cube)
defvjp(cube, lambda answer, x: lambda above: above * 2.0 * x * x)
"""

LIBRARIES = ["autograd", "casadi", "jax", "mygrad", "tensorflow", "torch"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_gets_one_without_a_module_of_its_own(command_line, library):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    words = ("--engine", library, "--operation", "cube=my_ops:cube")
    result = command_line("check", "cube(a*b)", "a=2", "b=3", *words)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    listed = command_line("engines", library, *words[2:]).stdout
    assert listed.split()[-1] == "cube"
    assert command_line("check", "cube(a)", "a=2", "--engine", library).returncode == 2


def test_a_wrong_one_in_a_library_is_found_saved_and_judged_again(command_line, folder):
    pytest.importorskip("autograd", reason="autograd is not installed")
    (folder / "my_ops.py").write_text(ROW + FUNCTION + AUTOGRAD)
    words = ("--engine", "autograd", "--operation", "cube=my_ops.py:cube", *FUZZ[3:])
    assert "Finding: wrong-partial-of-cube" in command_line("fuzz", *words).stdout
    assert command_line("replay").returncode == 1
    [script] = folder.glob("reports/*/*/repro.py")
    assert subprocess.run([sys.executable, script], cwd=folder, check=False).returncode == 1
    (folder / "my_ops.py").write_text(ROW + FUNCTION + AUTOGRAD.replace("2.0", "3.0"))
    assert command_line("replay").returncode == 0
    assert subprocess.run([sys.executable, script], cwd=folder, check=False).returncode == 0


CUBED = """

def cubed(x):
    return type(x)(x.data**3, (x,), (2.0 * x.data**2,))
"""


def test_a_function_for_objects_is_part_of_the_script(command_line, folder):
    (folder / "sub").mkdir()
    file = folder / "sub" / "functions.py"
    file.write_text(ROW + CUBED)
    words = ("--engine", "plain.py:Value", "--operation", "cube=sub/functions.py:cubed")
    assert command_line("fuzz", *words, *FUZZ[3:]).returncode == 1
    [script] = folder.glob("reports/*/wrong-partial-of-cube-*/repro.py")
    assert "\nout = cubed(a)\n" in script.read_text()
    for code in (1, 0):
        assert subprocess.run([sys.executable, script], cwd=folder, check=False).returncode == code
        assert command_line("replay", str(script.parent)).returncode == code
        file.write_text(ROW + CUBED.replace("2.0", "3.0"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "operations of theirs.py: there is no file "),
        ("1 / 0\n", "operations of theirs.py: importing "),
        ("", "operations of theirs.py: it registers none; call register_operation in it"),
        (
            'from gradcheck import *\nregister_operation(Operation("tanh", abs))\n',
            "raised ValueError: 'tanh' is taken; choose another name",
        ),
    ],
    ids=["missing", "raises", "registers nothing", "taken"],
)
@pytest.mark.parametrize("how", ["--operations", "pyproject.toml"])
def test_a_module_that_registers_nothing_is_one_line(command_line, folder, source, message, how):
    if source is not None:
        (folder / "theirs.py").write_text(source)
    words = ("--operations", "theirs.py")
    if how == "pyproject.toml":
        (folder / how).write_text(CONFIGURATION.replace("my_ops.py", "theirs.py"))
        words = ()
    result = command_line(*CHECK, *words)
    assert result.returncode == 2
    assert message in result.stderr
    assert (how in result.stderr) is (how == "pyproject.toml")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.gradcheck]\noperation = ["my_ops"]\n', "no key is called 'operation'"),
        ('[tool.gradcheck]\noperations = "my_ops"\n', 'write operations = ["my_ops"]'),
        ("[tool.gradcheck]\noperations = [1]\n", 'write operations = ["my_ops"]'),
        ("[tool.gradcheck]\noperations = [\n", "cannot read "),
    ],
)
def test_a_configuration_that_cannot_be_understood_is_one_line(command_line, folder, text, message):
    (folder / "pyproject.toml").write_text(text)
    result = command_line(*CHECK)
    assert result.returncode == 2
    assert message in result.stderr
    assert "pyproject.toml" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "text", ["[project\n", "# [tool.gradcheck]\n", '[tool.other]\noperations = ["no_such"]\n']
)
def test_a_configuration_that_is_not_for_gradcheck_is_left_alone(command_line, folder, text):
    (folder / "pyproject.toml").write_text(text)
    assert command_line("check", "a*b", "a=2", "b=3").returncode == 0


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("cube=nowhere:cube", "operation.cube=nowhere:cube: there is no module 'nowhere'"),
        ("cube=my_ops:cubed", "operation.cube=my_ops:cubed: cubed is not a function of my_ops"),
        ("cubed=my_ops:cube", "no operation is called 'cubed'; if it is your own, name the module"),
        ("cube=my_ops", "no operation is called 'cube'; if it is your own, name the module"),
        ("tanh=my_tanh", "operation.tanh=my_tanh: write module:function or path/to/file.py:"),
        ("cube", "'operation.cube' is not KEY=VALUE"),
    ],
)
def test_a_function_that_does_not_exist_is_one_line(command_line, option, message):
    pytest.importorskip("autograd", reason="autograd is not installed")
    words = ("--engine", "autograd", "--operation", option)
    result = command_line("check", "cube(a)", "a=2", *words)
    assert result.returncode == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
