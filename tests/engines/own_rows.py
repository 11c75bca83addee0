"""Operations of one's own, of which two have a row that contradicts itself."""

import math

import plain
import sympy

from gradcheck import Operation, register_operation


def sine(x):
    return sympy.sin(x)


def near_zero(x, _result):
    return [1 - x**2 / 2]


for name, partials in (
    ("wave", None),
    ("near_wave", near_zero),
    ("twice_wave", lambda x, _result: [sympy.cos(x), sympy.cos(x)]),
    ("plain_wave", lambda x, _result: [1 - 2 * sympy.sin(x / 2) ** 2]),
):
    register_operation(Operation(name, sine, partials=partials))


class Value(plain.Value):
    def wave(self):
        return type(self)(math.sin(self.data), (self,), (math.cos(self.data),))

    near_wave = twice_wave = plain_wave = wave
