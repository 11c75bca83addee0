"""No topological order: nodes are visited breadth first, some before all their users."""

import plain


class Value(plain.Value):
    def order(self):
        order = [self]
        for node in order:
            order.extend(child for child in node.children if child not in order)
        return order
