"""Convert between saved objects and JSON data, by cattrs with hooks for our own types.

The data is untrusted. Data of another form raises ``ValueError``, which says where it is wrong and
how; unknown keys are ignored. The numbers of a case are hexadecimal floats, which are exact on any
machine. In other numbers, a NaN or an infinity is text, as JSON has neither.

cattrs is imported inside functions: the import takes 25 ms, and most commands read no file.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import cache
from types import GenericAlias
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, get_args, get_origin

from gradcheck.blame.cause import Blame, Cause, Named
from gradcheck.expression import (
    Apply,
    Backward,
    Build,
    Case,
    Constant,
    Expression,
    Input,
    Node,
    Repeat,
    Reset,
    Step,
    ZeroGrad,
)
from gradcheck.findings.case_data import (
    CaseData,
    Exact,
    any_case_as_data,
    any_case_from_data,
    case_from_data,
    case_of_numbers_as_data,
    constant_as_data,
    constant_value,
)
from gradcheck.findings.expected import expect, expect_count, refuse
from gradcheck.findings.json_file import Data
from gradcheck.kind import Kind, Reason
from gradcheck.notation import in_one_line
from gradcheck.operations import OPERATIONS, Operation, hint_for
from gradcheck.report import AnyCase, Report, Row

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")

Hook = Callable[[Any, Any], Any]

_LONGEST = 200
"""Characters of a description of what is wrong."""

_KEYS: dict[tuple[type, str], str] = {}
"""The key of an attribute in a file, for attributes whose key is not their name."""


def structure(data: Data, wanted: type[T], using: Converter | None = None) -> T:
    """Return the object that data stands for. Raises ``ValueError`` if the data is wrong."""
    from cattrs import BaseValidationError  # noqa: PLC0415 - see above

    try:
        return (using or converter()).structure(data, wanted)
    except BaseValidationError as error:
        where, what = _first_mistake(error)
        raise ValueError(f"{where.lstrip('.')}: {what}" if where else what) from None


def unstructure(saved: object, using: Converter | None = None) -> dict[str, Data]:
    """Return an object as data."""
    data: dict[str, Data] = (using or converter()).unstructure(saved)
    return data


def case_as_data(case: AnyCase) -> dict[str, Data]:
    """Return a case, of numbers or of arrays, as data."""
    return any_case_as_data(case, converter())


def _first_mistake(error: Exception) -> tuple[str, str]:
    """Return the place of the first mistake, such as ``.nodes[2].operands``, and a description."""
    from cattrs import ClassValidationError, IterableValidationError  # noqa: PLC0415 - see above

    if not isinstance(error, ClassValidationError | IterableValidationError):
        is_missing = isinstance(error, KeyError)
        return "", "it is missing" if is_missing else in_one_line(str(error), _LONGEST)
    noted, others = error.group_exceptions()
    if not noted:
        return _first_mistake(others[0])
    inner, note = noted[0]
    where, what = _first_mistake(inner)
    name = getattr(note, "name", None)
    here = f"[{note.index!r}]" if name is None else f".{_KEYS.get((error.cl, name), name)}"
    return here + where, what


@cache
def converter() -> Converter:
    """Return the converter of cases and reports."""
    return new_converter()


def new_converter(unregistered: Collection[str] = ()) -> Converter:
    """Return a new converter of cases and reports, to ``register`` more classes with.

    ``unregistered`` are names of operations that data may have although the table lacks them. They
    become operations that can be shown and not computed.
    """
    from cattrs import Converter  # noqa: PLC0415 - see above

    made = Converter(unstruct_collection_overrides={tuple: list, set: sorted})
    stand_ins = {
        name: Operation(name, definition=_unknown_definition, any_arity=True)
        for name in unregistered
    }
    made.register_structure_hook_factory(lambda t: _origin(t) in _CONTAINERS, _container)
    hooks: dict[Any, Hook] = {
        str: lambda data, _: expect(data, str, "text"),
        bool: lambda data, _: expect(data, bool, "true or false"),
        int: lambda data, _: expect_count(data),
        float: lambda data, _: _number(data),
        Exact: lambda data, _: float.fromhex(expect(data, str, "a hexadecimal float")),
        datetime: lambda data, _: _time(data),
        Kind: lambda data, _: Kind(data),
        Cause: lambda data, _: Cause(data),
        Reason: lambda data, _: _reason(data),
        Operation: lambda data, _: _operation(data, stand_ins),
        Named: lambda data, _: _named(data, stand_ins),
        AnyCase: lambda data, _: any_case_from_data(data, made),
        Constant: lambda data, _: Constant(constant_value(data["constant"])),
        Node: lambda data, _: made.structure(data, _class_of(data, _NODES, "a node")),
        Step: lambda data, _: made.structure(data, _class_of(data, _STEPS, "a step")),
        Reset: lambda data, _: Reset(data),
        Case: lambda data, _: case_from_data(made.structure(data, CaseData)),
    }
    for wanted, hook in hooks.items():
        made.register_structure_hook(wanted, hook)
    made.register_unstructure_hook(float, lambda x: x if math.isfinite(x) else str(x))
    made.register_unstructure_hook(Exact, float.hex)
    made.register_unstructure_hook(Constant, constant_as_data)
    made.register_unstructure_hook(datetime, datetime.isoformat)
    made.register_unstructure_hook(Reason, lambda reason: reason.name.lower())
    made.register_unstructure_hook(Operation, lambda operation: operation.name)
    made.register_unstructure_hook(Named, lambda operation: operation.name)
    made.register_unstructure_hook(AnyCase, lambda case: any_case_as_data(case, made))
    made.register_unstructure_hook_func(
        lambda t: _origin(t) is Counter,  # up to 26.1, cattrs ignores the hooks of its keys
        lambda counter: {made.unstructure(key): count for key, count in counter.items()},
    )
    made.register_unstructure_hook(Case, lambda case: case_of_numbers_as_data(case, made))
    register(made, Input, name="input")
    register(made, Build, expression="build")
    register(made, Backward, position="backward")
    register(made, ZeroGrad, on="zero_grad")
    register(made, Repeat, times="repeat")
    register(made, Row, kind="verdict")
    register(made, Report, gradient="inputs")
    for class_ in (Apply, Expression, CaseData, Blame):
        register(made, class_)
    from_dict = made.get_structure_hook(Apply)
    made.register_structure_hook(Apply, lambda data, _: _on_its_operands(from_dict(data, Apply)))
    return made


def register(converter: Converter, class_: type, **keys: str) -> None:
    """Add a class, whose instances are objects in a file.

    ``keys`` are the keys of attributes whose key in the file is not their name.
    """
    from cattrs.gen import (  # noqa: PLC0415 - see above
        make_dict_structure_fn,
        make_dict_unstructure_fn,
        override,
    )

    _KEYS.update({(class_, name): key for name, key in keys.items()})
    renamed: Any = {name: override(rename=key) for name, key in keys.items()}
    from_dict: Hook = make_dict_structure_fn(class_, converter, **renamed)
    to_dict: Callable[[Any], Any] = make_dict_unstructure_fn(class_, converter, **renamed)
    converter.register_structure_hook(
        class_, lambda data, _: from_dict(expect(data, dict, "an object"), class_)
    )
    converter.register_unstructure_hook(class_, to_dict)


def _origin(wanted: object) -> object:
    """Return the class of a type with arguments: ``list`` of ``list[int]``."""
    return get_origin(wanted)


_CONTAINERS = (dict, Counter, list, set, tuple)


def _container(wanted: Any, converter: Converter) -> Hook:  # noqa: ANN401 - a type with its arguments
    """Return the hook for a list, a set, a tuple, a dictionary or a counter."""
    from cattrs.cols import list_structure_factory, mapping_structure_factory  # noqa: PLC0415

    origin: Any = _origin(wanted)
    arguments = get_args(wanted)
    if origin in (dict, Counter):
        # The values of a counter are counts.
        with_values: Any = GenericAlias(dict, (*arguments, int)[:2])
        pairs: Hook = mapping_structure_factory(with_values, converter)
        return lambda data, _: origin(pairs(expect(data, dict, "an object"), wanted))
    items = list_structure_factory(wanted, converter)
    length = len(arguments) if origin is tuple and Ellipsis not in arguments else None

    def from_list(data: object, _: object) -> object:
        found = items(expect(data, list, "a list"), wanted)
        return origin(found) if length in (None, len(found)) else refuse(data, f"{length} values")

    return from_list


def _number(data: object) -> float:
    match data:
        case int() | float() if not isinstance(data, bool):
            return data
        case "nan" | "inf" | "-inf":
            return float(data)
    return refuse(data, "a number")


def _time(data: object) -> datetime:
    """Return a time, in UTC if the data has no time zone."""
    found = datetime.fromisoformat(expect(data, str, "a time"))
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _reason(data: object) -> Reason:
    reasons = {reason.name.lower(): reason for reason in Reason}
    return reasons.get(expect(data, str, "a reason")) or refuse(data, "a reason")


def _operation(data: object, stand_ins: Mapping[str, Operation]) -> Operation:
    found = isinstance(data, str) and (OPERATIONS.get(data) or stand_ins.get(data))
    if not found:
        message = (
            f"there is no operation {data!r:.40}; {hint_for(str(data))} "
            "If it is your own, name the module that registers it: --operations MODULE"
        )
        raise ValueError(message)
    return found


def _unknown_definition(*_operands: object) -> NoReturn:
    message = "an operation that no module has registered has no definition"
    raise ValueError(message)


def _on_its_operands(node: Apply) -> Apply:
    """Return the node with the operation on as many operands as it has."""
    return Apply(node.operation.of(len(node.operands)), node.operands)


_NODES = {"input": Input, "constant": Constant, "operation": Apply}

_STEPS = {"build": Build, "backward": Backward, "zero_grad": ZeroGrad, "repeat": Repeat}


def _class_of(data: object, classes: Mapping[str, type], words: str) -> type:
    """Return the class whose key an object has; no two classes share a key."""
    keys = expect(data, dict, words).keys()
    return next((c for key, c in classes.items() if key in keys), None) or refuse(data, words)


def _named(data: object, stand_ins: Mapping[str, Operation]) -> Named:
    """Return an operation to blame, which may be one on arrays."""
    if isinstance(data, str) and data not in OPERATIONS and data not in stand_ins:
        with contextlib.suppress(ImportError, KeyError):  # without NumPy there are no arrays
            from gradcheck.arrays.operations import array_operation  # noqa: PLC0415

            return array_operation(data)
    return _operation(data, stand_ins)
