"""Broken engines that have a process killed, once, at a large number."""

import os
import signal
from pathlib import Path

from gradcheck.engine.broken.rare import sign_of_two_negatives
from gradcheck.engine.broken.values import no_tail


class Two(no_tail, sign_of_two_negatives):
    """It is, if the environment names a file for DIES_ONCE that is there from then on."""

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
