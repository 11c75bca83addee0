"""Every run of the tests draws the same examples: exploring is what ``fuzz`` is for."""

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from gradcheck.oracles.certificate import CertifiedNumbers, certify
from helpers.variations import write_variations

settings.register_profile("same-every-time", derandomize=True, database=None, deadline=None)
settings.load_profile("same-every-time")

pytest_plugins = ["pytester"]  # pytest wants it here, and only tests/plugin uses it

collect_ignore = [
    "engines",  # broken on purpose, and loaded by their paths
    "helpers/like_windows",  # takes from Python what Windows does not have
]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As in a script's background job. Processes that tests interrupt would ignore it as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Coverage measures a forked process only if multiprocessing has started it, and then begins anew.
# To trace any other one would make it three times as slow, for nothing.
os.register_at_fork(after_in_child=lambda: sys.settrace(None))


MANY_EXAMPLES = {
    "property": {"test_operations", "test_floats", "test_screen", "test_stepwise", "test_mpmath"},
    "quality": {
        *("test_planted_bugs", "test_variations", "test_libraries", "test_examples"),
        *("test_speed_benchmark", "test_detection_benchmark", "test_array_shapes"),
        *("test_rare_bugs", "test_nondeterminism", "test_networks"),
    },
}
"""Tests that run the same lines thousands of times: to trace them takes twice as long."""


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.stem in MANY_EXAMPLES.get(item.path.parent.name, ()):
            item.add_marker("no_cover")


def pytest_collection_finish():
    """Write no compiled files from here on: they outlive what a test changes within a second."""
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


@pytest.fixture(autouse=True)
def _same_path(monkeypatch):
    """Restore the path, on which an engine's folder is put when it is loaded from a file."""
    monkeypatch.setattr(sys, "path", [*sys.path])


@pytest.fixture(scope="session", autouse=True)
def _engine_and_strategies_have_one_name():
    """No test and no doctest imports them by the names of the folders in which they lie here."""
    yield
    root = Path(__file__).parents[1]
    folders = (f"{root / 'engine'}/", f"{root / 'strategies'}/")
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    wrong = [name for name, file in files.items() if file and file.startswith(folders)]
    assert wrong == []


@pytest.fixture(scope="session")
def variations(tmp_path_factory):
    """A folder with every correct engine of ``helpers.variations``, each by its name."""
    return write_variations(tmp_path_factory.mktemp("variations"))


@pytest.fixture
def lying_certificate():
    """The certificate of a case, with another truth for the derivative by one of the inputs."""

    def lying(case, truth, *, of=0):
        certificate = certify(case)
        honest = certificate.adjoints
        truths, faithful = list(honest.truths), list(honest.faithful)
        truths[of] = faithful[of] = truth
        vars(certificate)["adjoints"] = CertifiedNumbers(
            truths, faithful, honest.precision, honest.overflow_at
        )
        return certificate

    return lying
