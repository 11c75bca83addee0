"""omnigrad with an operation that gradcheck's table has not.

python -m gradcheck fuzz --engine examples/found/engines/omnigrad_engine.py:Value --ops "* softsign"
"""

from omnigrad.diffengine import Value as Value  # noqa: PLC0414 - the class under test

from gradcheck import Operation, register_operation

register_operation(Operation("softsign", definition=lambda x: x / (1 + abs(x))))
