"""PyTensor with its Python linker and all its rewrites, in float64.

python -m gradcheck fuzz --engine examples/found/engines/pytensor_engine.py:engine
"""

from contextlib import nullcontext

import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import Mode

from gradcheck.engines.evaluation import functions_from
from gradcheck.engines.functions import FunctionEngine
from gradcheck.precision import FLOAT64


class Transform:
    def settings(self):
        return nullcontext()

    def number(self, x):
        return pt.constant(x, dtype="float64")

    def value(self, function, point):
        return self.value_and_gradient(function, point)[0]

    def value_and_gradient(self, function, point):
        inputs = [pt.dscalar() for _ in point]
        output = function(*inputs)
        gradient = pytensor.grad(output, inputs, disconnected_inputs="ignore") if inputs else []
        compiled = pytensor.function(
            inputs, [output, *gradient], mode=Mode("py", "fast_run"), on_unused_input="ignore"
        )
        value, *gradient = map(float, compiled(*point))
        return value, gradient


functions = functions_from(pt, sigmoid=pt.sigmoid, atan=pt.arctan, abs=pt.abs)
engine = FunctionEngine("pytensor", Transform(), functions, FLOAT64)
