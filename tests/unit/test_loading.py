"""From a spec to an engine, in this process; the mistakes are under test with the command line."""

import inspect
import sys
from pathlib import Path

import pytest

from gradcheck import Case, EngineLoadError, check, load_engine, parse
from gradcheck.engine import Value
from gradcheck.engines.importing import _import_file
from gradcheck.engines.isolation.threaded_packages import refusing
from gradcheck.errors import NothingToCheckError
from gradcheck.operations import OPERATIONS
from helpers.runs import last_event, options

ROOT = Path(__file__).parents[2]
SQUARE = Case(parse("a*a"), (3.0,))
VALUE = "from micrograd.engine import Value\n"


def test_a_module_and_its_class_are_an_engine():
    engine = load_engine("micrograd.engine:Value")
    names = {operation.name for operation in engine.operations}
    assert names == {"+", "*", "-", "/", "neg", "**", "relu"}
    assert check(SQUARE, engine).gradient[0].backprop == 6.0


def test_a_file_and_its_class_are_an_engine(tmp_path):
    (tmp_path / "mine.py").write_text(VALUE)
    assert check(SQUARE, f"{tmp_path / 'mine.py'}:Value").gradient[0].backprop == 6.0


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
        ("\n\nclass Value\n", "raised SyntaxError: expected ':', at .*theirs.py:3"),
        ("import json\njson.loads('{')\n", "raised JSONDecodeError: .*, at .*decoder.py:"),
        ("import broken\n", "raised SyntaxError: invalid syntax, at .*broken.py:2"),
        ("class Number: pass\n", "no class 'Value'; it has: Number"),
        ("Value = 7\n", "no class 'Value'; it has: no classes"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(tmp_path, content, message):
    (tmp_path / "theirs.py").write_text(content)
    (tmp_path / "broken.py").write_text("1\n2 3\n")
    with pytest.raises(EngineLoadError, match=message) as caught:
        load_engine(f"{tmp_path / 'theirs.py'}:Value")
    assert "\n" not in str(caught.value)


def test_the_place_of_a_mistake_is_in_the_users_file_where_imports_are_watched(tmp_path):
    spec = f"{tmp_path / 'theirs.py'}:Value"
    (tmp_path / "theirs.py").write_text("\nimport no_such_module\n")
    with pytest.raises(EngineLoadError, match=r", at .*theirs.py:2$"), refusing((), spec):
        load_engine(spec)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (":Value", "names no class"),
        ("engine:", "names no class"),
        ("", "names no class"),
        ("math", "no class; an engine is a class of numbers with a backward pass"),
        ("nowhere:Value", "no module 'nowhere'"),
        ("micrograd.nowhere:Value", "no module 'micrograd.nowhere'"),
        ("nowhere.py:Value", "no file"),
    ],
)
def test_what_is_not_there_is_named(spec, message):
    with pytest.raises(EngineLoadError, match=message):
        load_engine(spec)


@pytest.mark.parametrize("spec", ["engine:Value", f"{inspect.getfile(Value)}:Value"])
def test_the_engine_of_gradcheck_has_one_name_in_a_checkout_too(monkeypatch, spec):
    monkeypatch.chdir(ROOT)
    assert load_engine(spec).make.__module__ == "gradcheck.engine.value"
    assert "engine" not in sys.modules


@pytest.fixture
def my_engine(tmp_path, monkeypatch):
    """Where the user's own ``engine`` is to be written, in the working directory."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "engine.py"
    sys.modules.pop("engine", None)


def test_an_engine_in_the_working_directory_comes_before_that_of_gradcheck(my_engine):
    my_engine.write_text(VALUE)
    assert load_engine("engine:Value").make.__module__ == "micrograd.engine"


def test_without_it_the_same_spec_is_that_of_gradcheck(my_engine):
    assert not my_engine.exists()
    assert load_engine("engine:Value").make.__module__ == "gradcheck.engine.value"


@pytest.mark.parametrize("spec", ["engine:Number", "engine.broken:Twin"])
def test_where_it_lacks_something_nothing_of_gradcheck_takes_its_place(my_engine, spec):
    my_engine.write_text(VALUE)
    with pytest.raises(EngineLoadError, match=r"own is gradcheck\.engine"):
        load_engine(spec)


def test_a_folder_of_that_name_without_a_module_is_an_error(my_engine, monkeypatch):
    my_engine.with_suffix("").mkdir()
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place != str(ROOT)])
    with pytest.raises(EngineLoadError, match=r"engine has no class 'Value'.*gradcheck\.engine"):
        load_engine("engine:Value")


def test_the_working_directory_comes_last_once_an_engine_is_loaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_engine.py").write_text(VALUE)
    load_engine("my_engine:Value")
    assert sys.path[-1] == str(tmp_path)  # so it hides nothing that gradcheck imports later


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


def test_an_engine_without_the_operations_asked_for_is_nothing_to_check():
    engine = load_engine("micrograd.engine:Value")
    with pytest.raises(NothingToCheckError, match="none of the operations tanh"):
        last_event(engine, options(operations=(OPERATIONS["tanh"],)))
