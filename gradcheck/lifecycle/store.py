"""What a broken check leaves behind."""

from __future__ import annotations

from pathlib import Path

from gradcheck.engines.protocol import Engine
from gradcheck.findings.finding import engine_folder
from gradcheck.findings.store import write_atomically
from gradcheck.lifecycle.reproduction import reproduction
from gradcheck.lifecycle.result import Result
from gradcheck.lifecycle.words import sentence


def folder_of(check: str, spec: str) -> Path:
    """Where a check of an engine is kept, below the output folder: ``<engine>/life-<check>``."""
    return engine_folder(spec) / f"life-{check}"


def save(result: Result, engine: Engine, output: Path) -> Path:
    """Write ``repro.py`` and a README of a broken check below ``output``; the folder of both.

    There is no case file: a case is one backward pass. Raises ``OSError`` where the disk does not
    allow it.
    """
    folder = output / folder_of(result.check, engine.spec)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"README.md": _readme(result, engine, folder), "repro.py": reproduction(result, engine)}
    for name, text in texts.items():
        write_atomically(folder / name, text.encode("utf-8", "replace"))
    return folder


def _readme(result: Result, engine: Engine, folder: Path) -> str:
    script = (folder / "repro.py").as_posix()
    paragraphs = [
        f"# {result.check} is broken",
        f"    {engine.spec}",
        f"    {sentence(result)}",
        "To see it again, without gradcheck:",
        f"    python {script}",
    ]
    return "\n\n".join(paragraphs) + "\n"
