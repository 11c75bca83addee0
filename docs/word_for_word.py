"""Run the commands of documentation pages, and compare their output with what the pages show.

    python docs/word_for_word.py docs/tutorial.md          # everything, with its set-up
    python docs/word_for_word.py --here docs/how-to/*.md   # without set-up, in this environment

Each page runs in a new folder. Beside that folder is ``gradcheck``, a link to this checkout.

- A ``python``, ``yaml`` or ``toml`` block that begins with ``# file.py`` is that file; one that
  begins with ``# file.py, continued`` is appended to it; one without such a line is left to
  doctest.
- A ``diff`` block that begins with ``--- file.py`` replaces one place of that file.
- The lines of a ``console`` block that begin with ``$ `` are run in one shell. The lines below each
  have to be its exact output, signs of life aside; ``…`` stands for any text, and alone on a line
  for any lines. A command has to succeed, unless ``$ echo $?`` is next.
- ``<!-- typed after tutorial.md -->`` starts with the files that another page has written,
  ``<!-- typed in a copy of gradcheck -->`` with the sources of gradcheck.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTING_UP = ("python3 -m venv ", "source ", "pip install ")
SOURCES = ("engine", "examples", "gradcheck", "strategies")

BLOCK = re.compile(r"^```(python|yaml|toml|diff|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\S+\.\w+)(, continued)?\n")
SIGN_OF_LIFE = re.compile(r"Loading .*: \d+ s$|\d+ s: ")
"""Lines that appear every few seconds, so that they depend on the machine."""
AFTER = re.compile(r"<!-- typed after (\S+) -->")
IN_A_COPY = "<!-- typed in a copy of gradcheck -->"


class PageError(Exception):
    """A page shows something else than happens; the message says what and where."""


class Shell:
    """One shell for all the commands of a page."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "COLUMNS": "80", "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._process = subprocess.Popen(
            ["bash"],  # noqa: S607 - the one of the path, as when a reader types
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, command: str) -> tuple[str, int]:
        """Return what a command prints, and its exit code, which the next command can read."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(
            f"{{ {command}\n}} </dev/null; code=$?; printf '\\n===%d\\n' $code; (exit $code)\n"
        )
        self._process.stdin.flush()
        output: list[str] = []
        for line in self._process.stdout:
            if match := re.fullmatch(r"===(\d+)\n", line):
                return "".join(output).rstrip("\n"), int(match[1])
            if not SIGN_OF_LIFE.match(line):
                output.append(line)
        message = f"the shell ended at $ {command}\n{''.join(output)}"
        raise PageError(message)

    def close(self) -> None:
        self._process.communicate()


def type_page(page: Path, folder: Path, *, here: bool) -> None:
    """Follow a page in a folder; ``here`` skips its set-up."""
    text = page.read_text(encoding="utf-8")
    if IN_A_COPY in text:
        for name in SOURCES:
            shutil.copytree(ROOT / name, folder / name, symlinks=True)
    if match := AFTER.search(text):
        for kind, block in blocks(page.parent / match[1]):
            write(kind, block, folder)
    shell = Shell(folder)
    try:
        for kind, block in blocks(page):
            write(kind, block, folder)
            if kind == "console":
                type_block(block, shell, here=here)
    finally:
        shell.close()


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Yield the language and the text of each block of a page."""
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield match[1], match[2]


def write(kind: str, block: str, folder: Path) -> None:
    """Write the file in a block, or apply its change to a file."""
    if kind == "diff":
        first, *lines = block.splitlines(keepends=True)
        file = folder / first.removeprefix("--- ").strip()
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        if file.read_text(encoding="utf-8").count(before) != 1:
            message = f"these lines are not in {file.name} once:\n{before}"
            raise PageError(message)
        file.write_text(file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    elif kind != "console" and (match := FILE.match(block)):
        file = folder / match[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a" if match[2] else "w", encoding="utf-8") as stream:
            stream.write(block[match.end() :] if match[2] else block)


def type_block(block: str, shell: Shell, *, here: bool) -> None:
    """Run the commands of a block, and compare their output."""
    typed = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    for number, part in enumerate(typed):
        command, _, shown = part.partition("\n")
        if here and command.startswith(SETTING_UP):
            continue
        came, code = shell.type(command)
        asked = typed[number + 1 : number + 2] and typed[number + 1].startswith("echo $?")
        if not matches(shown, came) or (code != 0 and not asked):
            message = f"$ {command}\nshould give\n{shown}\nand gave, with exit code {code},\n{came}"
            raise PageError(message)


def matches(shown: str, came: str) -> bool:
    """Tell whether an output matches what is shown; spaces at the end of lines do not count."""
    pattern = "".join(
        r"(.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*") + r"\n"
        for line in shown.rstrip("\n").splitlines()
    )
    lines = "".join(f"{line.rstrip()}\n" for line in came.splitlines())
    return re.fullmatch(pattern, lines) is not None


def main() -> int:
    """Run the pages named on the command line; return 1 at the first that is wrong."""
    parser = argparse.ArgumentParser(description="Run pages of the documentation word for word.")
    parser.add_argument("--here", action="store_true", help="skip the set-up")
    parser.add_argument("pages", nargs="+", type=Path)
    options = parser.parse_args()
    for page in options.pages:
        with tempfile.TemporaryDirectory() as scratch:
            (Path(scratch) / "gradcheck").symlink_to(ROOT)
            folder = Path(scratch) / "new"
            folder.mkdir()
            try:
                type_page(page, folder, here=options.here)
            except PageError as error:
                print(f"{page}: {error}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
