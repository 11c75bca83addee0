"""What goes on for ever, as far as tests are concerned."""

import time

SECONDS = 240.0
"""The most that a test waits for anything: on no machine too little for what comes to an end."""


def compute_for_ever():
    """Compute until whoever should have stopped it must have failed to."""
    compute_for(SECONDS)


def compute_for(seconds):
    """Compute for some seconds of computing time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
