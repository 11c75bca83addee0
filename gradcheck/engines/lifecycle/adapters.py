"""Which engines have graphs that live on, and how these are driven."""

from __future__ import annotations

from functools import lru_cache

from gradcheck.engines.custom import CustomEngine
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine, unwrapped
from gradcheck.engines.lifecycle.isolated import IsolatedLifecycle
from gradcheck.engines.lifecycle.objects import ObjectLifecycle
from gradcheck.engines.lifecycle.protocol import LifecycleEngine
from gradcheck.engines.lifecycle.tensors import TensorLifecycle
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.protocol import Engine
from gradcheck.engines.tensors import TensorEngine


def zero_grad_class(engine: Engine) -> str | None:
    """The class whose ``zero_grad`` is called, as ``module:Class``, if it is not the numbers' own.

    Only of objects that a script can drive: an engine with an adapter of its own has none.
    """
    engine = unwrapped(engine)
    module = ObjectLifecycle(engine).module if type(engine) is ObjectEngine else None
    return None if module is None else f"{module.__module__}:{module.__name__}"


@lru_cache(maxsize=16)
def lifecycle_of(engine: Engine) -> LifecycleEngine | None:
    """The engine as one whose graphs live on; ``None`` where they do not."""
    match engine:
        case ObjectEngine():
            return ObjectLifecycle(engine)
        case TensorEngine():
            return TensorLifecycle(engine)
        case CustomEngine():
            return lifecycle_of(engine.engine)
        case IsolatedEngine():
            alive = lifecycle_of(engine.engine)
            return None if alive is None else IsolatedLifecycle(engine, alive)
        case _:
            return engine if isinstance(engine, LifecycleEngine) else None
