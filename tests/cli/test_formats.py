"""``fuzz --format github|junit|sarif``: each is read back with a parser."""

import json
import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from gradcheck.engines.loading import load_engine
from gradcheck.fuzz.events import Finished, Started, State
from gradcheck.fuzz.reporters.github import annotation_lines
from gradcheck.fuzz.reporters.junit import junit_xml
from gradcheck.fuzz.reporters.sarif import sarif_json
from gradcheck.kind import FAIL_ON, Kind

ENGINES = Path(__file__).parents[1] / "engines"
PLAIN = (ENGINES / "plain.py").read_text()
RAISES = r"""def tanh(self):
        raise ValueError("50%, \x00\x1b]::error:: <b>\n]]> \ud800")"""
SOURCES = {
    "right": PLAIN,
    "bell\a": PLAIN,
    "broken": PLAIN.replace("child.grad +=", "child.grad ="),
    "nasty": PLAIN.replace("def tanh(self):", RAISES),
    "imprecise": PLAIN.replace("(1.0 - t * t,)", "((1.0 - t * t) * (1.0 + 1e-12),)"),
}
FEW = ("--examples", "40", "--seed", "1")


@pytest.fixture(scope="module")
def fuzz(in_folder, tmp_path_factory):
    """The result of a short run of one of the engines, in a format."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "my engines").mkdir()
    for name, source in SOURCES.items():
        assert name in ("right", "bell\a") or source != PLAIN
        (folder / "my engines" / f"{name}.py").write_text(source)

    def run(name, output_format, *words, env=()):
        output = str(tmp_path_factory.mktemp("reports"))
        words = (f"my engines/{name}.py", "--format", output_format, *FEW, *words)
        words = (*words, "--output", output)
        return in_folder(folder, "fuzz", *words, env=env)

    return run


def line_of(name, start):
    """The number of the only line of an engine that begins so, blanks aside."""
    lines = SOURCES[name].splitlines()
    [number] = [n for n, line in enumerate(lines, 1) if line.strip().startswith(start)]
    return number


def workflow_commands(text):
    """The commands in a log, as GitHub's runner reads them."""
    commands = []
    for line in text.splitlines():
        if match := re.fullmatch(r"::(\w+) (.*?)::(.*)", line):
            level, properties, message = match.groups()
            pairs = (pair.partition("=") for pair in properties.split(","))
            commands.append((level, {k: unescaped(v) for k, _, v in pairs}, unescaped(message)))
    return commands


def unescaped(text):
    for code, character in {"%3A": ":", "%2C": ",", "%0D": "\r", "%0A": "\n", "%25": "%"}.items():
        text = text.replace(code, character)
    return text


# GitHub


def test_on_github_a_finding_is_an_error_at_the_operation_that_is_at_fault(fuzz):
    result = fuzz("nasty", "github")
    assert result.returncode == 1
    [(level, properties, message)] = workflow_commands(result.stdout)
    assert (level, properties["file"]) == ("error", "my engines/nasty.py")
    assert int(properties["line"]) == line_of("nasty", "def tanh")
    assert properties["title"] == "crash-ValueError-of-tanh"
    assert message.startswith("tanh(a) by my engines/nasty.py:Value at a = ")
    assert "python -m gradcheck replay /" in message.splitlines()[-1]


def test_on_github_the_log_shows_the_run_as_text(fuzz):
    assert "Finding: lost-contribution\n" in fuzz("broken", "github").stdout


def test_on_github_a_right_engine_has_no_annotation(fuzz):
    result = fuzz("right", "github")
    assert result.returncode == 0
    assert "No finding." in result.stdout
    assert "::" not in result.stdout


def test_a_file_outside_of_the_repository_is_not_annotated(fuzz, tmp_path):
    result = fuzz("broken", "github", env={"GITHUB_WORKSPACE": str(tmp_path)})
    for _, properties, _ in workflow_commands(result.stdout):
        assert properties.keys() == {"title"}


# JUnit


def suite_of(result):
    root = ET.fromstring(result.stdout)
    assert root.tag == "testsuites"
    [suite] = root
    tests = suite.findall("testcase")
    counts = {"tests": tests, "failures": suite.findall("testcase/failure")}
    counts["errors"] = suite.findall("testcase/error")
    for name, found in counts.items():
        assert int(suite.get(name)) == len(found)
    return suite


def test_in_junit_a_finding_is_a_failed_test_with_its_table(fuzz):
    result = fuzz("broken", "junit")
    assert result.returncode == 1
    suite = suite_of(result)
    for test in suite.findall("testcase"):
        assert test.get("classname") == "my engines/broken.py:Value"
        assert test.get("name").startswith("lost-contribution")
        [failure] = test
        assert failure.get("type") == "wrong-gradient"
        assert "a contribution is lost." in failure.get("message")
        assert re.search(r"^ a +1\.0 +2\.0 .* wrong-gradient$", failure.text, re.MULTILINE)


def test_junit_stands_alone_on_standard_output_and_people_read_the_other(fuzz):
    result = fuzz("broken", "junit")
    assert result.stdout.startswith("<?xml ")
    assert "Finding: lost-contribution\n" in result.stderr


def test_what_xml_cannot_hold_is_replaced(fuzz):
    [test] = suite_of(fuzz("bell\a", "junit")).findall("testcase")
    assert test.get("classname") == "my engines/bell\ufffd.py:Value"


def test_in_junit_a_right_engine_is_one_passed_test(fuzz):
    result = fuzz("right", "junit")
    assert result.returncode == 0
    [test] = suite_of(result).findall("testcase")
    assert [*test] == []


# SARIF

ALLOWED = {
    "log": {"$schema", "version", "runs"},
    "run": {"tool", "invocations", "results", "columnKind"},
    "result": {
        *("ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"),
    },
}


def run_of(result):
    """The run in a SARIF log, whose required properties are there and are of the right kind."""
    log = json.loads(result.stdout)
    assert log.keys() == ALLOWED["log"]
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    assert run.keys() == ALLOWED["run"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "gradcheck"
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(rules) == len({*rules})
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    for found in run["results"]:
        assert found.keys() == ALLOWED["result"]
        assert found["ruleId"] == rules[found["ruleIndex"]]
        assert found["level"] in {"error", "warning"}
        assert isinstance(found["message"]["text"], str)
        for location in found["locations"]:
            physical = location["physicalLocation"]
            assert re.fullmatch(r"[\w./%-]+", physical["artifactLocation"]["uri"])
            assert physical["region"]["startLine"] >= 1
        assert all(isinstance(text, str) for text in found["partialFingerprints"].values())
    [invocation] = run["invocations"]
    assert isinstance(invocation["executionSuccessful"], bool)
    return run


def test_in_sarif_a_finding_is_a_result_at_the_operation_that_is_at_fault(fuzz):
    result = fuzz("nasty", "sarif")
    assert result.returncode == 1
    [found] = run_of(result)["results"]
    assert (found["ruleId"], found["level"]) == ("crash", "error")
    [location] = found["locations"]
    physical = location["physicalLocation"]
    assert unquote(physical["artifactLocation"]["uri"]) == "my engines/nasty.py"
    assert physical["region"] == {"startLine": line_of("nasty", "def tanh")}


def test_in_sarif_a_right_engine_has_no_result(fuzz):
    result = fuzz("right", "sarif")
    assert result.returncode == 0
    run = run_of(result)
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"]


def test_in_sarif_every_kind_that_can_be_a_finding_has_a_rule(fuzz):
    rules = {rule["id"] for rule in run_of(fuzz("right", "sarif"))["tool"]["driver"]["rules"]}
    assert rules == {kind.value for kind in Kind if kind.is_finding} | {*FAIL_ON.values()}


# All of them


@pytest.mark.parametrize(
    ("interrupted", "message"),
    [
        (False, "Nothing could be checked of engine:Value."),
        (True, "Interrupted after 0.0 s."),
    ],
)
def test_a_run_without_an_answer_is_told_in_every_format(interrupted, message):
    started = Started("engine:Value", 1, ("+",), ())
    event = Finished(started, State(), (), not_replayed=0, interrupted=interrupted)
    engine = load_engine("gradcheck.engine:Value")
    texts = {message for _, _, message in workflow_commands(annotation_lines(event, engine, None))}
    assert message in texts
    suite = ET.fromstring(junit_xml(event, engine, None))[0]
    assert texts == {error.get("message") for error in suite.findall("testcase/error")}
    [invocation] = json.loads(sarif_json(event, engine, None))["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    told = invocation["toolExecutionNotifications"]
    assert texts == {notification["message"]["text"] for notification in told}


@pytest.mark.parametrize("output_format", ["github", "junit", "sarif"])
def test_a_run_that_cannot_begin_writes_nothing(fuzz, output_format):
    result = fuzz("right", output_format, "--ops", "power")
    assert (result.returncode, result.stdout) == (4, "")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("ignore", [(), ("--ignore", "imprecise")], ids=["counts", "ignored"])
def test_a_finding_that_is_ignored_is_a_warning_or_passed(fuzz, ignore):
    is_ignored = bool(ignore)
    level = "warning" if is_ignored else "error"
    github = fuzz("imprecise", "github", *ignore)
    assert github.returncode == (not is_ignored)
    assert {command[0] for command in workflow_commands(github.stdout)} == {level}
    assert {found["level"] for found in run_of(fuzz("imprecise", "sarif", *ignore))["results"]} == {
        level
    }
    suite = suite_of(fuzz("imprecise", "junit", *ignore))
    assert (suite.get("failures") == "0") is is_ignored


@pytest.mark.parametrize("output_format", ["junit", "sarif"])
def test_one_document_is_about_one_engine(fuzz, output_format):
    result = fuzz("right", output_format, "my engines/broken.py")
    assert result.returncode == 2
    assert "writes one document: name one engine" in result.stderr


def test_annotations_of_several_engines_follow_each_other(fuzz):
    result = fuzz("right", "github", "my engines/broken.py")
    assert result.returncode == 1
    commands = workflow_commands(result.stdout)
    assert {properties["file"] for _, properties, _ in commands} == {"my engines/broken.py"}
