"""The page as text: cards, styles and script in one, under a policy that lets in nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gradcheck.findings.diagram.palette import (
    BLAME,
    DARK_BACKGROUND,
    DARK_FOREGROUND,
    ON_DARK,
    QUIET,
    WRONG,
)
from gradcheck.findings.gallery.card import Card
from gradcheck.table import TITLES

_HERE = Path(__file__).parent

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_HERE),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def page(cards: Sequence[Card], unreadable: Sequence[str], output: Path) -> str:
    """The page of these cards, and of the folders that could not be read, each with its reason."""
    style, script = _style(), _read("script.js")
    return _ENVIRONMENT.get_template("page.html.jinja").render(
        cards=sorted(cards, key=lambda card: card.rank),
        unreadable=unreadable,
        output=output.as_posix(),
        filters={
            "Engine": ("engine", sorted({card.engine for card in cards})),
            "Kind": ("kind", sorted({card.kind for card in cards}, key=lambda kind: kind.gravity)),
            "Operation to blame": (
                "operation",
                sorted({o for card in cards for o in card.operations}),
            ),
        },
        titles=TITLES,
        policy=_policy(style, script),
        # Our own, and no place for anything else's text: these two are not escaped.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )


def _policy(style: str, script: str) -> str:
    """Images that are within the page, and this very style and script; nothing else at all."""
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _style() -> str:
    """The style sheet, and the diagrams' colours for it."""
    light = {"wrong": WRONG, "blame": BLAME, "quiet": QUIET, "back": "#ffffff", "text": "#1b1d21"}
    dark = {name: ON_DARK.get(colour, colour) for name, colour in light.items()}
    dark |= {"back": DARK_BACKGROUND, "text": DARK_FOREGROUND}
    return (
        f":root {{ {_variables(light)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {_variables(dark)} }} }}\n"
        f"{_read('style.css')}"
    )


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
