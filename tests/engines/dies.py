"""Broken engines whose process is killed at large numbers: once, or every time."""

import os
import signal
from pathlib import Path

from engine.broken.partials import sign_in_product
from engine.broken.precision import off_by_a_trillionth


class Two(sign_in_product, off_by_a_trillionth):
    """Once, if the environment names a file for DIES_ONCE that is there from then on."""

    def __mul__(self, other):
        marker = os.environ.get("DIES_ONCE")
        if abs(self.data) > 100.0 and marker and not Path(marker).exists():
            Path(marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__mul__(other)


class Dies(sign_in_product):
    """Every time."""

    def tanh(self):
        if abs(self.data) > 100.0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().tanh()
