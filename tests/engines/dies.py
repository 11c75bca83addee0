"""Broken engines that have a process killed at large numbers: once, or every time."""

import os
import signal
from pathlib import Path

from engine.broken.partials import sign_in_product
from engine.broken.precision import off_by_a_trillionth
from engine.broken.rare import sign_of_two_negatives
from engine.broken.values import no_tail


class Two(sign_in_product, off_by_a_trillionth):
    """Once, if the environment names a file for DIES_ONCE that is there from then on."""

    def __mul__(self, other):
        marker = os.environ.get("DIES_ONCE")
        if abs(self.data) > 100.0 and marker and not Path(marker).exists():
            Path(marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__mul__(other)


class KillsItsWorker(no_tail, sign_of_two_negatives):
    """The process that the environment names as KILLS, not its own."""

    def __mul__(self, other):
        if abs(self.data) > 100.0 and "KILLS" in os.environ:
            os.kill(int(os.environ.pop("KILLS")), signal.SIGKILL)
        return super().__mul__(other)


class Dies(sign_in_product):
    """Every time."""

    def tanh(self):
        if abs(self.data) > 100.0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().tanh()
