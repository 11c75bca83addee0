"""Types pages of the documentation word for word, and compares what they show with what comes.

    python docs/word_for_word.py docs/tutorial.md          # all of it, its set-up included
    python docs/word_for_word.py --here docs/how-to/*.md   # with this Python, where gradcheck is

Each page is typed in a new folder. Beside that folder lies ``gradcheck``, which is this checkout.

- A ``python`` or ``yaml`` block that begins with ``# file.py`` is that file; one that begins with
  ``# file.py, continued`` is written at its end; one without such a line is left to doctest.
- A ``diff`` block that begins with ``--- file.py`` replaces one place of that file.
- A ``console`` block is typed into one shell: lines that begin with ``$ ``. What stands below such
  a line has to come, to the letter; ``…`` stands for anything, on a line of its own for any lines.
  A command has to succeed, unless ``$ echo $?`` comes next.
- ``<!-- typed after tutorial.md -->`` begins with the files that another page leaves behind,
  ``<!-- typed in a copy of gradcheck -->`` with the sources.
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

BLOCK = re.compile(r"^```(python|yaml|diff|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\S+\.\w+)(, continued)?\n")
AFTER = re.compile(r"<!-- typed after (\S+) -->")
IN_A_COPY = "<!-- typed in a copy of gradcheck -->"


class PageError(Exception):
    """A page shows what does not come; the message says what and where."""


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
        """What a command prints, and its exit code, which the next command can ask for."""
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
            output.append(line)
        message = f"the shell ended at $ {command}\n{''.join(output)}"
        raise PageError(message)

    def close(self) -> None:
        self._process.communicate()


def type_page(page: Path, folder: Path, *, here: bool) -> None:
    """Do all that a page says, in a folder; ``here`` leaves out its set-up."""
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
    """The language and the text of each block of a page."""
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield match[1], match[2]


def write(kind: str, block: str, folder: Path) -> None:
    """Write the file that a block is, or change it as the block says."""
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
    """Type the commands of a block, and compare."""
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
    """Whether an output is what is shown, ``…`` aside; no spaces at the end of a line count."""
    pattern = "".join(
        r"(.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*") + r"\n"
        for line in shown.rstrip("\n").splitlines()
    )
    lines = "".join(f"{line.rstrip()}\n" for line in came.splitlines())
    return re.fullmatch(pattern, lines) is not None


def main() -> int:
    """Type the pages named on the command line; 1 at the first that shows what does not come."""
    parser = argparse.ArgumentParser(description="Type pages of the documentation word for word.")
    parser.add_argument("--here", action="store_true", help="leave out the set-up")
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
