"""Numbers for a picture: four digits, and where these do not tell, how many bits are right."""

from __future__ import annotations

import math

from gradcheck.comparison import Comparison

BITS = 53
"""Of a float64."""


def short(number: float) -> str:
    """A number in four digits."""
    return f"{number:.4g}"


def compared(what: str, witness: Comparison, *, is_missing: bool = False) -> tuple[str, ...]:
    """A number in a line; a wrong one with the truth, or with the bits that are right, below it."""
    true = short(witness.true)
    if is_missing:
        return (f"no {what} WRONG", f"true {true}")
    if witness.returned is None:
        return (f"true {what} {true}",)
    returned = short(witness.returned)
    if witness.agrees is not False:
        return (f"{what} {returned}",)
    if returned != true:
        return (f"{what} {returned} WRONG", f"true {true}")
    return (f"{what} {returned} WRONG", f"right to {right_bits(witness)} of {BITS} bits")


def right_bits(witness: Comparison) -> int:
    """How many leading bits of a wrong number are right."""
    error = witness.relative_error
    return 0 if error >= 1.0 else min(BITS, math.floor(-math.log2(error)))


def in_full(what: str, witness: Comparison) -> str:
    """The number, the truth and the bound in all their digits."""
    bound = witness.allowed_error
    allowed = "no bound" if math.isnan(bound) else f"allowed error {bound!r}"
    returned = "none" if witness.returned is None else repr(witness.returned)
    return f"{what} {returned} (true {witness.true!r}, {allowed})"
