"""Operations on three to five operands, and engines that get the last of them wrong."""

import plain
import sympy

from gradcheck import Operation, register_operation

register_operation(Operation("largest", lambda a, b, c: sympy.Max(c, a, b), arity=3))
register_operation(Operation("dot", lambda a, b, c, d: a * b + c * d, arity=4))
register_operation(Operation("five", lambda a, b, c, d, e: a * b + c * d * e, arity=5))


class Value(plain.Value):
    def largest(self, *others):
        """Return the largest of three; the first of equal ones gets the whole gradient."""
        operands = (self, *map(self.lift, others))
        numbers = [operand.data for operand in operands]
        first = numbers.index(max(numbers))
        return type(self)(max(numbers), operands, [float(i == first) for i in range(3)])

    def dot(self, *others):
        a, b, c, d = operands = (self, *map(self.lift, others))
        partials = self.partials_of(a.data, b.data, c.data, d.data)
        return type(self)(a.data * b.data + c.data * d.data, operands, partials)

    def partials_of(self, a, b, c, d):
        return b, a, d, c


class Wrong(Value):
    def partials_of(self, a, b, c, d):
        return b, a, d, -c


class WrongFifth(Value):
    def five(self, *others):
        operands = (self, *map(self.lift, others))
        a, b, c, d, e = (operand.data for operand in operands)
        return type(self)(a * b + c * d * e, operands, (b, a, d * e, c * e, -c * d))
