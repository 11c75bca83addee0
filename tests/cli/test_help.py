"""Help, version and completion: what the command line says of itself."""

import importlib.metadata
import re
from pathlib import Path

import pytest

from gradcheck.cli import commands

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"


@pytest.mark.parametrize("words", [(), *((name,) for name in commands.commands)], ids=" ".join)
def test_the_short_option_shows_the_help_too(command_line, words):
    result = command_line(*words, "-h")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: {' '.join(('gradcheck', *words))} [OPTIONS]")
    assert result == command_line(*words, "--help")


@pytest.mark.parametrize("columns", ["40", "80"])
def test_no_help_is_cut_however_narrow_the_terminal(command_line, columns):
    shown = command_line("-h", env={"COLUMNS": columns}).stdout.partition("Commands:")[2]
    for name, command in commands.commands.items():
        first, _, _ = command.help.partition("\n")
        assert f" {name} {first} " in f" {' '.join(shown.split())} "


def test_every_option_is_explained():
    for command in commands.commands.values():
        for parameter in command.params:
            assert parameter.param_type_name == "argument" or parameter.help.endswith((".", "]"))


def test_the_version_is_that_of_the_package(command_line):
    version = importlib.metadata.version("gradcheck")
    assert command_line("--version").stdout == f"gradcheck, version {version}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_line_for_a_shell_s_start_up_file_makes_it_complete_words(command_line, shell):
    variable, value = f"_GRADCHECK_COMPLETE={shell}_source".split("=")
    assert f"{variable}={value} gradcheck" in DOCS.read_text()
    source = command_line(env={variable: value})
    assert source.returncode == 0
    assert re.search(rf"_GRADCHECK_COMPLETE={shell}_complete\b", source.stdout)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("gradcheck re", ["replay", "report"]),
        ("gradcheck check --dia", ["--diagram"]),
        ("gradcheck fuzz --format ", ["text", "json", "github", "junit", "sarif"]),
        ("gradcheck nothing-of-this-kind", []),
    ],
)
def test_commands_options_and_values_are_completed(command_line, typed, completed):
    environment = {
        "_GRADCHECK_COMPLETE": "bash_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(typed.count(" ")),
    }
    result = command_line(env=environment)
    assert [line.partition(",")[2] for line in result.stdout.split()] == completed
