"""From a spec to an engine, in this process; the mistakes are under test with the command line."""

import sys

import pytest

from gradcheck import Case, EngineLoadError, check, load_engine, parse
from gradcheck.engines.loading import _import_file
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.run import NothingToCheckError, run
from gradcheck.operations import OPERATIONS

SQUARE = Case(parse("a*a"), (3.0,))
VALUE = "from micrograd.engine import Value\n"


@pytest.fixture(autouse=True)
def _same_path(monkeypatch):
    """Loading a file puts its folder on the path; each test starts without those of the others."""
    monkeypatch.setattr(sys, "path", [*sys.path])


def test_a_module_and_its_class_are_an_engine():
    engine = load_engine("micrograd.engine:Value")
    names = {operation.name for operation in engine.operations}
    assert names == {"+", "*", "-", "/", "neg", "**", "relu"}
    assert check(SQUARE, engine).gradient[0].backprop.returned == 6.0


def test_a_file_and_its_class_are_an_engine(tmp_path):
    (tmp_path / "mine.py").write_text(VALUE)
    assert check(SQUARE, f"{tmp_path / 'mine.py'}:Value").gradient[0].backprop.returned == 6.0


def test_two_files_of_one_name_are_two_engines(tmp_path):
    names = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").write_text(f"{VALUE}name = {folder!r}\n")
        names.append(_import_file(tmp_path / folder / "same.py").name)
    assert names == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1 / 0\n", "raised ZeroDivisionError: division by zero, at .*theirs.py:1"),
        ("import no_such_module\n", "raised ModuleNotFoundError"),
        ("raise SystemExit(3)\n", "raised SystemExit"),
        ("class Value\n", "raised SyntaxError"),
        ("class Number: pass\n", "no class 'Value'; it has: Number"),
        ("Value = 7\n", "no class 'Value'; it has: no classes"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(tmp_path, content, message):
    (tmp_path / "theirs.py").write_text(content)
    with pytest.raises(EngineLoadError, match=message) as caught:
        load_engine(f"{tmp_path / 'theirs.py'}:Value")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (":Value", "names no class"),
        ("engine:", "names no class"),
        ("", "names no class"),
        ("math", "no class of numbers with a backward pass"),
        ("nowhere:Value", "no module 'nowhere'"),
        ("micrograd.nowhere:Value", "no module 'micrograd.nowhere'"),
        ("nowhere.py:Value", "no file"),
    ],
)
def test_what_is_not_there_is_named(spec, message):
    with pytest.raises(EngineLoadError, match=message):
        load_engine(spec)


def test_a_module_that_fails_to_import_something_else_says_what(tmp_path):
    (tmp_path / "needs_more.py").write_text("import no_such_module\n")
    sys.path.insert(0, str(tmp_path))
    with pytest.raises(EngineLoadError, match="No module named 'no_such_module'"):
        load_engine("needs_more:Value")


def test_a_file_in_a_package_that_another_one_hides_is_refused(tmp_path):
    package = tmp_path / "micrograd"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "engine.py").write_text(VALUE)
    load_engine("micrograd.engine:Value")
    with pytest.raises(EngineLoadError, match="hidden by"):
        load_engine(f"{package / 'engine.py'}:Value")


def test_an_engine_without_the_operations_asked_for_is_nothing_to_check(tmp_path):
    options = Options(
        operations=(OPERATIONS["tanh"],),
        max_ops=3,
        seed=0,
        seconds=None,
        expressions=1,
        output=tmp_path,
        fail_fast=False,
    )
    engine = load_engine("micrograd.engine:Value")
    with pytest.raises(NothingToCheckError, match="none of the operations tanh"):
        next(run(engine, options, InlineExecutor(engine, options), stopped=lambda: False))
