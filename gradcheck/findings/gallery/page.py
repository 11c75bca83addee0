"""The page: cards, style and script in one file, with a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from gradcheck.findings.case_file import CaseFileError, saved_findings
from gradcheck.findings.diagram.palette import (
    BLAME,
    DARK_BACKGROUND,
    DARK_FOREGROUND,
    ON_DARK,
    QUIET,
    WRONG,
)
from gradcheck.findings.gallery.card import Card, card_of
from gradcheck.findings.store import write_atomically
from gradcheck.table import TITLES

FILE_NAME = "index.html"

_HERE = Path(__file__).parent


def templates(folder: Path) -> Environment:
    """Return the templates in a folder, which escape all that they are given.

    Their filter ``prose`` is for sentences.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["prose"] = prose
    return environment


def prose(sentence: str) -> Markup:
    """Return a sentence as HTML, in which what stands between backticks is code.

    >>> prose("`a<b` is a set")
    Markup('<code>a&lt;b</code> is a set')
    """
    parts = sentence.split("`")
    if len(parts) % 2 == 0:  # a backtick without its other one
        return escape(sentence)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


_ENVIRONMENT = templates(_HERE)


def write_gallery(output: Path) -> Path:
    """Write ``index.html`` with all findings below ``output``, and return its path.

    The page lists the case files that cannot be read. Raises ``OSError``.
    """
    cards, unreadable = [], []
    for path in saved_findings(output):
        try:
            cards.append(card_of(path, output))
        except CaseFileError as error:
            unreadable.append(str(error))
    file = output / FILE_NAME
    write_atomically(file, _page(cards, unreadable, output).encode("utf-8", "replace"))
    return file


def _page(cards: Sequence[Card], unreadable: Sequence[str], output: Path) -> str:
    """Return the page. ``unreadable`` has the reason for each file that cannot be read."""
    style, script = style_sheet(), _read("script.js")
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
        policy=policy_for(style, script),
        # These two are our own and contain no text of anyone else, so they are not escaped.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )


def policy_for(style: str, script: str) -> str:
    """Return a policy that allows this style, this script and images in the page, nothing else."""
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def style_sheet() -> str:
    """Return the style sheet, after variables with the colours of the diagrams."""
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
