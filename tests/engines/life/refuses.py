"""A correct engine whose graphs are good for one backward pass, as PyTorch's."""

import adds


class Value(adds.Value):
    freed = False

    def backward(self):
        order = [node for node in self.order() if node.children]
        if any(node.freed for node in order):
            raise RuntimeError("the graph has been freed")
        super().backward()
        for node in order:
            node.freed = True
