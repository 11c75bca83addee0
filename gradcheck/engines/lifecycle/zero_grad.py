"""An engine's own ``zero_grad``: a method of its numbers, or of the modules that hold them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

METHOD = "zero_grad"


def has_zero_grad(made_by: type) -> bool:
    """Whether the objects of a class have the method."""
    return callable(getattr(made_by, METHOD, None))


def module_class(made_by: type) -> type | None:
    """The class ``Module`` that stands beside an engine's class, or in ``nn`` of its package.

    ``None`` where there is none that has ``zero_grad`` and can be made from nothing.
    """
    home = made_by.__module__
    beside = getattr(sys.modules.get(home), "Module", None)
    found = beside if beside is not None else _in_package(home.rpartition(".")[0])
    if not (isinstance(found, type) and callable(getattr(found, METHOD, None))):
        return None
    try:
        _module_of(found, ())
    except Exception:  # noqa: BLE001 - a class that wants to be told more is none to use
        return None
    return found


def call_on_module(module: type, inputs: Sequence[object]) -> None:
    """Call ``zero_grad`` of a module whose parameters are the inputs."""
    getattr(_module_of(module, inputs), METHOD)()


def call_on_each(objects: Sequence[object]) -> None:
    """Call ``zero_grad`` of each object."""
    for made in objects:
        getattr(made, METHOD)()


def _module_of(module: type, inputs: Sequence[object]) -> object:
    made: object = type("Inputs", (module,), {"parameters": lambda self: list(inputs)})()
    return made


def _in_package(package: str) -> object:
    if not package:
        return None
    try:
        return getattr(importlib.import_module(f"{package}.nn"), "Module", None)
    except (Exception, SystemExit):  # noqa: BLE001 - somebody else's file may do anything
        return None
