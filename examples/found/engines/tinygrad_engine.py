"""tinygrad with its Python backend, in float32.

python -m gradcheck fuzz --engine examples/found/engines/tinygrad_engine.py:engine
"""

import os
from contextlib import nullcontext

os.environ.setdefault("DEV", "PYTHON")  # the backend that needs no compiler

from tinygrad import Tensor, dtypes

from gradcheck.engines.evaluation import functions_from
from gradcheck.engines.functions import FunctionEngine
from gradcheck.precision import FLOAT32


class Transform:
    def settings(self):
        return nullcontext()

    def number(self, x):
        return Tensor([x], dtype=dtypes.float32)

    def value(self, function, point):
        return function(*map(self.number, point)).item()

    def value_and_gradient(self, function, point):
        inputs = list(map(self.number, point))
        output = function(*inputs)
        gradient = output.sum().gradient(*inputs)
        return output.item(), [adjoint.item() for adjoint in gradient]


functions = functions_from(Tensor, sigmoid=Tensor.sigmoid, atan=Tensor.atan, abs=Tensor.abs)
engine = FunctionEngine("tinygrad", Transform(), functions, FLOAT32)
