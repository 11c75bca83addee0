"""Every run of the tests draws the same examples: exploring is what ``fuzz`` is for."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from gradcheck.oracles.certificate import CertifiedNumbers, certify

settings.register_profile("same-every-time", derandomize=True, database=None, deadline=None)
settings.load_profile("same-every-time")

pytest_plugins = ["pytester"]  # pytest wants it here, and only tests/plugin uses it

collect_ignore = ["engines"]  # broken on purpose, and loaded by their paths


@pytest.fixture(autouse=True)
def _other_processes_are_measured_where_marked(request, monkeypatch):
    """What tests have other processes do takes them as long again if the coverage looks on."""
    if request.node.get_closest_marker("measured") is None:
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture(scope="session", autouse=True)
def _engine_and_strategies_have_one_name():
    """No test and no doctest imports them by the names of the folders in which they lie here."""
    yield
    root = Path(__file__).parents[1]
    folders = (f"{root / 'engine'}/", f"{root / 'strategies'}/")
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    wrong = [name for name, file in files.items() if file and file.startswith(folders)]
    assert wrong == []


@pytest.fixture
def command_line(tmp_path):
    """The real command line, run in an empty folder."""

    def run(*words, **options):
        return subprocess.run(
            [sys.executable, "-m", "gradcheck", *words],
            cwd=options.pop("cwd", tmp_path),
            capture_output=True,
            text=True,
            check=False,
            **options,
        )

    return run


@pytest.fixture
def lying_certificate():
    """The certificate of a case, with another truth for the derivative by one of the inputs."""

    def lying(case, truth, *, of=0):
        certificate = certify(case)
        honest = certificate.adjoints
        truths, rounded = list(honest.truths), list(honest.rounded)
        truths[of] = rounded[of] = truth
        vars(certificate)["adjoints"] = CertifiedNumbers(truths, rounded, honest.precision)
        return certificate

    return lying
