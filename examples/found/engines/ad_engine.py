"""ad, which also computes second derivatives.

python -m gradcheck fuzz --engine examples/found/engines/ad_engine.py:engine
"""

from contextlib import nullcontext

from ad import admath, adnumber

from gradcheck.engines.evaluation import functions_from
from gradcheck.engines.functions import FunctionEngine
from gradcheck.precision import FLOAT64


class Transform:
    def settings(self):
        return nullcontext()

    def number(self, x):
        return adnumber(x)

    def value(self, function, point):
        return float(function(*map(adnumber, point)).x)

    def value_and_gradient(self, function, point):
        inputs = list(map(adnumber, point))
        output = function(*inputs)
        return float(output.x), [float(output.d(a)) for a in inputs]


engine = FunctionEngine("ad", Transform(), functions_from(admath, atan=admath.atan), FLOAT64)
