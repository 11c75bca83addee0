"""One check of a gradient: by gradcheck, by its peers, and by a simple script with SymPy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import linear_regression
from typing import Any

from alternating import (
    Build,
    Contestant,
    Timings,
    all_of,
    alternate,
    measured,
    one_after_the_other,
    ratio,
)
from passes import engine_pass
from random_cases import random_cases
from straight_line import function
from table import Figure, Target

from gradcheck.checking import as_engine, check
from gradcheck.expression import Case
from gradcheck.oracles.slope import default_step, moved

SPEC = "engine:Value"
TORCH = "torch.autograd.gradcheck"


def own_check(case: Case) -> Contestant:
    """Return a contestant that computes the verdict as a run does."""
    engine = as_engine(SPEC)
    return lambda: check(case, engine, whole_formula=False).kind


def own_check_in_full(case: Case) -> Contestant:
    """The same, with the truth, the bound and the slope's bar of every number."""
    engine = as_engine(SPEC)
    return lambda: [(row.kind, row.slope) for row in check(case, engine, whole_formula=False).rows]


def engine_part(case: Case) -> Contestant:
    """The engine's part of a check, and nothing else: two runs, and a value for each slope."""
    engine = as_engine(SPEC)
    steps = (moved(case, index, default_step(x)) for index, x in enumerate(case.point))
    finite_differences = [there for there in steps if there is not None]

    def ask() -> None:
        engine.run(case)
        engine.run_on_used_inputs(case)
        for there in finite_differences:
            engine.value(there)

    return ask


def torch_check(case: Case) -> Contestant:
    """PyTorch's check, of its own operations."""
    import torch

    torch.set_num_threads(1)
    compiled = function(case.expression, {"tanh": torch.tanh})
    point = tuple(torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in case.point)
    return lambda: torch.autograd.gradcheck(compiled, point, raise_exception=False)


def autograd_check(case: Case) -> Contestant:
    """Autograd's check, in one random direction."""
    import autograd.numpy as np
    from autograd.test_util import check_grads

    compiled = function(case.expression, {"tanh": np.tanh})
    checked = check_grads(compiled, tuple(range(len(case.point))), modes=["rev"], order=1)
    return lambda: accepts(checked, *case.point)


def jax_check(case: Case) -> Contestant:
    """JAX's check, in one random direction."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003 - jax's signature
    compiled = function(case.expression, {"tanh": jax.numpy.tanh})
    point = tuple(jax.numpy.array(x) for x in case.point)
    return lambda: accepts(check_grads, compiled, point, order=1, modes=["rev"])


def accepts(check_grads: Any, *arguments: Any, **options: Any) -> bool:
    """Tell whether a check that raises an error at a wrong gradient accepts this one."""
    try:
        check_grads(*arguments, **options)
    except AssertionError:
        return False
    return True


def sympy_check(case: Case) -> Contestant:
    """The simple script: compare the engine's gradient with SymPy's derivative, evaluated."""
    import sympy

    run = engine_pass(case)
    symbols = sympy.symbols(case.expression.inputs)
    formula = function(case.expression, {"tanh": sympy.tanh})(*symbols)
    point = dict(zip(symbols, case.point, strict=True))

    def compare() -> bool:
        gradient: Any = run()
        return all(
            math.isclose(sympy.diff(formula, symbol).subs(point).evalf(), returned)
            for symbol, returned in zip(symbols, gradient, strict=True)
        )

    return compare


AUTOGRAD = "autograd check_grads"
JAX = "jax.test_util.check_grads"

PEERS: dict[str, Build] = {TORCH: torch_check, AUTOGRAD: autograd_check, JAX: jax_check}

SIZE_WITH_TARGETS = 10

TARGETS = {
    TORCH: Target(at_least=14.0),
    AUTOGRAD: Target(at_least=4.0),
    JAX: Target(at_least=60.0),
}

LARGEST_FOR_SYMPY = 10
"""At 20 operations SymPy can take half a minute for one expression."""


def figures(size: int, *, count: int, rounds: int, seed: int) -> list[Figure]:
    """Compare one check with each peer's, at ``count`` expressions of one size."""
    builds = {"gradcheck": own_check, "in full": own_check_in_full, "asked": engine_part}
    cases = random_cases(count, size, seed)
    timings: dict[str, Timings] = alternate(
        {
            name: all_of(build, cases)
            for name, build in {**builds, "pass": engine_pass, **PEERS}.items()
        },
        rounds,
    )
    own, one_pass = timings["gradcheck"], timings["pass"]
    what = f"one check, {size:,} operations"
    has_targets = size == SIZE_WITH_TARGETS
    return [
        *(
            Figure(
                f"{what}: as fast as {name}",
                ratio(timings[name], own),
                TARGETS[name] if has_targets else None,
            )
            for name in PEERS
        ),
        Figure(
            f"{what}: cost of the engine's own pass",
            ratio(own, one_pass),
            Target(at_most=7.0) if has_targets else None,
        ),
        Figure(f"{what}: cost of the engine's part of it", ratio(timings["asked"], one_pass)),
        Figure(
            f"{what}, every bound worked out: as fast as {TORCH}",
            ratio(timings[TORCH], timings["in full"]),
        ),
    ]


def beside_sympy(size: int, *, rounds: int, seed: int) -> Figure:
    """Compare one check with the script, at a new expression in each round.

    SymPy caches its results, so a second call on one expression would measure the cache. The
    quartiles are those of different expressions.
    """
    what = f"one check, {size:,} operations: as fast as a script with sympy"
    target = Target(at_least=200.0) if size == SIZE_WITH_TARGETS else None
    if size > LARGEST_FOR_SYMPY:
        return Figure(what, "not run: some take it minutes", target)
    groups = [[case] for case in random_cases(rounds + 1, size, seed)]
    many = 20
    timings = alternate(
        {
            "gradcheck": one_after_the_other(own_check, [group * many for group in groups]),
            "sympy": one_after_the_other(sympy_check, groups),
        },
        rounds,
    )
    return Figure(what, ratio(timings["sympy"], timings["gradcheck"].share(many)), target)


def first_time(size: int, *, count: int, rounds: int, seed: int) -> Figure:
    """Compare the first checks of new expressions, for which nothing is compiled yet."""
    cases = random_cases(count * (rounds + 1), size, seed + 1)
    groups = [cases[start : start + count] for start in range(0, len(cases), count)]
    timings = alternate(
        {
            "gradcheck": one_after_the_other(own_check, groups),
            TORCH: one_after_the_other(torch_check, groups),
        },
        rounds,
    )
    return Figure(
        f"the first check of an expression, {size:,} operations: as fast as {TORCH}",
        ratio(timings[TORCH], timings["gradcheck"]),
    )


def growth(sizes: Sequence[int], *, rounds: int, seed: int) -> Figure:
    """Fit a power of the size to the times of one check, and return its exponent."""
    counts = {size: max(1, 1000 // size) for size in sizes}
    timings = alternate(
        {
            str(size): all_of(own_check, random_cases(count, size, seed))
            for size, count in counts.items()
        },
        rounds,
    )

    of_one = [timings[str(size)].share(count) for size, count in counts.items()]

    def exponent(seconds: Sequence[float]) -> float:
        return linear_regression(list(map(math.log, sizes)), list(map(math.log, seconds))).slope

    by_round = zip(*(timing.seconds for timing in of_one), strict=True)
    return Figure(
        f"growth of one check from {sizes[0]:,} to {sizes[-1]:,} operations, as an exponent",
        measured(
            exponent([timing.median for timing in of_one]), [exponent(each) for each in by_round]
        ),
        Target(at_most=1.05),
    )
