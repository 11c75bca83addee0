"""Dr.Jit with LLVM, in float64. It may end the process, so isolate it.

python -m gradcheck fuzz --isolate --engine examples/found/engines/drjit_engine.py:engine
"""

from contextlib import nullcontext

import drjit
from drjit.llvm.ad import Float64

from gradcheck.engines.evaluation import functions_from
from gradcheck.engines.functions import FunctionEngine
from gradcheck.precision import FLOAT64


class Transform:
    def settings(self):
        return nullcontext()

    def number(self, x):
        return drjit.opaque(Float64, x)

    def value(self, function, point):
        return function(*map(self.number, point))[0]

    def value_and_gradient(self, function, point):
        inputs = list(map(self.number, point))
        drjit.enable_grad(inputs)
        output = function(*inputs)
        value = output[0]
        drjit.backward(output)
        return value, [drjit.grad(a)[0] for a in inputs]


functions = functions_from(
    drjit, atan=drjit.atan, abs=drjit.abs, max=drjit.maximum, min=drjit.minimum
)
engine = FunctionEngine("drjit", Transform(), functions, FLOAT64)
