"""num-dual, one derivative at a time.

python -m gradcheck fuzz --engine examples/found/engines/num_dual_engine.py:engine
"""

from contextlib import nullcontext
from operator import methodcaller

from num_dual import Dual64, first_derivative

from gradcheck.engines.evaluation import functions_from
from gradcheck.engines.functions import FunctionEngine
from gradcheck.precision import FLOAT64

NAMES = ("exp", "log", "sqrt", "tanh", "sin", "cos", "sinh", "cosh")


class Methods:
    """The operations that are methods, as functions."""


for name in NAMES:
    setattr(Methods, name, methodcaller(name))


class Transform:
    def settings(self):
        return nullcontext()

    def number(self, x):
        return Dual64.from_re(x)

    def value(self, function, point):
        return function(*map(self.number, point)).value

    def value_and_gradient(self, function, point):
        numbers = list(map(self.number, point))
        value, gradient = 0.0, []
        for i, x in enumerate(point):
            value, derivative = first_derivative(
                lambda a, i=i: function(*numbers[:i], a, *numbers[i + 1 :]), x
            )
            gradient.append(derivative)
        return value, gradient


functions = functions_from(Methods, atan=methodcaller("arctan"))
engine = FunctionEngine("num-dual", Transform(), functions, FLOAT64)
