"""Detect the interface of a class of tensors, by small experiments on it.

As for scalars, an experiment only shows which names and operations exist: a wrong number is no
evidence against a name.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from types import ModuleType

from gradcheck.engines.arrays.discovery.backward import (
    find_backward_pass,
    has_backward_pass,
    with_paths,
)
from gradcheck.engines.arrays.discovery.functions import find_functions
from gradcheck.engines.arrays.discovery.numpy_operands import find_numpy_operands
from gradcheck.engines.arrays.discovery.reading import precision_of, value_attribute
from gradcheck.engines.arrays.discovery.ways import may_have
from gradcheck.engines.arrays.driving import TensorArrays
from gradcheck.engines.importing import EngineLoadError
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.options import NO_OVERRIDES, Overrides
from gradcheck.engines.time_limit import HangError

ONLY_ARRAYS = frozenset({"sum", "mean", "matmul", "reshape", "transpose"})
"""Operations that tell a class of arrays from one of numbers, which may hold an array too."""


def is_array_class(found: object, module: ModuleType | None = None) -> bool:
    """Tell whether something is a class of tensors with operations on arrays and a backward pass.

    A class of numbers may be made of an array as well, and add it. It is one of arrays if it has
    one of ``ONLY_ARRAYS``, or a function of the module does it.
    """
    if not isinstance(found, type) or not has_backward_pass(found, module):
        return False
    if not any(may_have(name, found, module) for name in ONLY_ARRAYS):
        return False  # and no object need be made of an array
    with contextlib.suppress(HangError):
        value = value_attribute(found)
        if value is None:
            return False
        functions, _ = find_functions(found, found, value, module, NO_OVERRIDES, names=ONLY_ARRAYS)
        return bool(functions)
    return True


def array_engine(
    spec: str,
    class_: type,
    module: ModuleType | None = None,
    overrides: Overrides = NO_OVERRIDES,
) -> TensorArrays:
    """Return the engine that drives the tensors of a class.

    Raises ``EngineLoadError`` if making a tensor hangs: nothing can be found out about it.
    """
    try:
        value = overrides.value or value_attribute(class_) or "data"
    except HangError as error:
        message = f"{spec}: making a {class_.__name__} of an array comes to no end: {error}"
        raise EngineLoadError(message) from None
    functions, missing = find_functions(class_, class_, value, module, overrides)
    way = find_backward_pass(class_, class_, module, value, functions, overrides)
    tensors, precision = (
        with_paths(way.tensors(class_, value), functions),
        precision_of(class_, value),
    )
    engine = TensorArrays(spec, tensors, functions, precision, seconds=ObjectEngine.seconds)
    numpy_operands, without = find_numpy_operands(engine, class_)
    return replace(
        engine, missing_forms=frozenset(missing | without), numpy_operands=numpy_operands
    )
