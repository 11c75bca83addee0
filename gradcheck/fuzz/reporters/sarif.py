"""SARIF 2.1.0, the format in which code scanning takes results."""

from __future__ import annotations

import importlib.metadata
import json
from urllib.parse import quote

from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.findings.json_file import Data
from gradcheck.fuzz.events import Finished
from gradcheck.fuzz.reporters.problem import Problem, failures_of, problems_of
from gradcheck.kind import Kind

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_RULES = {
    Kind.WRONG_VALUE: "The forward pass computes a wrong value.",
    Kind.WRONG_GRADIENT: "The backward pass computes a wrong gradient.",
    Kind.WRONG_SHAPE: "A gradient does not have the shape of its input.",
    Kind.MISSING_GRADIENT: "An input that the output depends on gets no gradient.",
    Kind.NON_FINITE: "A number is NaN or infinite where it is finite.",
    Kind.MUTATED_INPUT: "A pass changes an input.",
    Kind.NONDETERMINISTIC: "The same case gives other numbers when it is run again.",
    Kind.CRASH: "The engine raises an error or ends its process.",
    Kind.HANG: "The engine does not end within its time limit.",
    Kind.MEMORY: "The engine exceeds its memory limit.",
    Kind.IMPRECISE_VALUE: "A value loses more digits than rounding explains.",
    Kind.IMPRECISE_GRADIENT: "A gradient loses more digits than rounding explains.",
    Kind.DEPTH_LIMIT: "A deep graph reaches Python's recursion limit.",
    Kind.NO_SUBGRADIENT: "At a kink, no choice of sides gives the gradient.",
    Kind.SINGULAR: "Only the whole formula has a derivative.",
}
"""The kinds that can be findings."""


def sarif_json(event: Finished, engine: AnyEngine, ignore: str | None) -> str:
    """Return a log with a rule for each kind and a result for each finding.

    What else keeps a run from an answer is a notification. A finding that ``ignore`` names is a
    warning.
    """
    notifications: list[Data] = [
        {"level": "error", "message": {"text": failure}} for failure in failures_of(event)
    ]
    rules: list[Data] = [
        {"id": kind.value, "shortDescription": {"text": text}} for kind, text in _RULES.items()
    ]
    results: list[Data] = [_result(each, event) for each in problems_of(event, engine, ignore)]
    run: dict[str, Data] = {
        "tool": {
            "driver": {
                "name": "gradcheck",
                "version": importlib.metadata.version("gradcheck"),
                "rules": rules,
            }
        },
        "invocations": [
            {
                "executionSuccessful": not notifications,
                "toolExecutionNotifications": notifications,
            }
        ],
        "results": results,
        "columnKind": "unicodeCodePoints",
    }
    log: dict[str, Data] = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _result(problem: Problem, event: Finished) -> dict[str, Data]:
    fingerprint = f"{event.started.engine} {problem.signature}"
    return {
        "ruleId": problem.kind.value,
        "ruleIndex": list(_RULES).index(problem.kind),
        "level": "warning" if problem.is_ignored else "error",
        "message": {"text": "\n".join((*problem.sentences, problem.replay))},
        "locations": _locations(problem),
        "partialFingerprints": {"bug/v1": fingerprint},
    }


def _locations(problem: Problem) -> list[Data]:
    if problem.file is None:
        return []
    artifact: dict[str, Data] = {"uri": quote(problem.file), "uriBaseId": "%SRCROOT%"}
    region: dict[str, Data] = {"startLine": problem.line}
    return [{"physicalLocation": {"artifactLocation": artifact, "region": region}}]
