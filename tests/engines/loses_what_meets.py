"""A contribution is lost where a product and a tanh meet, and nowhere else."""

import plain


class Value(plain.Value):
    def backward(self):
        self.grad = 1.0
        senders = {}
        for node in self.order():
            kind = len(node.children), node.partials == (1.0, 1.0)
            for child, partial in zip(node.children, node.partials, strict=True):
                if senders.setdefault(child, kind) == kind:
                    node.send(child, partial)
