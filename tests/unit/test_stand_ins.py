"""Packages that an engine imports only to draw, or to choose a device, and that are not there."""

import sys

import pytest

from gradcheck import array_case, check
from gradcheck.engine.broken.array_bugs import RIGHT
from gradcheck.engines import stand_ins
from gradcheck.engines.importing import EngineLoadError
from gradcheck.engines.loading import load_any_engine

IMPORTS = """
import cupy as cp
import matplotlib.pyplot as plt
from matplotlib import cm

xp = cp if cp.cuda.is_available() else cp.get_array_module([1.0])
assert xp.__name__ == "numpy"
assert not isinstance(xp.ones(1), cp.ndarray)


def draw(tensor):
    plt.plot(tensor.data)

"""

CASE = array_case("tanh(x) * x", x=[1.0, 2.0])


@pytest.fixture(autouse=True)
def without_the_packages(monkeypatch):
    """Hide the packages, and forget the stand-ins afterwards."""
    for name in [name for name in sys.modules if name.partition(".")[0] in stand_ins.PACKAGES]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(stand_ins, "_FINDER", stand_ins._Finder())
    finders = [Hidden(), *(f for f in sys.meta_path if not isinstance(f, stand_ins._Finder))]
    monkeypatch.setattr(sys, "meta_path", finders)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in stand_ins.PACKAGES]:
        del sys.modules[name]


class Hidden:
    """A finder for which the packages are not installed, unless a stand-in is asked for."""

    def find_spec(self, name, path, target=None):
        package = name.partition(".")[0]
        if package not in stand_ins.PACKAGES:
            return None
        if package in stand_ins._FINDER.packages:
            return stand_ins._FINDER.find_spec(name, path, target)
        raise ModuleNotFoundError(name, name=package)


@pytest.fixture
def load(tmp_path):
    def loaded(source):
        file = tmp_path / "my_tensor.py"
        file.write_text(source)
        return load_any_engine(f"{file}:Tensor")

    return loaded


def test_an_engine_that_imports_them_is_loaded_and_each_stand_in_is_said(load, capfd):
    assert not check(CASE, load(IMPORTS + RIGHT)).is_finding
    lines = capfd.readouterr().err.splitlines()
    assert [line.split()[2].strip(",") for line in lines] == ["cupy", "matplotlib"]
    assert all("a stand-in takes its place" in line for line in lines)


def test_to_compute_with_a_stand_in_is_an_error_that_says_so(load):
    source = IMPORTS + RIGHT.replace("t = np.tanh(self.data)", "t = cp.tanh(self.data)")
    assert source != IMPORTS + RIGHT
    fault = check(CASE, load(source)).run.fault
    assert fault.error == "StandInError"
    assert "cupy.tanh was called, and cupy is not installed" in fault.message


def test_an_engine_that_does_without_a_package_itself_gets_no_stand_in(load, capfd):
    source = "try:\n    import cupy\nexcept ImportError:\n    cupy = None\nassert cupy is None\n"
    assert not check(CASE, load(source + RIGHT)).is_finding
    assert "stand-in" not in capfd.readouterr().err


def test_another_package_that_is_missing_has_no_stand_in(load):
    with pytest.raises(EngineLoadError, match="No module named 'no_such_package'"):
        load("import no_such_package\n" + RIGHT)
