"""``=`` where ``+=`` belongs: a node used twice keeps only one contribution."""

import plain


class Value(plain.Value):
    def send(self, child, partial):
        child.grad = partial * self.grad
