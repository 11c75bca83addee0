"""What a library logs while it is imported is not for the user."""

import os

import pytest

from gradcheck.engines.importing import stderr_discarded
from helpers.processes import run_python

LOGS = """
import os

os.write(2, b"no GPU was found")
raise ModuleNotFoundError("no keras", name="keras")
"""


def test_what_is_written_in_a_block_is_discarded_and_what_comes_later_is_not(capfd):
    with stderr_discarded():
        os.write(2, b"within")
    os.write(2, b"afterwards")
    assert capfd.readouterr().err == "afterwards"


@pytest.mark.parametrize(("package", "is_shown"), [("tensorflow", False), ("casadi", True)])
def test_log_lines_of_tensorflow_are_not_shown(package, is_shown, tmp_path):
    folder = tmp_path / "installed" / package
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(LOGS)
    result = run_python(
        "-m", "gradcheck", "engines", package, folder=tmp_path, PYTHONPATH=str(folder.parent)
    )
    assert f"keras is not installed; pip install 'gradcheck[{package}]'" in result.stderr
    assert ("no GPU was found" in result.stderr) is is_shown


def test_tensorflow_itself_is_silent(tmp_path):
    pytest.importorskip("tensorflow", reason="tensorflow is not installed")
    result = run_python(
        "-m", "gradcheck", "check", "a*b", "a=1", "b=2", "--engine", "tensorflow", folder=tmp_path
    )
    assert (result.returncode, result.stderr) == (0, "")
