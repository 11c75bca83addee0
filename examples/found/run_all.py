"""Run the scripts in this folder, each with its own package, and print a table.

    python examples/found/run_all.py                        # the versions that the scripts name
    python examples/found/run_all.py --newest torch_expm1   # the newest version, of one of them
    python examples/found/run_all.py --environments DIR     # keep the environments for next time

Each package is installed into an environment of its own. Scripts with the same requirements share
one. The exit code is 2 if a script could not be run.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

FOLDER = Path(__file__).parent
HEADER = re.compile(r"^# /// script\n((?:#.*\n)+?)# ///$", re.MULTILINE)
OUTCOMES = ("STILL THERE", "FIXED")
SECONDS = 300


def scripts():
    """Return the scripts by their names."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.py")) if HEADER.search(read(path))}


def requirements(script):
    """Return what a script needs, as its header says in the form of PEP 723."""
    header = HEADER.search(read(script))[1]
    return tuple(tomllib.loads(re.sub(r"^# ?", "", header, flags=re.MULTILINE))["dependencies"])


def read(path):
    return path.read_text(encoding="utf-8")


def environment(needed, folder):
    """Return the Python of the environment with these requirements, which is made if need be."""
    place = folder / re.sub(r"[^\w.]+", "-", "+".join(needed)).strip("-")
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        venv.create(place, with_pip=True)
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--upgrade", *needed],
        check=True,
        capture_output=True,
        text=True,
    )
    return python


def run(script, folder, *, newest):
    """Return the line that a script prints in its environment, or why there is none."""
    needed = requirements(script)
    if newest:
        needed = tuple(requirement.partition("==")[0] for requirement in needed)
    try:
        python = environment(needed, folder)
        came = subprocess.run(
            [python, script], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.CalledProcessError as error:
        return f"CANNOT INSTALL  {last_line(error.stderr)}"
    except subprocess.TimeoutExpired:
        return f"CANNOT RUN  no answer in {SECONDS} seconds"
    said = last_line(came.stdout)
    return said if said.startswith(OUTCOMES) else f"CANNOT RUN  {said or last_line(came.stderr)}"


def last_line(text):
    return (text.strip().splitlines() or [""])[-1]


def print_table(rows):
    """Print each row as it comes, then how many there were of each outcome.

    Return how many scripts could not be run.
    """
    counts = dict.fromkeys((*OUTCOMES, "could not be run"), 0)
    for name, said in rows:
        print(f"{name:<30}  {said}", flush=True)
        counts[next((word for word in OUTCOMES if said.startswith(word)), "could not be run")] += 1
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
    return counts["could not be run"]


def main(words):
    parser = argparse.ArgumentParser(description="Run the scripts, each with its own package.")
    parser.add_argument("--newest", action="store_true", help="use the newest versions")
    parser.add_argument("--environments", type=Path, help="folder for the environments")
    parser.add_argument("names", nargs="*", help="scripts to run; all of them if none is named")
    options = parser.parse_args(words)
    known = scripts()
    names = [Path(name).stem for name in options.names] or list(known)
    if unknown := [name for name in names if name not in known]:
        parser.error(f"there is no script {unknown[0]}; there are: {', '.join(known)}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.environments or Path(scratch)
        rows = ((name, run(known[name], folder, newest=options.newest)) for name in names)
        return 2 if print_table(rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
