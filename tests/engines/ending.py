"""One class for each way in which an engine can end its process, or the run that it is in.

Each does it when it multiplies by more than 1.5, so that looking at it goes well.
"""

import ctypes
import os
import signal
import sys
import threading

import plain


class Misbehaves(plain.Value):
    def misbehave(self):
        raise NotImplementedError

    def __mul__(self, other):
        out = super().__mul__(other)
        if other.data > 1.5:
            self.misbehave()
        return out


class Healthy(Misbehaves):
    def misbehave(self):
        pass


class Aborts(Misbehaves):
    def misbehave(self):
        os.abort()


class ReadsNull(Misbehaves):
    def misbehave(self):
        ctypes.string_at(0)


class ExitsAtOnce(Misbehaves):
    def misbehave(self):
        os._exit(0)


class Exits(Misbehaves):
    def misbehave(self):
        sys.exit()


class Loops(Misbehaves):
    def misbehave(self):
        while True:
            pass


class Waits(Misbehaves):
    """In C, where no signal gets through."""

    def misbehave(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()


class Spins(Misbehaves):
    """In C, as a call of a function of the C library."""

    def misbehave(self):
        ctypes.PyDLL(None).sleep(3600)


class Swallows(Misbehaves):
    def misbehave(self):
        taken = []
        while True:
            taken.append(b"x" * 2**24)


class HasNoMemory(Misbehaves):
    def misbehave(self):
        raise MemoryError


class Recurses(Misbehaves):
    def misbehave(self):
        self.misbehave()
