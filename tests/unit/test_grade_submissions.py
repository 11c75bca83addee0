"""Which files are submissions, and the module of a notebook."""

import json

import pytest

from gradcheck.grade.notebook import ERRORS, NotebookError, module_of
from gradcheck.grade.submissions import NoSubmissionsError, find_submissions
from helpers.submissions import HEALTHY, notebook, sibling


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Write files, and return the names of the submissions in their folder."""
    monkeypatch.chdir(tmp_path)

    def find(places=(".",), **files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/", 1)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".py").write_text(text)
        return [each.path.as_posix() for each in find_submissions(places)]

    return find


def test_each_file_in_a_folder_is_a_submission(found):
    assert found(ada=HEALTHY, bob=HEALTHY) == ["ada.py", "bob.py"]


def test_a_file_that_another_one_imports_is_none(found):
    engine = f"from helper import hyperbolic\n{sibling()}"
    assert found(ada=engine, helper="from math import tanh as hyperbolic") == ["ada.py"]


def test_a_file_that_nothing_imports_is_one_even_without_an_engine(found):
    assert found(ada=HEALTHY, helper="hyperbolic = 1") == ["ada.py", "helper.py"]


def test_a_file_that_imports_an_engine_beside_it_is_none(found):
    assert found(engine=HEALTHY, nn="from engine import Value\nclass Neuron: pass") == ["engine.py"]


def test_an_imported_file_with_an_engine_of_its_own_is_one(found):
    assert found(ada=f"import bob\n{HEALTHY}", bob=HEALTHY) == ["ada.py", "bob.py"]


def test_a_file_that_is_not_python_is_one(found):
    assert found(ada="class Value(:") == ["ada.py"]


def test_folders_below_are_searched_but_hidden_ones(found):
    assert found(ada__engine=HEALTHY, venv__engine=HEALTHY) == ["ada/engine.py"]


def test_a_named_file_is_one_whatever_it_holds(found):
    assert found(["helper.py"], helper="", ada="import helper") == ["helper.py"]


def test_a_file_that_is_named_twice_is_one(found):
    assert found(["ada.py", "*.py"], ada=HEALTHY, bob=HEALTHY) == ["ada.py", "bob.py"]


def test_other_files_are_refused(found, tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(NoSubmissionsError, match=r"notes.txt is neither a Python file"):
        found(["notes.txt"])


def test_an_empty_folder_is_refused(found):
    with pytest.raises(NoSubmissionsError, match="no Python files or notebooks"):
        found()


def test_the_digest_changes_with_a_file_beside_it(tmp_path):
    for name in ("ada.py", "helper.py"):
        (tmp_path / name).write_text(HEALTHY)
    place = [str(tmp_path / "ada.py")]
    before = find_submissions(place)
    assert find_submissions(place) == before
    (tmp_path / "helper.py").write_text("")
    assert find_submissions(place) != before


def run(*cells):
    """Run the module of a notebook, and return its names."""
    names = {}
    exec(module_of(notebook(*cells)), names)
    return names


def test_cells_run_one_after_the_other():
    assert run("a = 1", "b = a + 1")["b"] == 2


def test_magics_and_commands_do_nothing():
    names = run("%matplotlib inline\n!ls\nx = 1", "files = !ls\nhelp?\ny = 2", "%%bash\nls")
    assert (names["x"], names["y"], names["files"]) == (1, 2, None)
    assert names[ERRORS] == []


def test_an_indented_magic_keeps_its_block():
    assert run("if True:\n    %time\n    x = 1")["x"] == 1


def test_a_timed_cell_is_run():
    assert run("%%time\nx = 1")["x"] == 1


def test_a_remainder_at_the_start_of_a_line_is_no_magic():
    assert run("x = (7\n% 4)")["x"] == 3


def test_a_statement_that_fails_is_noted_and_the_rest_runs():
    names = run("import no_such_plots as plt\nx = 1", "plt.plot(x)\ny = 2")
    assert (names["x"], names["y"]) == (1, 2)
    assert [error.partition(":")[0] for error in names[ERRORS]] == ["cell 1", "cell 2"]


def test_a_cell_that_is_no_python_is_noted():
    names = run("x = ", "y = 2")
    assert names["y"] == 2
    assert names[ERRORS][0].startswith("cell 1: SyntaxError")


def test_a_future_import_stays_first():
    assert run("x = 1\nfrom __future__ import annotations", "y = 2")["y"] == 2


@pytest.mark.parametrize("text", ["hello", "[]", json.dumps({"worksheets": []})])
def test_other_json_is_no_notebook(text):
    with pytest.raises(NotebookError, match="not a notebook"):
        module_of(text)
