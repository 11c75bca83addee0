"""``[tool.gradcheck]`` in ``pyproject.toml``: defaults of the options of every command."""

import json
from pathlib import Path

import pytest

PLAIN = (Path(__file__).parents[1] / "engines" / "plain.py").read_text()
BROKEN = PLAIN.replace("child.grad +=", "child.grad =")


@pytest.fixture
def configured(tmp_path):
    """Write the table, in a folder with a right engine and a broken one."""
    (tmp_path / "right.py").write_text(PLAIN)
    (tmp_path / "broken.py").write_text(BROKEN)

    def write(*lines):
        text = "\n".join(("[project]", 'name = "mine"', "[tool.gradcheck]", *lines, ""))
        (tmp_path / "pyproject.toml").write_text(text)

    return write


FEW = ('engine = "broken.py"', "examples = 60", "seed = 1")


def finished(result):
    return json.loads(result.stdout.splitlines()[-1])


def saved_run(command_line):
    return json.loads(command_line("stats", "--format", "json").stdout)


def test_what_is_configured_is_what_a_command_does(command_line, configured, tmp_path):
    configured(*FEW, 'format = "json"', 'ops = "*"', 'output = "found"')
    result = command_line("fuzz")
    assert result.returncode == 1
    last = finished(result)
    assert (last["engine"], last["seed"], last["expressions"]) == ("broken.py:Value", 1, 60)
    assert last["operations"] == ["*"]
    assert [*tmp_path.glob("found/broken.py.Value/*/case.json")]
    assert command_line("check", "a*a", "a=3").returncode == 1


@pytest.mark.parametrize(
    "typed", [("right.py",), ("--engine", "right.py"), ("--engine", "right.py:Value")]
)
def test_what_is_typed_wins(command_line, configured, typed):
    configured(*FEW, 'format = "json"', 'ops = "*"')
    result = command_line("fuzz", *typed, "--seed", "2", "--ops", "+")
    assert result.returncode == 0
    last = finished(result)
    assert (last["engine"], last["seed"], last["operations"]) == ("right.py:Value", 2, ["+"])


@pytest.mark.parametrize(
    ("lines", "typed", "expressions"),
    [
        (("examples = 60",), ("--rounds", "0:2"), 100),
        (("examples = 60", "quiet = true"), ("--verbose",), 60),
        (("examples = 60", 'cluster = "tcp://nowhere:1"'), ("--workers", "1"), 60),
    ],
    ids=["--rounds", "--verbose", "--workers"],
)
def test_what_is_typed_replaces_what_it_excludes(
    command_line, configured, lines, typed, expressions
):
    configured('engine = "right.py"', *lines)
    assert command_line("fuzz", *typed).returncode == 0
    assert saved_run(command_line)["stats"]["expressions"] == expressions


def test_two_keys_that_exclude_each_other_are_refused(command_line, configured):
    configured("quiet = true", "verbose = true")
    result = command_line("fuzz", "right.py")
    assert result.returncode == 2
    assert result.stderr == ("Error: --verbose and --quiet exclude each other: give only one\n")


def test_a_resumed_run_keeps_the_limits_that_it_began_with(command_line, configured):
    configured()
    assert command_line("fuzz", "right.py", "--examples", "60", "--seed", "1").returncode == 0
    configured('time = "1h"', 'until-stale = "1h"')
    assert command_line("fuzz", "--resume", "reports").returncode == 0
    asked = saved_run(command_line)["asked"]
    assert (asked.get("seconds"), asked.get("until_stale")) == (None, None)
    assert command_line("fuzz", "--resume", "reports", "--until-stale", "2h").returncode == 0
    assert saved_run(command_line)["asked"]["until_stale"] == 7200


def test_findings_are_judged_with_their_own_engine(command_line, configured):
    configured(*FEW)
    assert command_line("fuzz").returncode == 1
    configured('engine = "right.py"')
    assert command_line("replay").returncode == 1
    assert command_line("replay", "--engine", "right.py").returncode == 0


def test_a_value_counts_for_the_commands_that_take_it(command_line, configured):
    configured('format = "csv"', *FEW)
    assert command_line("fuzz").stdout.startswith("Checking broken.py:Value")
    assert "[default: csv]" in command_line("grade", "-h").stdout


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('tim = "3s"', "no key is called 'tim'; there are: case-timeout cluster engine examples "),
        ('ulps = ["tanh=3"]', "no key is called 'ulps'; there are: "),
        ("resume = true", "no key is called 'resume'; there are: "),
        ("time = 20", "time: '20' is not a time such as 30s, 10m or 8h"),
        ('time = ["20s"]', "time: write a text or a number"),
        ("engine = 3", "engine: write a text, in quotes"),
        ('quiet = "yes"', "quiet: write true or false"),
        ('fail-on = "kink"', "fail-on: write a list of texts, in brackets"),
        ('fail-on = ["kinks"]', "fail-on: 'kinks' is not one of 'kink', 'singular', 'depth'."),
        ("max-ops = 5000", "max-ops: 5000 is not in the range 1<=x<=1000."),
        ('format = "xml"', "format: 'xml' is not one of "),
        ("operations = 3", 'write operations = ["my_ops"]'),
        ("[[tool.gradcheck]]", "write it once, in single brackets"),
    ],
)
def test_a_mistake_is_one_line_with_the_key_and_the_file(
    command_line, configured, tmp_path, line, message
):
    if line.startswith("["):
        (tmp_path / "pyproject.toml").write_text(f"{line}\n")
    else:
        configured(line)
    result = command_line("check", "a*a", "a=3", "--engine", "gradcheck.engine:Value")
    assert result.returncode == 2
    assert result.stderr.startswith(f"Error: [tool.gradcheck] in pyproject.toml: {message}")
    assert result.stderr.count("\n") == 1


def test_help_shows_what_is_configured(command_line, configured):
    assert "my_engine.py" not in command_line("fuzz", "-h").stdout
    configured('engine = "my_engine.py"')
    assert "[default: my_engine.py]" in command_line("fuzz", "-h").stdout


def test_without_the_table_nothing_is_configured(command_line, configured, tmp_path):
    configured(*FEW)
    text = (tmp_path / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(text.replace("tool.gradcheck", "tool.other"))
    assert command_line("check", "a*a", "a=3").returncode == 0
