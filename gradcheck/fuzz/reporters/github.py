"""Annotations on GitHub: a workflow command for each finding of a run."""

from __future__ import annotations

from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.findings.annotation import annotation
from gradcheck.fuzz.events import Finished
from gradcheck.fuzz.reporters.problem import failures_of, problems_of


def annotation_lines(event: Finished, engine: AnyEngine, ignore: str | None) -> str:
    """Return a line for each finding, at the line of the engine's file that is at fault.

    A finding that ``ignore`` names is a warning.
    """
    lines = [
        annotation(
            "\n".join((*problem.sentences, problem.replay)),
            title=problem.signature,
            file=problem.file,
            line=problem.line,
            level="warning" if problem.is_ignored else "error",
        )
        for problem in problems_of(event, engine, ignore)
    ]
    lines += [annotation(text, title="gradcheck") for text in failures_of(event)]
    return "".join(f"{line}\n" for line in lines)
