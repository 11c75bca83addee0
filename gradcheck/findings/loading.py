"""Load the engine of a saved finding and the operations that its cases use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.engines.importing import EngineLoadError
from gradcheck.findings.case_file import SavedFinding, read_finding


def load_finding(
    path: Path,
    load_engine: Callable[[SavedFinding], AnyEngine],
    import_operations: Callable[[str], None],
) -> tuple[SavedFinding, AnyEngine]:
    """Return the finding in a case file and the engine to judge it on.

    The modules that the file names for its operations are imported first, as far as nothing has
    registered these yet. If one fails, the engine's own module may still register the operation.
    Raises ``CaseFileError`` and ``EngineLoadError``.
    """
    saved = read_finding(path)
    failures: dict[str, EngineLoadError] = {}
    for name in saved.unregistered:
        place = saved.operations.get(name)
        try:
            if place is not None:
                import_operations(place)
        except EngineLoadError as error:
            failures[name] = error
    engine = load_engine(saved)
    # Once more, because its cases now have the operations as they were registered.
    saved = read_finding(path)
    for name in saved.unregistered:
        message = f"nothing registers its operation {name}; name the module: --operations MODULE"
        raise failures.get(name) or EngineLoadError(message)
    return saved, engine
