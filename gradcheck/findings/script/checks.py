"""Checks of single numbers in a script."""

from __future__ import annotations

from gradcheck.comparison import Comparison
from gradcheck.findings.script.faithful_range import faithful_range
from gradcheck.kind import Kind
from gradcheck.number_verdict import NumberVerdict
from gradcheck.oracles.certificate import Certified

_WITHOUT_WRONG_NUMBER = (
    *(Kind.MISSING_GRADIENT, Kind.MUTATED_INPUT),
    *(Kind.CRASH, Kind.HANG, Kind.MEMORY, Kind.DEPTH_LIMIT, Kind.SINGULAR),
)
"""The kinds of bugs that show at the point itself, but not as a wrong number."""


def is_wrong_at_the_point(number: NumberVerdict) -> bool:
    """Return whether a number itself is wrong, not only its slope."""
    return number.kind in _WITHOUT_WRONG_NUMBER or number.backprop.agrees is False


def within(place: str, certified: Certified, *, cause: str = "rounding") -> list[str]:
    """Return a check that a number is in the range that a faithful engine may return."""
    if certified.overflow:
        return [
            "# The true number is beyond the largest float.",
            f'assert not abs({place}) < float("inf"), f"{place} is {{{place}}}, no infinity"',
        ]
    limits = faithful_range(certified)
    assert limits is not None  # otherwise nothing would be proved
    low, high = limits
    true = Comparison(None, certified).true
    number = place if place.isidentifier() else f"float({place})"
    proved = f"# True number, from SymPy and ball arithmetic: {true!r}."
    message = f'f"{place} is {{{place}}}, not {true!r}"'
    if low == high:
        exact = f"{cause.capitalize()} cannot change it."
        return [f"{proved} {exact}", f"assert {number} == {low!r}, {message}"]
    return [
        f"{proved} The range for {cause}:",
        f"assert {low!r} <= {number} <= {high!r}, {message}",
    ]
