"""``python -m gradcheck``, the same as the command ``gradcheck``."""

import os
import sys

# Python puts the working directory first here, where a user's ``click.py`` would be taken for the
# library. An engine that lies there is found all the same: loading one looks there first.
if sys.path[0] in ("", os.getcwd()):  # noqa: PTH109 - pathlib imports what could lie there too
    del sys.path[0]

from gradcheck.cli import main

if __name__ == "__main__":
    sys.exit(main())
