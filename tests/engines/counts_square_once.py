"""Children in a set: the second contribution of ``a*a`` and ``a+a`` is lost."""

import plain


class Value(plain.Value):
    def backward(self):
        self.grad = 1.0
        for node in self.order():
            for child, partial in dict(zip(node.children, node.partials, strict=True)).items():
                node.send(child, partial)
