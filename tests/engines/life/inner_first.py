"""A node on which ``backward`` was called once keeps its gradient, as an input does."""

import adds


class Value(adds.Value):
    began = False

    def clear_inner(self, order):
        super().clear_inner([node for node in order if not node.began])
        self.began = True
