"""The order of a graph is kept, and only when it is found are inner nodes cleared."""

import adds


class Value(adds.Value):
    kept = None

    def order(self):
        if self.kept is None:
            self.kept = super().order()
            super().clear_inner(self.kept)
        return self.kept

    def clear_inner(self, order):
        pass
