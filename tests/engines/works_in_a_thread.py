"""An engine whose work is done by a thread, for which a forked process waits for ever."""

import queue
import threading

QUESTIONS, ANSWERS = queue.Queue(), queue.Queue()


def work():
    while True:
        ANSWERS.put(QUESTIONS.get()())


def done(question):
    QUESTIONS.put(question)
    return ANSWERS.get()


threading.Thread(target=work, daemon=True).start()


class Value:
    def __init__(self, data, operands=()):
        self.data, self.grad, self.operands = data, 0.0, operands

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        product = done(lambda: self.data * other.data)
        return Value(product, ((self, other.data), (other, self.data)))

    def backward(self, upstream=1.0):
        self.grad += upstream
        for operand, partial in self.operands:
            operand.backward(partial * upstream)
