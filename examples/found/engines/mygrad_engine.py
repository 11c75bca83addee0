"""MyGrad with two operations that gradcheck's table has not.

python -m gradcheck fuzz --engine examples/found/engines/mygrad_engine.py:engine --ops "* cbrt csch"
"""

import mygrad
import sympy

from gradcheck import Operation, register_operation
from gradcheck.engines.libraries import mygrad as library

register_operation(Operation("cbrt", definition=sympy.cbrt))
register_operation(Operation("csch", definition=lambda x: 1 / sympy.sinh(x)))

engine = library.engine("mygrad", "float64").with_operation("cbrt", mygrad.cbrt)
engine = engine.with_operation("csch", mygrad.csch)
