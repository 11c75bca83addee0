"""The values of inner nodes are given up after the backward pass."""

import adds


class Value(adds.Value):
    def backward(self):
        super().backward()
        for node in self.order()[1:]:
            if node.children:
                node.data = 0.0
