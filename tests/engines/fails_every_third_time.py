"""Every third backward pass forgets the input's gradient: the same case passes and fails."""

import itertools

import plain

count = itertools.count()


class Value(plain.Value):
    def backward(self):
        super().backward()
        for node in self.order():
            if not node.children and next(count) % 3 == 0:
                node.grad += 1.0
