"""``gradcheck check``: check one formula at one point."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradcheck.cli.array_inputs import arrays_of, is_array
from gradcheck.cli.isolate import isolate_option, with_isolation
from gradcheck.cli.options import (
    engine_option,
    fail_on_option,
    ignore_option,
    life_option,
    with_limits,
)
from gradcheck.cli.output import ExitCode, frozen_imports, terminal
from gradcheck.expression import Case, Expression
from gradcheck.formula import parse
from gradcheck.kind import FAIL_ON
from gradcheck.operations.operation import missing_names

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gradcheck.checking import AnyVerdict
    from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
    from gradcheck.engines.isolation.isolated_engine import EngineLimits
    from gradcheck.engines.isolation.loading import LoadEngine
    from gradcheck.engines.protocol import Engine

    Draw = Callable[[AnyVerdict], None]
    LifecycleCheck = Callable[[AnyEngine, Sequence[Case] | None], tuple[list[RenderableType], bool]]

_DRAWN = (".svg", ".png")

_DIAGRAMS = (*_DRAWN, ".gv", ".mmd")


@click.command("check")
@with_isolation
@click.argument("formula")
@click.argument("numbers", nargs=-1, metavar="NAME=NUMBER...")
@engine_option
@click.option(
    "--diagram",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw the graph to FILE: .svg, .png, .gv (Graphviz) or .mmd (Mermaid).",
)
@life_option
@click.option(
    "--step",
    type=float,
    metavar="H",
    help="Step h of the slopes (f(x+h) - f(x))/h.  [default: chosen for each input]",
)
@ignore_option
@fail_on_option
@isolate_option
@with_limits
def check_command(
    formula: str,
    numbers: tuple[str, ...],
    spec: str,
    diagram: Path | None,
    step: float | None,
    ignore: str | None,
    fail_on: tuple[str, ...],
    *,
    life: bool,
    limits: EngineLimits,
) -> ExitCode:
    """Check the value and the gradient of a formula at a point.

    For example, FORMULA is "tanh(a*b + c)", and a=2 b=-3 c=10 are its inputs. With an engine of
    arrays, inputs may be arrays: "tanh(x @ W + b)" x=[[1,2]] W=weights.npy b=3x. A shape, such as
    2x3 or 3x, stands for an array of numbers that differ from each other.
    """
    if step is not None and (step == 0 or not math.isfinite(step)):
        message = f"--step {step}: give a number other than zero"
        raise click.UsageError(message)
    if diagram is not None:
        _require_place_for(diagram)

    with frozen_imports():
        from gradcheck.checking import check
        from gradcheck.engines.arrays.protocol import ArrayEngine
        from gradcheck.engines.isolation.loading import run_isolated
        from gradcheck.engines.objects import (
            numbers_made_objects,
            why_inputs_are_not_used_again,
        )
        from gradcheck.table import Prose, plain, render

        draw = None if diagram is None else _drawing_to(diagram)
        check_lifecycle = _lifecycle_check() if life else None

    def checked(load: LoadEngine) -> ExitCode:
        # First the engine, because its module may register operations.
        engine = load(_with_arrays(spec, numbers))
        if isinstance(engine, ArrayEngine):
            if step is not None or fail_on:
                message = "--step and --fail-on are for engines of numbers; leave them out"
                raise click.UsageError(message)
            return _checked_arrays(formula, numbers, engine, draw, check_lifecycle, ignore=ignore)
        case = _case(formula, numbers, engine)
        verdict = check(case, engine, step=step, fail_on=[FAIL_ON[word] for word in fail_on])
        left_out = why_inputs_are_not_used_again(engine, case.operations)
        texts, is_broken = check_lifecycle(engine, [case]) if check_lifecycle else ([], False)
        # Print only now: if the engine ends this process, everything above is done once more.
        console = terminal()
        notes = [*numbers_made_objects(engine, case.expression), *filter(None, [left_out])]
        for part in (render(verdict.report), *(Prose(plain(note)) for note in notes), *texts):
            console.print(part)
        if draw is not None:
            draw(verdict)
        return ExitCode.FINDINGS if is_broken else _exit_code(verdict, ignore)

    return run_isolated(checked, limits)


def _with_arrays(spec: str, numbers: tuple[str, ...]) -> str:
    """Return the spec of a library with its arrays, if an input is an array."""
    from gradcheck.engines.libraries import LIBRARIES
    from gradcheck.engines.options import split_spec, with_options

    is_library = split_spec(spec)[0] in LIBRARIES
    has_arrays = any(map(is_array, numbers))
    return with_options(spec, ["arrays=yes"]) if is_library and has_arrays else spec


def _checked_arrays(
    formula: str,
    inputs: tuple[str, ...],
    engine: ArrayEngine,
    draw: Draw | None,
    check_lifecycle: LifecycleCheck | None,
    *,
    ignore: str | None,
) -> ExitCode:
    """Check a formula of arrays, and the lifecycle on its standard cases."""
    from gradcheck.arrays.notation import array_case
    from gradcheck.checking import check
    from gradcheck.table import render

    case = array_case(formula, **arrays_of(inputs))
    verdict = check(case, engine)
    texts, is_broken = check_lifecycle(engine, None) if check_lifecycle else ([], False)
    console = terminal()
    for part in (render(verdict.report), *texts):
        console.print(part)
    if draw is not None:
        draw(verdict)
    return ExitCode.FINDINGS if is_broken else _exit_code(verdict, ignore)


def _require_place_for(diagram: Path) -> None:
    if diagram.suffix not in _DIAGRAMS:
        message = f"--diagram {diagram}: name a file that ends in .svg, .png, .gv or .mmd"
        raise click.UsageError(message)
    if not diagram.parent.is_dir():
        message = f"--diagram {diagram}: there is no folder {diagram.parent}"
        raise click.UsageError(message)
    if diagram.suffix in _DRAWN:
        from gradcheck.findings.diagram.rendering import DrawingError, drawing_tool

        try:
            drawing_tool()
        except DrawingError as error:
            message = f"--diagram {diagram}: {error}. A file that ends in .gv or .mmd needs neither"
            raise click.UsageError(message) from error


def _case(formula: str, numbers: tuple[str, ...], engine: Engine) -> Case:
    expression = parse(formula)
    if missing := missing_names(expression.operations, engine.operations):
        what = f"{engine.spec} has no {' '.join(missing)}"
        message = f"{what}; `gradcheck engines {engine.spec}` shows what it has"
        raise click.UsageError(message)
    return Case(expression, _point(expression, numbers))


def _point(expression: Expression, numbers: tuple[str, ...]) -> tuple[float, ...]:
    """Return the numbers in the order of the inputs.

    Raises ``UsageError`` for one that is missing, unknown or given twice.
    """
    given: dict[str, float] = {}
    for text in numbers:
        name, equals, number = text.partition("=")
        if not equals or name in given:
            message = f"{name} is given twice" if equals else f"{text!r} is not NAME=NUMBER"
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


def _drawing_to(file: Path) -> Draw:
    """Return a function that draws the graph of a verdict to a file."""
    from gradcheck.findings.diagram.dot import as_dot
    from gradcheck.findings.diagram.mermaid import as_mermaid
    from gradcheck.findings.diagram.rendering import render
    from gradcheck.findings.store import picture_of_any, write_atomically

    def draw(verdict: AnyVerdict) -> None:
        picture = picture_of_any(verdict)
        match file.suffix:
            case ".mmd":
                content = as_mermaid(picture).encode()
            case ".gv":
                content = as_dot(picture).source.encode()
            case ending:
                content = render(as_dot(picture).source, ending[1:])
        write_atomically(file, content)

    return draw


def _lifecycle_check() -> LifecycleCheck:
    """Return a function that checks more than one backward pass, on given or on standard cases.

    It returns the results as texts, with a script for each broken one, and whether any is broken.
    """
    from gradcheck.findings.script.reproduction import reproduction
    from gradcheck.lifecycle.run import STYLES, run_check
    from gradcheck.lifecycle.steps import CHECKS
    from gradcheck.table import Prose, plain

    def check_lifecycle(
        engine: AnyEngine, cases: Sequence[Case] | None
    ) -> tuple[list[RenderableType], bool]:
        results = [run_check(each, engine, cases) for each in CHECKS]
        broken = [result.verdict for result in results if result.verdict is not None]
        texts = [Prose(plain(result.row, style=STYLES[result.outcome])) for result in results]
        # An engine with an adapter of its own has no script.
        scripts = [
            plain(f"\n{reproduction(verdict).rstrip()}")
            for verdict in broken
            if verdict.interface is not None or verdict.code is not None
        ]
        return [plain(""), *texts, *scripts], bool(broken)

    return check_lifecycle


def _exit_code(verdict: AnyVerdict, ignore: str | None) -> ExitCode:
    ignored = ignore is not None and verdict.only_loses_digits
    if verdict.is_finding and not ignored:
        return ExitCode.FINDINGS
    decided = ignored or verdict.is_decided
    return ExitCode.NOTHING_FOUND if decided else ExitCode.NOTHING_CHECKED
