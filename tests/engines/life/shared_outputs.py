"""An inner node belongs to the last output, and is not cleared for another one beside that."""

import adds


class Value(adds.Value):
    belongs_to = None

    def clear_inner(self, order):
        for node in order:
            if node.children and (node.belongs_to is None or node.belongs_to in order):
                node.grad = 0.0
            node.belongs_to = self
