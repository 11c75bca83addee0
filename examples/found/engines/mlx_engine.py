"""MLX on the CPU, in float64.

python -m gradcheck fuzz --engine examples/found/engines/mlx_engine.py:engine
"""

import mlx.core as mx

from gradcheck.engines.evaluation import functions_from
from gradcheck.engines.functions import FunctionEngine
from gradcheck.precision import FLOAT64


class Transform:
    def settings(self):
        return mx.stream(mx.cpu)

    def number(self, x):
        return mx.array(x, dtype=mx.float64)

    def value(self, function, point):
        return function(*map(self.number, point)).item()

    def value_and_gradient(self, function, point):
        transformed = mx.value_and_grad(lambda inputs: function(*inputs))
        value, gradient = transformed(list(map(self.number, point)))
        return value.item(), [adjoint.item() for adjoint in gradient]


functions = functions_from(mx, sigmoid=mx.sigmoid, atan=mx.arctan, abs=mx.abs)
engine = FunctionEngine("mlx", Transform(), functions, FLOAT64)
