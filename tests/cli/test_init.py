"""``init``: what it writes into a project works."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from gradcheck.cli.starter import UNKNOWN_PLACE, requirement

PLAIN = (Path(__file__).parents[1] / "engines" / "plain.py").read_text()
BROKEN = PLAIN.replace("child.grad +=", "child.grad =")
WRITTEN = ("pyproject.toml", "tests/test_gradients.py", ".github/workflows/gradcheck.yml")
TRAINS = "from pathlib import Path\nPath('trained').touch()\n"
TABLE = '[tool.gradcheck]\nengine = "mine.py:Value"\ntime = "60s"\n'


@pytest.fixture
def project(tmp_path):
    """A folder with an engine, and a program that must not run."""
    (tmp_path / "mine.py").write_text(PLAIN)
    (tmp_path / "train.py").write_text(TRAINS)
    return tmp_path


@pytest.fixture
def answer(real_command_line, project):
    """Run ``init``, and type an answer to each of its questions."""

    def run(*answers):
        (project / "answers").write_text("".join(f"{each}\n" for each in answers))
        with (project / "answers").open() as typed:
            return real_command_line("init", stdin=typed)

    return run


def contents(folder):
    return {name: (folder / name).read_text() for name in WRITTEN if (folder / name).exists()}


@pytest.mark.parametrize(("source", "code"), [(PLAIN, 0), (BROKEN, 1)], ids=["right", "broken"])
def test_pytest_and_fuzz_work_on_what_is_written(command_line, project, source, code):
    (project / "mine.py").write_text(source)
    result = command_line("init")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("Wrote ") == 3
    assert "mine.py:Value is checked by: gradcheck fuzz" in result.stdout
    pytest_run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert pytest_run.returncode == code, pytest_run.stdout
    assert ("1 failed" if code else "1 passed") in pytest_run.stdout
    assert command_line("fuzz", "--examples", "40", "--seed", "1").returncode == code


def test_the_workflow_runs_what_is_written(command_line, project):
    (project / "requirements.txt").write_text("")
    command_line("init")
    workflow = yaml.safe_load((project / WRITTEN[2]).read_text())
    assert workflow[True] == ["push", "pull_request"]  # "on", which YAML 1.1 reads so
    [job] = workflow["jobs"].values()
    steps = [step["run"] for step in job["steps"] if "run" in step]
    version = "{}.{}".format(*sys.version_info)
    assert version in [step.get("with", {}).get("python-version") for step in job["steps"]]
    install, *rest = steps
    assert install.startswith("pip install pytest ")
    assert install.endswith(" -r requirements.txt")
    assert rest == [
        "python -m pytest tests/test_gradients.py",
        "python -m gradcheck fuzz --format github",
    ]


def test_only_what_may_be_an_engine_is_imported(command_line, project):
    assert command_line("init").returncode == 0
    assert not (project / "trained").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, TABLE),
        ("", TABLE),
        ("[project]\nname = 'x'  # mine\n", f"[project]\nname = 'x'  # mine\n\n{TABLE}"),
        ("[project]\nname = 'x'", f"[project]\nname = 'x'\n\n{TABLE}"),
        (
            "[project]\r\nname = 'x'\r\n",
            "[project]\r\nname = 'x'\r\n\r\n" + TABLE.replace("\n", "\r\n"),
        ),
    ],
    ids=["no file", "an empty file", "a file", "no end of line", "CRLF"],
)
def test_the_table_is_appended_and_all_else_kept(command_line, project, before, after):
    file = project / "pyproject.toml"
    if before is not None:
        file.write_bytes(before.encode())
    assert command_line("init").returncode == 0
    assert file.read_bytes() == after.encode()
    assert tomllib.loads(after)["tool"]["gradcheck"]["engine"] == "mine.py:Value"


def test_a_second_time_nothing_is_written(command_line, project):
    command_line("init")
    before = contents(project)
    result = command_line("init")
    assert result.returncode == 0
    assert "Wrote" not in result.stdout
    assert result.stdout.count(" as it is") == 3
    assert contents(project) == before


def test_a_file_that_is_there_is_overwritten_only_after_a_yes(answer, project):
    (project / "tests").mkdir()
    (project / WRITTEN[1]).write_text("mine\n")
    refused = answer("n")
    assert refused.returncode == 0
    assert "Overwrite tests/test_gradients.py? [y/N]: " in refused.stderr
    assert (project / WRITTEN[1]).read_text() == "mine\n"
    assert "Left tests/test_gradients.py as it is" in refused.stdout
    assert answer("y").returncode == 0
    assert (project / WRITTEN[1]).read_text() != "mine\n"


def test_without_an_answer_nothing_is_written_at_all(answer, project):
    (project / "tests").mkdir()
    (project / WRITTEN[1]).write_text("mine\n")
    assert answer().returncode == 130
    assert contents(project) == {WRITTEN[1]: "mine\n"}


def test_an_engine_that_is_named_is_taken(command_line, project):
    (project / "other.py").write_text(PLAIN)
    assert command_line("init", "other.py").returncode == 0
    assert 'engine = "other.py:Value"' in contents(project)["pyproject.toml"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"mine.py": "x = 1\n"}, "this folder has no engine that is found; name one, as in: "),
        ({"other.py": PLAIN}, "this folder has several engines: mine.py:Value, other.py:Value; "),
        ({"mine.py": "1 / 0\nclass A:\n    def __add__(self, other): pass\n"}, "importing "),
        ({"pyproject.toml": "[tool.gradcheck]\n"}, "[tool.gradcheck] cannot be added to "),
        ({"pyproject.toml": "[tool\n"}, "[tool.gradcheck] cannot be added to pyproject.toml: "),
        (
            {"pyproject.toml": '[tool.gradcheck]\ntime = "9s"\n'},
            "[tool.gradcheck] in pyproject.toml is left as it is: write engine = ",
        ),
    ],
    ids=["none", "several", "raises", "empty table", "no TOML", "no engine in the table"],
)
def test_what_cannot_be_done_is_one_line_and_writes_nothing(command_line, project, files, message):
    for name, text in files.items():
        (project / name).write_text(text)
    before = contents(project)
    result = command_line("init")
    assert result.returncode == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1
    assert contents(project) == before


def test_a_table_that_names_another_engine_is_not_changed(command_line, project):
    command_line("init")
    (project / "other.py").write_text(PLAIN)
    result = command_line("init", "other.py")
    assert result.returncode == 2
    assert 'write engine = "other.py:Value" there' in result.stderr
    assert command_line("init", "mine.py").returncode == 0


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (None, "gradcheck==1.0"),
        (
            {"url": "https://x.org/g", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "git+https://x.org/g@abc",
        ),
        ({"url": "https://x.org/g.whl", "archive_info": {}}, "https://x.org/g.whl"),
        ({"url": "file:///project/vendor/my%20gradcheck"}, "./vendor/my gradcheck"),
        ({"url": "file:///elsewhere/gradcheck"}, UNKNOWN_PLACE),
    ],
)
def test_ci_installs_gradcheck_from_where_it_came(origin, expected):
    saved = None if origin is None else json.dumps(origin)
    assert requirement(saved, "1.0", Path("/project")) == expected
