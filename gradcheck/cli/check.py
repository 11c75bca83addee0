"""``python -m gradcheck check``: one formula at one point."""

from __future__ import annotations

import math
from pathlib import Path

import click

from gradcheck.checking import check
from gradcheck.cli.limits import Load, surviving, with_limits
from gradcheck.cli.shared import ExitCode, engine_option, ignore_option, life_option, terminal
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case, Expression
from gradcheck.findings.diagram.dot import as_dot
from gradcheck.findings.diagram.mermaid import as_mermaid
from gradcheck.findings.diagram.picture import picture_of
from gradcheck.findings.diagram.rendering import render
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.findings.store import write_atomically
from gradcheck.formula import parse
from gradcheck.kind import Kind
from gradcheck.lifecycle.run import STYLES, LifecycleResult, run_check
from gradcheck.lifecycle.steps import CHECKS
from gradcheck.table import plain
from gradcheck.table import render as render_table
from gradcheck.verdict import Verdict

_PICTURES = ("svg", "png", "gv", "mmd")


@click.command("check")
@click.argument("formula")
@click.argument("numbers", nargs=-1, metavar="NAME=NUMBER...")
@engine_option
@click.option(
    "--diagram",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw the graph, as .svg, .png, .gv (Graphviz) or .mmd (Mermaid).",
)
@life_option
@click.option("--step", type=float, metavar="H", help="The h of the slopes (f(x+h) - f(x))/h.")
@ignore_option
@with_limits
def check_command(
    formula: str,
    numbers: tuple[str, ...],
    spec: str,
    diagram: Path | None,
    step: float | None,
    ignore: str | None,
    *,
    life: bool,
    limits: EngineLimits,
) -> ExitCode:
    """Check the value and the gradient of FORMULA at a point.

    For example: python -m gradcheck check "tanh(a*b + c)" a=2 b=-3 c=10
    """
    if step is not None and (step == 0 or not math.isfinite(step)):
        message = f"--step is a number other than zero, not {step}"
        raise click.UsageError(message)
    if diagram is not None and diagram.suffix[1:] not in _PICTURES:
        message = f"--diagram {diagram}: the file ends in .svg, .png, .gv or .mmd"
        raise click.UsageError(message)
    if diagram is not None and not diagram.parent.is_dir():
        message = f"--diagram {diagram}: there is no folder {diagram.parent}"
        raise click.UsageError(message)

    def checked(load: Load) -> ExitCode:
        # First the engine, as its module may register operations of its own.
        engine = load(spec)
        case = _case(formula, numbers, engine)
        verdict = check(case, engine, step=step)
        results = [run_check(each, engine, [case]) for each in CHECKS] if life else []
        terminal().print(render_table(verdict.report))
        if diagram is not None:
            _save_diagram(verdict, diagram)
        if life and _is_broken_later(results):
            return ExitCode.FINDINGS
        return _exit_code(verdict, ignore)

    return surviving(checked, limits)


def _case(formula: str, numbers: tuple[str, ...], engine: Engine) -> Case:
    expression = parse(formula)
    if missing := sorted(o.name for o in expression.operations - engine.operations):
        message = f"{engine.spec} has no {' '.join(missing)}; `engines` tells what it has"
        raise click.UsageError(message)
    return Case(expression, _point(expression, numbers))


def _is_broken_later(results: list[LifecycleResult]) -> bool:
    """Whether more than one backward pass breaks something: tells of it, with a script for each."""
    console = terminal()
    console.print()
    for result in results:
        console.print(plain(result.row, style=STYLES[result.outcome]))
    broken = [result.verdict for result in results if result.verdict is not None]
    for verdict in broken:
        if verdict.interface is not None:  # an engine with an adapter of its own is in no script
            console.print(plain(f"\n{reproduction(verdict)}"), end="")
    return bool(broken)


def _point(expression: Expression, numbers: tuple[str, ...]) -> tuple[float, ...]:
    """The numbers in the order of the inputs; ``UsageError`` for one missing or left over."""
    given: dict[str, float] = {}
    for text in numbers:
        name, equals, number = text.partition("=")
        if not equals or name in given:
            message = f"{text!r} is not NAME=NUMBER, or gives {name} a second time"
            raise click.UsageError(message)
        given[name] = _number(text, number)
    names = expression.inputs
    missing = [name for name in names if name not in given]
    unknown = [name for name in given if name not in names]
    if missing:
        message = f"no number for {', '.join(missing)}: add {' '.join(f'{n}=1.0' for n in missing)}"
        raise click.UsageError(message)
    if unknown:
        known = f"its inputs are {', '.join(names)}" if names else "it has no inputs"
        message = f"{', '.join(unknown)} does not occur in the formula; {known}"
        raise click.UsageError(message)
    return tuple(given[name] for name in names)


def _number(text: str, number: str) -> float:
    try:
        value = float.fromhex(number) if "0x" in number.lower() else float(number)
    except (ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        message = f"{text!r}: {number!r} is not a finite number such as 0.5, -3 or 1e-3"
        raise click.UsageError(message)
    return value


def _save_diagram(verdict: Verdict, file: Path) -> None:
    picture = picture_of(verdict)
    match file.suffix[1:]:
        case "mmd":
            content = as_mermaid(picture).encode()
        case "gv":
            content = as_dot(picture).source.encode()
        case file_format:
            content = render(as_dot(picture).source, file_format)
    write_atomically(file, content)


def _exit_code(verdict: Verdict, ignore: str | None) -> ExitCode:
    ignored = ignore is not None and verdict.only_loses_digits
    if verdict.kind.is_finding and not ignored:
        return ExitCode.FINDINGS
    decided = ignored or any(row.kind is Kind.CORRECT for row in verdict.rows)
    return ExitCode.NOTHING_FOUND if decided else ExitCode.NOTHING_CHECKED
