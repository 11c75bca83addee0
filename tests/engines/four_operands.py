"""An engine with an operation on four operands, and one that gets the last of them wrong."""

import plain

from gradcheck import Operation, register_operation

register_operation(Operation("dot", lambda a, b, c, d: a * b + c * d, arity=4))


class Value(plain.Value):
    def dot(self, *others):
        a, b, c, d = operands = (self, *map(self.lift, others))
        partials = self.partials_of(a.data, b.data, c.data, d.data)
        return type(self)(a.data * b.data + c.data * d.data, operands, partials)

    def partials_of(self, a, b, c, d):
        return b, a, d, c


class Wrong(Value):
    def partials_of(self, a, b, c, d):
        return b, a, d, -c
