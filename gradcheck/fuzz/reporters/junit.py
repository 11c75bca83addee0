"""JUnit XML, as most CI services read it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.fuzz.events import Finished
from gradcheck.fuzz.reporters.problem import Problem, failures_of, problems_of
from gradcheck.fuzz.reporters.summary import ending

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not have, and an engine's error message may."""


def junit_xml(event: Finished, engine: AnyEngine, ignore: str | None) -> str:
    """Return a suite with a failed test for each finding, or a passed one if there is none.

    What else keeps a run from an answer is an error of a test. A finding that ``ignore`` names is
    a passed test with its table as output.
    """
    problems, failures = problems_of(event, engine, ignore), list(failures_of(event))
    seconds = f"{event.state.seconds:.3f}"
    suite = ET.Element(
        "testsuite",
        name=_text(event.started.engine),
        tests=str(max(1, len(problems) + len(failures))),
        failures=str(sum(not problem.is_ignored for problem in problems)),
        errors=str(len(failures)),
        skipped="0",
        time=seconds,
        timestamp=event.state.began.isoformat(timespec="seconds"),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("seed", str(event.started.seed)),
        ("operations", " ".join(event.started.operations)),
    ):
        ET.SubElement(properties, "property", name=name, value=_text(value))
    for problem in problems:
        _add_finding(suite, event, problem)
    for failure in failures:
        test = _add_test(suite, event, "run")
        ET.SubElement(test, "error", message=_text(failure), type="run").text = _text(failure)
    if not problems and not failures:
        _add_test(suite, event, "random expressions", time=seconds)
    ET.SubElement(suite, "system-out").text = _text("\n".join(ending(event, verbose=True)))
    suites = ET.Element("testsuites", name="gradcheck")
    suites.append(suite)
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _add_test(suite: ET.Element, event: Finished, name: str, **attributes: str) -> ET.Element:
    named = {"classname": _text(event.started.engine), "name": _text(name), "time": "0.000"}
    return ET.SubElement(suite, "testcase", named | attributes)


def _add_finding(suite: ET.Element, event: Finished, problem: Problem) -> None:
    place = {} if problem.file is None else {"file": _text(problem.file), "line": str(problem.line)}
    test = _add_test(suite, event, problem.signature, **place)
    text = _text(f"{problem.table}\n\n{problem.replay}")
    if problem.is_ignored:
        ET.SubElement(test, "system-out").text = text
    else:
        message = _text(" ".join(problem.sentences))
        ET.SubElement(test, "failure", message=message, type=problem.kind.value).text = text


def _text(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
