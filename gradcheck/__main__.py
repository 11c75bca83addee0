"""``python -m gradcheck``, the same as the command ``gradcheck``."""

import os
import sys

# Python puts the working directory first, where the engine under test may lie. gradcheck and what
# it needs must not come from there: a user's own ``click.py`` is not the library. So it stands
# last, and is searched first only while an engine is loaded.
if sys.path[0] in ("", os.getcwd()):  # noqa: PTH109 - as Python writes it
    sys.path.append(sys.path.pop(0))
from gradcheck.cli import main

if __name__ == "__main__":
    sys.exit(main())
