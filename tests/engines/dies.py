"""A broken engine whose process is killed once, at a large number."""

import os
import signal
from pathlib import Path

from engine.broken.partials import sign_in_product
from engine.broken.precision import off_by_a_trillionth


class Two(sign_in_product, off_by_a_trillionth):
    """It is, if the environment names a file for DIES_ONCE that is there from then on."""

    def __mul__(self, other):
        marker = os.environ.get("DIES_ONCE")
        if abs(self.data) > 100.0 and marker and not Path(marker).exists():
            Path(marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__mul__(other)
