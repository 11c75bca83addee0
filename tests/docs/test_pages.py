"""The pages of the documentation show what really comes, and list what there really is."""

import json
import re
from contextlib import suppress
from pathlib import Path

import pytest

from gradcheck.arrays.notation import parse_program
from gradcheck.arrays.operations import ARRAY_OPERATIONS
from gradcheck.cli import commands
from gradcheck.cli.output import ExitCode
from gradcheck.formula import FormulaError
from gradcheck.kind import Kind
from gradcheck.operations import GROUPS
from helpers.operation_rows import table
from helpers.processes import run_python

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SCRIPT = DOCS / "word_for_word.py"
# The tutorial is typed by .ci/run, in a new environment as it says.
PAGES = [
    ROOT / "README.md",
    *(
        page
        for page in sorted(DOCS.rglob("*.md"))
        if "```console" in page.read_text() and page.name != "tutorial.md"
    ),
]


def type_page(page):
    return run_python(SCRIPT, "--here", page)


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_what_a_page_shows_is_what_comes(page):
    result = type_page(page)
    assert result.returncode == 0, result.stderr


DOCTORED = {
    "another output": "```console\n$ echo one\ntwo\n```\n",
    "a line too many": "```console\n$ echo one\none\ntwo\n```\n",
    "a line too few": "```console\n$ printf 'one\\ntwo\\n'\none\n```\n",
    "an output where none is shown": "```console\n$ echo one\n```\n",
    "a failure": "```console\n$ python -c 'exit(3)'\n```\n",
    "another exit code": "```console\n$ python -c 'exit(3)'\n$ echo $?\n4\n```\n",
    "an elision in the wrong place": "```console\n$ echo one two\none … three\n```\n",
    "the end of the shell": "```console\n$ exit\n```\n",
    "another file": "```python\n# one.txt\n```\n```console\n$ cat one.txt\n# two.txt\n```\n",
    "a change of what is not there": "```python\n# one.py\n```\n```diff\n--- one.py\n-2\n+3\n```\n",
}


@pytest.mark.parametrize("text", DOCTORED.values(), ids=DOCTORED)
def test_a_page_that_shows_something_else_is_noticed(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    result = type_page(page)
    assert result.returncode == 1
    assert result.stderr.startswith(f"{page}: ")
    assert "Traceback" not in result.stderr


def test_what_is_typed_is_one_story(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "```python\n# one.py\na = 1\n```\n"
        "```python\n# one.py, continued\nprint(a)\n```\n"
        "```diff\n--- one.py\n-a = 1\n+a = 2\n```\n"
        "```console\n$ ls ..\ngradcheck\nnew\n$ python one.py\n2\n"
        "$ printf '1\\n2\\n3 s\\n'\n…\n… s\n$ false\n$ echo $?\n1\n"
        "$ printf 'Loading one.py: 1 s\\n5 s: judging\\none\\n'\none\n```\n"
    )
    result = type_page(page)
    assert result.returncode == 0, result.stderr


def page(name):
    return (DOCS / "reference" / name).read_text()


def keys(data):
    """Every key of JSON data, but for the names of inputs and of packages, which vary."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            if key not in ("point", "versions"):
                yield from keys(value)
    elif isinstance(data, list):
        for value in data:
            yield from keys(value)


def test_every_key_of_a_case_file_is_explained():
    [sample] = (ROOT / "reports" / "sample").rglob("case.json")
    explained = set(re.findall(r"`(\w+)`", page("case-file.md")))
    assert explained >= set(keys(json.loads(sample.read_text())))


def test_every_command_has_its_place():
    assert set(re.findall(r"^## ([a-z]+)$", page("command-line.md"), re.MULTILINE)) >= set(
        commands.commands
    )


@pytest.mark.parametrize("group", GROUPS)
def test_the_operations_are_those_of_the_table(group):
    section = page("operations.md").partition(f"\n## {group}\n")[2].partition("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("| `")] == table(group)


def test_the_exit_codes_are_those_there_are():
    listed = re.findall(r"^\| (\d+) \|", page("command-line.md"), re.MULTILINE)
    assert [int(code) for code in listed] == sorted(ExitCode)


def test_every_verdict_is_explained():
    text = (DOCS / "how-to" / "read-a-finding.md").read_text()
    table = text.partition("\n## The verdict\n")[2].partition("\n## ")[0]
    words = {
        word
        for row in re.findall(r"^\| ([a-z, -]+) \|", table, re.MULTILINE)
        for word in row.split(", ")
    }
    assert words - {"verdict", "---"} == {kind.value for kind in Kind}


def test_every_page_is_in_the_index():
    listed = re.findall(r"^([\w/-]+)$", (DOCS / "index.md").read_text(), re.MULTILINE)
    pages = {str(page.relative_to(DOCS).with_suffix("")) for page in DOCS.rglob("*.md")}
    assert pages - {"index"} <= set(listed)


@pytest.mark.parametrize("file", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=str)
def test_a_link_leads_to_a_file(file):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", file.read_text()):
        assert target.startswith("https://") or (file.parent / target).exists(), target


SHAPES = [
    {"x": (2, 3), "y": (2, 3)},
    {"x": (2, 3), "y": (3, 2)},
    {"x": (1, 3), "y": (1, 3)},
    {"x": (2,), "y": (3,)},
    {"x": (2, 3, 2), "y": (2,)},
    {"x": (1, 2, 4), "k": (2, 2, 2)},
    {"x": (1, 2, 4, 4), "k": (2, 2, 2, 2)},
]


def programs(text):
    """Yield the programs of a formula, with inputs of those shapes that fit."""
    for shapes in SHAPES:
        with suppress(FormulaError):
            yield parse_program(text, shapes)


def test_the_page_of_array_operations_has_each_of_them_as_it_is_written():
    written = re.findall(r"^\| `([^`]+)` \|", page("arrays.md"), re.MULTILINE)
    found = {text: next(programs(text), None) for text in written}
    assert [text for text, program in found.items() if program is None] == []
    listed = {node.name for program in found.values() for node in program.operations}
    rows = {name for name, row in ARRAY_OPERATIONS.items() if row.elementwise is None}
    assert listed == rows
