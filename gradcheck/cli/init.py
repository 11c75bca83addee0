"""``gradcheck init``: write a configuration, a test and a workflow into a project."""

from __future__ import annotations

from pathlib import Path

import click

from gradcheck.cli.output import ExitCode, frozen_imports, program
from gradcheck.cli.several import specs_in

_TEST = Path("tests/test_gradients.py")

_WORKFLOW = Path(".github/workflows/gradcheck.yml")


@click.command("init")
@click.argument("engine", required=False)
def init_command(engine: str | None) -> ExitCode:
    """Write a configuration, a test and a workflow into this project.

    ENGINE is what --engine of fuzz takes. Without it, the one engine in this folder is taken. A
    file that exists is overwritten only if you say so.
    """
    from gradcheck.cli.starter import TEST, UNKNOWN_PLACE, gradcheck_requirement, workflow
    from gradcheck.engines.configuration import FILE_NAME

    here = Path.cwd()
    spec, table = _configuration(engine)
    requirement = gradcheck_requirement(here)
    wanted = {_TEST: TEST, _WORKFLOW: workflow(here, requirement)}
    # All questions come first, so that an answer by Ctrl-C leaves everything as it is.
    texts = {path: text for path, text in wanted.items() if _may_write(path, text)}
    if table is not None:
        texts = {Path(FILE_NAME): table, **texts}
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        click.echo(f"Wrote {path.as_posix()}")
    for path in (Path(FILE_NAME), *wanted):
        if path not in texts:
            click.echo(f"Left {path.as_posix()} as it is")
    if _WORKFLOW in texts and requirement == UNKNOWN_PLACE:
        click.echo(f"In {_WORKFLOW.as_posix()}, replace {UNKNOWN_PLACE} by where CI gets it from.")
    click.echo(f"\n{spec} is checked by: {program()} fuzz")
    click.echo(f"The same cases in every run: python -m pytest {_TEST.as_posix()}")
    return ExitCode.NOTHING_FOUND


def _configuration(engine: str | None) -> tuple[str, str | None]:
    """Return the engine, and the new text of ``pyproject.toml`` if that has no table yet."""
    from gradcheck.cli.starter import engine_line, with_table
    from gradcheck.engines.configuration import (
        FILE_NAME,
        configured_engine,
        read_configuration,
        table_in,
    )

    here = Path.cwd()
    spec = None if engine is None else _loaded(engine)
    if read_configuration(here):
        configured = configured_engine(here)
        if configured is None or spec not in (None, configured):
            line = engine_line(spec or "my_engine.py:Value")
            message = f"{table_in(here)} is left as it is: write {line} there, then start again"
            raise click.UsageError(message)
        return configured, None
    spec = spec or _only_engine()
    file = Path(FILE_NAME)
    try:
        text = file.read_bytes().decode() if file.exists() else ""
    except UnicodeDecodeError:
        message = f"{FILE_NAME} is not UTF-8, as TOML has to be"
        raise click.UsageError(message) from None
    return spec, with_table(text, spec)


def _only_engine() -> str:
    """Return the spec of the one engine in the working directory.

    Only files with a class that defines operators are imported. Raises ``UsageError`` if there is
    none or more than one.
    """
    from gradcheck.engines.importing import EngineLoadError
    from gradcheck.grade.submissions import may_have_engine

    files = [file for file in specs_in(".") if may_have_engine(Path(file))]
    if len(files) == 1:
        return _loaded(files[0])
    specs = []
    for file in files:
        try:
            specs.append(_loaded(file))
        except EngineLoadError:
            continue
    if len(specs) == 1:
        return specs[0]
    found = f"has several engines: {', '.join(specs)}" if specs else "has no engine that is found"
    example = specs[0] if specs else "path/to/my_engine.py"
    message = f"this folder {found}; name one, as in: {program()} init {example}"
    raise click.UsageError(message)


def _loaded(spec: str) -> str:
    """Load an engine, and return its spec with the class. Raises ``EngineLoadError``."""
    with frozen_imports():
        from gradcheck.engines.isolation.isolated_engine import EngineLimits
        from gradcheck.engines.isolation.loading import run_isolated

    return run_isolated(lambda load: load(spec).spec, EngineLimits())


def _may_write(path: Path, text: str) -> bool:
    """Tell whether a file may be written; a question is asked if another one is there."""
    if not path.exists():
        return True
    if path.read_text(encoding="utf-8", errors="replace") == text:
        return False
    return click.confirm(f"Overwrite {path.as_posix()}?", err=True)
