"""What CI and pre-commit take from the repository: its action and its hook."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from helpers.limits import SECONDS

ROOT = Path(__file__).parents[2]

pytest.importorskip("hatchling", reason="pip install 'gradcheck[test]' brings what builds a wheel")

RIGHT = (ROOT / "tests" / "engines" / "plain.py").read_text()
OFFLINE = {
    **dict.fromkeys(("PIP_NO_INDEX", "PIP_NO_DEPS", "PIP_NO_COMPILE", "PIP_IGNORE_INSTALLED"), "1"),
    "PIP_NO_BUILD_ISOLATION": "0",  # in pip's environment this says "no isolation"
}
"""Have pip take all but gradcheck from what is installed here."""


@pytest.fixture
def project(tmp_path, wrong):
    """A project with a right engine, which it names as its own, and a wrong one."""
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(wrong)
    (tmp_path / "pyproject.toml").write_text('[tool.gradcheck]\nengine = "right.py"\n')
    return tmp_path


# The action


@pytest.fixture(scope="session")
def action():
    return yaml.safe_load((ROOT / "action.yml").read_text())


@pytest.fixture(scope="session")
def runner(new_environment, action):
    """Runs the steps of the action as GitHub's runner does, up to one that fails."""
    environment = new_environment()
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | OFFLINE
    variables["PATH"] = os.pathsep.join((str(environment.scripts), variables["PATH"]))
    variables["GITHUB_ACTION_PATH"] = str(ROOT)

    def run(folder, **given):
        inputs = {name: given.get(name, i["default"]) for name, i in action["inputs"].items()}

        def expand(text):
            return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: inputs[m[1]], text)

        done = []
        for step in action["runs"]["steps"]:
            if "run" not in step:
                continue
            assert step["shell"] == "bash"
            done.append(
                subprocess.run(
                    ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                    cwd=folder / expand(step.get("working-directory", ".")),
                    env=variables | {k: expand(v) for k, v in step.get("env", {}).items()},
                    text=True,
                    capture_output=True,
                    check=False,
                    timeout=SECONDS,
                )
            )
            if done[-1].returncode:
                break
        return done

    return run


FEW = "--examples 40 --seed 1"


def test_the_action_checks_the_engine_of_the_project(runner, project):
    install, check = runner(project, args=FEW)
    assert install.returncode == 0, install.stderr
    assert check.returncode == 0, check.stderr
    assert "Checking right.py:Value" in check.stdout
    assert "::error" not in check.stdout


def test_the_action_fails_with_an_annotation_and_findings_to_save(runner, project, action):
    (project / "my project").mkdir()
    shutil.move(project / "wrong.py", project / "my project" / "wrong one.py")
    folder = {"working-directory": "my project"}
    *_, check = runner(project, engine="wrong one.py", args=FEW, **folder)
    assert check.returncode == 1
    assert "::error file=wrong one.py," in check.stdout
    save = action["runs"]["steps"][-1]
    assert save["if"] == "failure()"
    assert save["with"]["path"] == "${{ inputs.working-directory }}/reports"
    assert [*project.glob("my project/reports/*/*/case.json")]


def test_no_input_of_the_action_is_read_as_a_command(runner, project):
    *_, check = runner(project, engine="$(touch one)", args=f"{FEW} ;touch two")
    assert check.returncode == 2
    assert not {"one", "two"} & {path.name for path in project.iterdir()}


# The hook of pre-commit


@pytest.fixture
def hook(environment):
    """Runs the entry of the hook as pre-commit does, with the arguments of a configuration."""
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {"id", "name", "entry", "language"} <= hook.keys()
    assert hook["pass_filenames"] is False

    def run(folder, *arguments):
        return environment.run(*shlex.split(hook["entry"]), *arguments, cwd=folder)

    return run


def test_the_hook_passes_in_silence_for_a_right_engine(hook, project):
    result = hook(project)
    assert (result.returncode, result.stdout) == (0, "")


def test_the_hook_fails_for_a_wrong_engine_and_shows_the_finding(hook, project):
    result = hook(project, "wrong.py")
    assert result.returncode == 1
    assert "Finding: lost-contribution" in result.stdout
