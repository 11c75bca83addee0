"""``python -m gradcheck``."""

import os
import sys

# Python puts the working directory first, where the engine under test may lie. gradcheck and what
# it needs must not come from there: a user's own ``strategies.py`` is none of ours. So it stands
# last until an engine is loaded, which puts it first again.
if sys.path[0] in ("", os.getcwd()):  # noqa: PTH109 - as Python writes it
    sys.path.append(sys.path.pop(0))
from gradcheck.cli import main

if __name__ == "__main__":
    sys.exit(main())
