"""Users call their own modules ``engine``, ``strategies`` or ``click``: these are never mixed up.

The user's engine is wrong about ``a*a`` and gradcheck's own is right, so that the exit code tells
which of them was checked.
"""

import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytest.importorskip("hatchling", reason="pip install 'gradcheck[test]' brings what builds a wheel")

CHECK = ("check", "a*a", "a=3")
PYTEST = ("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov")
CONFORMANCE = ("--gradcheck-engine", "engine:Value", "--pyargs", "gradcheck.conformance", "-k")

COMMANDS = {
    "gradcheck": ("gradcheck", *CHECK),
    "python -m gradcheck": ("python", "-m", "gradcheck", *CHECK),
    "pytest": ("python", "-P", *PYTEST, *CONFORMANCE, "sharing"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_an_engine_in_the_working_directory_is_checked(environment, command, tmp_path, wrong):
    (tmp_path / "engine.py").write_text(wrong)
    for name in ("strategies", "click", "rich"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not for gradcheck to import')")
    result = environment.run(*command, cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert "wrong-gradient" in result.stdout


def test_where_there_is_none_that_of_gradcheck_is_checked(environment, tmp_path):
    result = environment.run("gradcheck", *CHECK, cwd=tmp_path)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("command", [("gradcheck",), ("python", "-m", "gradcheck")], ids=" ".join)
def test_the_command_has_the_name_by_which_it_was_called(environment, command, tmp_path):
    result = environment.run(*command, "--version", cwd=tmp_path)
    assert result.stdout.startswith(f"{' '.join(command)}, version ")


def test_the_wheel_has_one_package_and_its_types(wheel):
    files = zipfile.ZipFile(wheel).namelist()
    tops = {file.partition("/")[0] for file in files}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"gradcheck"}
    typed = {file for file in files if file.endswith("py.typed")}
    assert typed == {f"gradcheck/{place}py.typed" for place in ("", "engine/", "strategies/")}


def run_mine(environment, folder, place, mode):
    """Run a test with the user's ``strategies``, and the conformance suite beside it."""
    (folder / "tests").mkdir()
    (folder / place / "strategies.py").write_text("MINE = True\n")
    # In this mode a test cannot import what lies beside it.
    importable = (place, mode) != ("tests", "importlib")
    (folder / "tests" / "test_mine.py").write_text(
        f"{'from strategies import MINE' if importable else 'MINE = True'}\n"
        "from gradcheck.strategies import cases\n\n"
        "def test_mine():\n    assert MINE and cases()\n"
    )
    words = (*PYTEST, f"--import-mode={mode}", "tests", *CONFORMANCE, "mine or the_output")
    return environment.run("python", *words, cwd=folder)


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
@pytest.mark.parametrize("place", ["", "tests"], ids=["working directory", "tests"])
def test_strategies_of_the_users_are_theirs(environment, tmp_path, place, mode):
    result = run_mine(environment, tmp_path, place, mode)
    assert result.returncode == 0, result.stdout


def test_packages_at_the_top_would_hide_the_users_strategies(doctored, tmp_path):
    result = run_mine(doctored, tmp_path, "tests", "append")
    assert "cannot import name 'MINE' from 'strategies'" in result.stdout


def run_theirs(environment, folder):
    """Run a test with the user's installed ``engine``, and the conformance suite on it."""
    (folder / "tests").mkdir()
    (folder / "tests" / "test_theirs.py").write_text(
        "import engine\n\ndef test_theirs():\n    assert engine.THEIRS\n"
    )
    words = ("-P", *PYTEST, "tests", *CONFORMANCE, "theirs or sharing")
    return environment.run("python", *words, cwd=folder)


@pytest.mark.parametrize("editable", [(), ("--editable",)], ids=["plain", "editable"])
def test_an_installed_engine_of_the_users_is_theirs(environment, my_engine, tmp_path, editable):
    with environment.installed(*editable, my_engine):
        assert environment.run("gradcheck", *CHECK, cwd=tmp_path).returncode == 1
        result = run_theirs(environment, tmp_path)
        assert "1 passed" in result.stdout
        assert "wrong-gradient" in result.stdout
    assert environment.run("gradcheck", *CHECK, cwd=tmp_path).returncode == 0


def test_packages_at_the_top_would_hide_the_users_engine(doctored, my_engine, tmp_path):
    with doctored.installed("--editable", my_engine):
        assert "no attribute 'THEIRS'" in run_theirs(doctored, tmp_path).stdout


@pytest.fixture(scope="module")
def from_a_checkout(new_environment):
    """An environment with an editable gradcheck."""
    return new_environment("--editable", ROOT)


def test_an_editable_gradcheck_hides_nothing(from_a_checkout, my_engine, tmp_path):
    with from_a_checkout.installed("--editable", my_engine):
        result = run_theirs(from_a_checkout, tmp_path)
        assert "1 passed" in result.stdout
        assert "wrong-gradient" in result.stdout


def test_a_checkout_on_the_path_would_hide_the_users_engine(from_a_checkout, my_engine, tmp_path):
    path = from_a_checkout.packages / "_gradcheck.pth"
    installed = path.read_text()
    with from_a_checkout.installed("--editable", my_engine):
        path.write_text(str(ROOT))
        result = run_theirs(from_a_checkout, tmp_path)
        path.write_text(installed)
    assert "no attribute 'THEIRS'" in result.stdout
