"""The committed sample finding is what the command in reports/README.md makes."""

import json
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def made_by_the_readme(command_line, tmp_path):
    output = tmp_path / "made"
    [command] = re.findall(r"^    python -m gradcheck (fuzz .*)$", readme(), re.MULTILINE)
    words = shlex.split(command.replace("reports/sample", str(output)))
    assert command_line(*words, cwd=ROOT).returncode == 1
    return content(output)


def readme():
    return (ROOT / "reports" / "README.md").read_text()


def content(folder):
    """Each file's path and text; the versions in use and the time of day are left out.

    So is the gallery, ``index.html``: it is not committed, as it shows what is local.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.name == "case.json":
            case = json.loads(path.read_text())
            del case["versions"]
            for sighting in case["seen"]:
                del sighting["began"], sighting["last"]
            found[path.relative_to(folder)] = case
        elif path.suffix in (".gv", ".md", ".mmd", ".py"):
            text = path.read_text().replace(folder.as_posix(), "reports/sample")
            found[path.relative_to(folder)] = text
        elif path.suffix == ".svg":
            found[path.relative_to(folder)] = "<svg" in path.read_text()
    return found


def test_the_sample_is_current(made_by_the_readme):
    assert made_by_the_readme == content(ROOT / "reports" / "sample")
    assert {path.name for path in made_by_the_readme} >= {
        "README.md",
        "case.json",
        "graph.svg",
        "repro.py",
    }


def test_a_sample_that_is_not_current_is_noticed(tmp_path):
    (tmp_path / "graph.gv").write_text("digraph {}")
    assert content(tmp_path) != content(ROOT / "reports" / "sample")


def test_the_picture_in_the_readme_is_the_sample():
    [picture] = re.findall(r"!\[.*\]\((reports/.*\.svg)\)", (ROOT / "README.md").read_text())
    assert (ROOT / picture).is_file()
