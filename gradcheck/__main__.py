"""``python -m gradcheck``."""

import sys

# Python puts the working directory first, for the sake of the engine under test that may lie there.
# The harness is imported as if it stood last: a user's own ``strategies.py`` is none of ours.
working_directory = sys.path.pop(0)
sys.path.append(working_directory)
from gradcheck.cli import main  # noqa: E402 - only now does the path allow it

sys.path.insert(0, sys.path.pop())

if __name__ == "__main__":
    sys.exit(main())
