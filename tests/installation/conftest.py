"""Environments in which gradcheck is installed as users install it."""

import contextlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from helpers.limits import SECONDS

ROOT = Path(__file__).parents[2]

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "my-engine"
version = "1"

[tool.hatch.build.targets.wheel]
packages = ["src/engine"]
dev-mode-dirs = ["src"]
"""


def run(*words, **options):
    """Run a program as in a new shell, but that Python leaves no files beside the sources."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    return subprocess.run(
        words,
        text=True,
        capture_output=True,
        check=False,
        timeout=SECONDS,
        env=environment,
        **options,
    )


class Environment:
    """A virtual environment that borrows all but gradcheck from the one that runs the tests."""

    def __init__(self, folder):
        venv.create(folder, with_pip=False)
        self.scripts = folder / "bin"
        [self.packages] = folder.glob("lib/python*/site-packages")
        borrowed = [place for place in sys.path if Path(place).name == "site-packages"]
        (self.packages / "borrowed.pth").write_text("\n".join(borrowed))

    def pip(self, *words):
        done = run(self.scripts / "python", "-m", "pip", *words)
        assert done.returncode == 0, done.stderr

    def install(self, *words):
        """Install without asking an index, as all that is needed is there."""
        here = ("--no-index", "--no-deps", "--no-build-isolation")
        # What is borrowed has a gradcheck too. Compiling takes long, and most is never imported.
        self.pip("install", *here, "--ignore-installed", "--no-compile", *words)

    @contextlib.contextmanager
    def installed(self, *words):
        """Have the user's project installed within the block, and uninstalled afterwards."""
        self.install(*words)
        try:
            yield
        finally:
            self.pip("uninstall", "--yes", "my-engine")

    def run(self, program, *words, cwd):
        return run(self.scripts / program, *words, cwd=cwd)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = ("pip", "wheel", "--no-index", "--no-deps", "--no-build-isolation")
    done = run(sys.executable, "-m", *build, "--wheel-dir", folder, ROOT)
    assert done.returncode == 0, done.stderr
    [built] = folder.iterdir()
    return built


@pytest.fixture(scope="session")
def new_environment(tmp_path_factory, wheel):
    """Makes an environment with the wheel installed, or with what pip is given."""

    def make(*words):
        environment = Environment(tmp_path_factory.mktemp("environment"))
        environment.install(*words or [wheel])
        return environment

    return make


@pytest.fixture(scope="session")
def environment(new_environment):
    """One that no test changes."""
    return new_environment()


@pytest.fixture(scope="session")
def doctored(new_environment):
    """One with ``engine`` and ``strategies`` at the top, as if the wheel had them there."""
    environment = new_environment()
    for name in ("engine", "strategies"):
        shutil.copytree(ROOT / name, environment.packages / name)
    return environment


@pytest.fixture
def wrong():
    """The text of an engine whose gradient of ``a*a`` is wrong."""
    right = (ROOT / "tests" / "engines" / "plain.py").read_text()
    return right.replace("child.grad +=", "child.grad =")


@pytest.fixture
def my_engine(tmp_path, wrong):
    """A project of the user's with that engine in a package called ``engine``."""
    project = tmp_path / "my-engine"
    (project / "src" / "engine").mkdir(parents=True)
    (project / "src" / "engine" / "__init__.py").write_text(f"{wrong}\nTHEIRS = True\n")
    (project / "pyproject.toml").write_text(PROJECT)
    return project
