"""Where an operation of one's own comes from, and the places that a spec names."""

import importlib
import sys

import pytest

from gradcheck import EngineLoadError, load_engine, parse, register_operation
from gradcheck.engines.importing import import_place
from gradcheck.engines.options import places_in, with_places
from gradcheck.engines.own_operations import import_operations, place_of
from gradcheck.errors import UserError
from gradcheck.operations import OPERATIONS, Operation

ROW = """
from gradcheck import Operation, register_operation
from sympy import erf

register_operation(Operation("own", erf))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory; modules and operations are forgotten in the end."""
    modules, known = dict(sys.modules), dict(OPERATIONS)
    monkeypatch.chdir(tmp_path)
    importlib.invalidate_caches()
    yield tmp_path
    sys.modules.clear()
    sys.modules.update(modules)
    OPERATIONS.clear()
    OPERATIONS.update(known)


def written(folder, path, text=ROW):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("file", "imported", "place"),
    [
        ("my_ops.py", "my_ops.py", "my_ops.py"),
        ("my_ops.py", "my_ops", "my_ops"),
        ("sub/my_ops.py", "sub/my_ops.py", "sub/my_ops.py"),
        ("pack/my_ops.py", "pack.my_ops", "pack.my_ops"),
        ("pack/__init__.py", "pack", "pack"),
    ],
)
def test_an_operation_comes_from_the_place_that_was_imported(folder, file, imported, place):
    written(folder, file)
    import_place(imported)
    assert place_of("own") == place
    for module in [name for name in sys.modules if "my_ops" in name or name == "pack"]:
        del sys.modules[module]
    del OPERATIONS["own"]
    import_operations(place)
    assert "own" in OPERATIONS


def test_a_module_found_elsewhere_below_the_working_directory_is_a_path(folder, monkeypatch):
    written(folder, "tests/my_ops.py")
    monkeypatch.syspath_prepend(folder / "tests")
    importlib.import_module("my_ops")
    assert place_of("own") == "tests/my_ops.py"


def test_an_installed_module_has_its_name(folder, monkeypatch):
    packages = folder / ".venv" / "site-packages"
    written(packages, "their_ops.py")
    monkeypatch.syspath_prepend(packages)
    importlib.import_module("their_ops")
    assert place_of("own") == "their_ops"


def test_a_file_elsewhere_is_an_absolute_path(tmp_path_factory):
    file = written(tmp_path_factory.mktemp("elsewhere"), "my_ops.py")
    import_place(str(file))
    assert place_of("own") == str(file)


def test_a_helper_that_registers_is_not_the_place(folder):
    written(
        folder,
        "helper.py",
        ROW.replace("register_operation(O", "own = lambda: register_operation(O"),
    )
    written(folder, "my_ops.py", "from helper import own\nown()\n")
    import_place("my_ops")
    assert place_of("own") == "my_ops"


def test_the_place_of_an_operation_that_no_module_registers_is_unknown():
    register_operation(Operation("own", definition=lambda x: x))
    assert place_of("own") is None


def test_a_file_may_be_imported_under_two_names(folder):
    written(folder, "my_ops.py")
    import_place("my_ops")
    first = OPERATIONS["own"]
    import_place("my_ops.py")
    assert OPERATIONS["own"] is first


@pytest.mark.parametrize("place", ["twice.py", "other.py"])
def test_two_rows_of_one_name_are_still_refused(folder, place):
    written(folder, "my_ops.py")
    import_place("my_ops")
    row = 'register_operation(Operation("own", erf))\n'
    written(folder, "twice.py", ROW.replace('"own"', '"first"') + 2 * row.replace("own", "second"))
    written(folder, "other.py")
    with pytest.raises(EngineLoadError, match="is taken"):
        import_operations(place)


def test_a_place_that_imports_another_one_registers_what_that_does(folder):
    written(folder, "my_ops.py")
    written(folder, "other.py", "from my_ops import *\n")
    for _ in range(2):
        import_operations("other.py")
    with pytest.raises(EngineLoadError, match="there is no file"):
        import_operations("another.py")


def test_every_place_of_a_spec_is_found_and_can_be_moved():
    spec = "a.py:Value[operation.log=ln,operation.exp=b.py:e,operations=c;d/e.py,ulps.exp=3]"
    assert places_in(spec) == ("a.py", "c", "d/e.py", "b.py")
    moved = with_places(spec, "in/{}".format)
    assert places_in(moved) == ("in/a.py", "in/c", "in/d/e.py", "in/b.py")
    assert with_places(moved, lambda place: place.removeprefix("in/")) == spec
    assert with_places("torch:float32", str) == "torch:float32"


CUSTOM = """
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engine import Value

engine = ObjectEngine("mine", Value)
"""


def test_a_custom_engine_may_have_operations_and_no_other_option(folder):
    written(folder, "my_ops.py")
    written(folder, "custom.py", CUSTOM)
    assert load_engine("custom.py:engine[operations=my_ops.py]").operations
    assert parse("own(a)").size == 1
    with pytest.raises(UserError, match="takes no options but operations"):
        load_engine("custom.py:engine[operations=my_ops.py,backward=go]")
