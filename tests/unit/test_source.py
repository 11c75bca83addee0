"""Where an engine does an operation: its file and line."""

from pathlib import Path

import pytest

from gradcheck.engines.loading import load_engine
from gradcheck.engines.source import source_of
from gradcheck.operations import operations_named

PLAIN = (Path(__file__).parents[1] / "engines" / "plain.py").read_text()
SOURCES = {
    "plain_source": PLAIN,
    "heir_source": "from plain_source import Value as Base\n\n\nclass Value(Base):\n"
    "    def __mul__(self, other):\n        return super().__mul__(other)\n\n"
    "    __rmul__ = __mul__\n",
    "function_source": PLAIN.replace("def tanh", "def _t")
    + "\n\ndef tanh(x):\n    return x._t()\n",
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """One folder for all tests, because Python imports a module once."""
    folder = tmp_path_factory.mktemp("sources")
    for name, text in SOURCES.items():
        (folder / f"{name}.py").write_text(text)
    return folder


@pytest.fixture
def folder(sources, monkeypatch):
    monkeypatch.chdir(sources)
    return sources


@pytest.mark.parametrize(
    ("module", "operation", "file", "line"),
    [
        ("plain_source", "*", "plain_source", "    def __mul__(self, other):"),
        ("heir_source", "*", "heir_source", "    def __mul__(self, other):"),
        ("heir_source", "+", "plain_source", "    def __add__(self, other):"),
        ("function_source", "tanh", "function_source", "def tanh(x):"),
        ("heir_source", "exp", "heir_source", "class Value(Base):"),
    ],
    ids=[
        "a method",
        "one that overrides",
        "an inherited method",
        "a function",
        "the class",
    ],
)
def test_the_line_is_that_of_what_does_the_operation(folder, module, operation, file, line):
    source = source_of(load_engine(f"{module}.py:Value"), operations_named(operation))
    assert source.file == folder / f"{file}.py"
    assert SOURCES[file].splitlines()[source.line - 1] == line


def test_a_module_is_found_like_its_file(folder):
    assert source_of(load_engine("plain_source:Value")).file == folder / "plain_source.py"


def test_an_engine_of_a_library_has_the_file_of_the_library():
    source = source_of(load_engine("autograd"), operations_named("tanh"))
    assert source.file.parent.name == "autograd"


def test_an_engine_without_a_file_has_no_line():
    class Made:
        spec = "made in a test"

    assert source_of(Made()) is None
