"""The table: a row for each figure, with its target."""

from __future__ import annotations

from dataclasses import dataclass

from alternating import Measured


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a figure: a smallest or a largest number."""

    at_least: float | None = None
    at_most: float | None = None

    def is_reached(self, number: float) -> bool:
        if self.at_least is not None and number < self.at_least:
            return False
        return self.at_most is None or number <= self.at_most

    def __str__(self) -> str:
        if self.at_least is not None:
            return f"at least {self.at_least:g}"
        return f"at most {self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A row. Without a number, ``measured`` says why there is none."""

    what: str
    measured: Measured | str
    target: Target | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of the row."""
        to_reach = "" if self.target is None else str(self.target)
        if isinstance(self.measured, str):
            return self.what, self.measured, "", to_reach, ""
        number, low, high = (
            _digits(n) for n in (self.measured.number, self.measured.low, self.measured.high)
        )
        reached = ""
        if self.target is not None:
            reached = "yes" if self.target.is_reached(self.measured.number) else "no"
        return self.what, number, f"{low} to {high}", to_reach, reached


HEADING = (
    ("figure", "measured", "half of the rounds", "to reach", "reached"),
    ("---", "---:", "---:", "---:", "---"),
)


def print_row(cells: tuple[str, ...]) -> None:
    """Print a row of a Markdown table at once."""
    print("|", " | ".join(cells), "|", flush=True)


def _digits(number: float) -> str:
    """Return a number with three digits, or as a whole number from 100 on."""
    return f"{number:,.0f}" if number >= 100.0 else f"{number:.3g}"
