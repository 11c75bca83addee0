"""GTC, whose sensitivities are derivatives.

python -m gradcheck fuzz --engine examples/found/engines/gtc_engine.py:engine
"""

from contextlib import nullcontext

import GTC

from gradcheck.engines.evaluation import functions_from
from gradcheck.engines.functions import FunctionEngine
from gradcheck.precision import FLOAT64


class Transform:
    def settings(self):
        return nullcontext()

    def number(self, x):
        return GTC.ureal(x, 1.0)

    def value(self, function, point):
        return float(function(*map(self.number, point)).x)

    def value_and_gradient(self, function, point):
        inputs = list(map(self.number, point))
        output = function(*inputs)
        return float(output.x), [GTC.rp.sensitivity(output, a) for a in inputs]


engine = FunctionEngine("GTC", Transform(), functions_from(GTC, atan=GTC.atan), FLOAT64)
