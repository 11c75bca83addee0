"""One class for each way in which an engine can end its process, or the run that it is in.

Each does it when it multiplies by more than 1.5, so that looking at it goes well.
"""

import ctypes
import os
import random
import signal
import sys
import threading
import time

import plain

FOR_EVER = 240.0
"""Seconds, which nobody waits for."""


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
        compute_for(FOR_EVER)


class Waits(Misbehaves):
    """In C, where no signal gets through."""

    def misbehave(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        lock = threading.Lock()
        lock.acquire()
        lock.acquire(timeout=FOR_EVER)


class Spins(Misbehaves):
    """In C, as a call of a function of the C library."""

    def misbehave(self):
        ctypes.PyDLL(None).sleep(int(FOR_EVER))


class Swallows(Misbehaves):
    def misbehave(self):
        _ = [b"x" * 2**24 for _ in range(256)]  # 4 GiB


class HasNoMemory(Misbehaves):
    def misbehave(self):
        raise MemoryError


class Recurses(Misbehaves):
    def misbehave(self):
        self.misbehave()


class Prints(Misbehaves):
    def misbehave(self):
        sys.stdout.write("from the engine\n")
        sys.stdout.flush()


class Writes(Misbehaves):
    def misbehave(self):
        os.write(1, b"from the engine\n")


class LowersTheRecursionLimit(Misbehaves):
    def misbehave(self):
        sys.setrecursionlimit(400)


class Reseeds(Misbehaves):
    def misbehave(self):
        random.seed(0)


class Interrupts(Misbehaves):
    def misbehave(self):
        raise KeyboardInterrupt


class StartsAThread(Misbehaves):
    """One that does not end, and that Python waits for."""

    def misbehave(self):
        if threading.active_count() < 3:
            threading.Thread(target=threading.Event().wait, args=(FOR_EVER,)).start()


class Kills(Misbehaves):
    def misbehave(self):
        os.kill(os.getpid(), signal.SIGTERM)


class LeavesOneBehind(Misbehaves):
    """A process that holds all that is open, the pipe to gradcheck among it."""

    def misbehave(self):
        if os.fork() == 0:
            time.sleep(FOR_EVER)
        os.abort()


class Changes(Misbehaves):
    """Whatever else the process of the tests has only one of."""

    def misbehave(self):
        random.seed(0)
        sys.setrecursionlimit(400)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.chdir("/")


class AbortsWhatever(plain.Value):
    def __mul__(self, other):
        os.abort()


class AbortsBackward(plain.Value):
    def backward(self):
        os.abort()


class AbortsTheSecondTime(plain.Value):
    """On one and the same object."""

    def backward(self):
        if self.grad:
            os.abort()
        super().backward()


class AbortsOnUsedInputs(plain.Value):
    def __mul__(self, other):
        if hasattr(self, "used"):
            os.abort()
        return super().__mul__(other)

    def backward(self):
        super().backward()
        for node in self.order():
            node.used = True


class AbortsOnSmallInputs(Misbehaves):
    def __mul__(self, other):
        if self.data < 1.0:
            os.abort()
        return super().__mul__(other)

    misbehave = Healthy.misbehave


def compute_for(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


class TakesLong(Misbehaves):
    def misbehave(self):
        compute_for(0.5)


class TakesMuch(Misbehaves):
    """300 MiB, which it has for a while."""

    def misbehave(self):
        taken = b"x" * (300 * 2**20)
        compute_for(0.2)
        del taken
