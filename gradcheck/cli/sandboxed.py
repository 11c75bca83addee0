"""The process of a command with ``--isolate``: enter the sandbox, then carry the command out."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from gradcheck.cli import main as command_line
from gradcheck.cli.isolate import Order
from gradcheck.engines.isolation.sandbox import Cover, end_descendants, enter


def main() -> int:
    """Carry out the order in the last argument, and return the exit code."""
    order = Order.from_text(sys.argv[-1])
    here = Path(order.here)
    writable = [Path(folder) for folder in order.writable]
    # New files in the working directory vanish, unless it is to be written to.
    is_writable = any(here.is_relative_to(folder) for folder in writable)
    cover = None if is_writable or here == here.parent else Cover(here, Path(order.temporary))
    for sentence in enter(writable, memory=order.memory, cover=cover):
        click.echo(f"Not kept out: {sentence}.", err=True)
    # The first process of a namespace gets no signal that it does not handle.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    code = command_line(order.words, is_sandboxed=True)
    end_descendants()
    return code


if __name__ == "__main__":
    sys.exit(main())
