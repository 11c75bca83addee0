"""Engine options, ``KEY=VALUE``: they override what was detected of an engine.

The options are part of the engine's spec, ``my.py:Value[backward=run_back,seed_output=yes]``. So
they are saved wherever the spec is, as in a case file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from gradcheck.errors import UserError
from gradcheck.operations import OPERATIONS

_ATTRIBUTES = ("value", "gradient", "backward")

_USAGE = (
    "value=…, gradient=…, backward=…, seed_output=yes|no, arrays=yes|no, operation.NAME=…, "
    "ulps.NAME=…, operations=…"
)

_MODULES = "operations"

_SEPARATOR = ";"
"""Between the modules of ``operations=my_ops;path/to/more_ops.py``."""

_OPERATION = "operation."

_ULPS = "ulps."

_ROUNDINGS_PER_ULP = 2
"""A unit in the last place is up to two units of roundoff."""

_YES_OR_NO = {"yes": True, "no": False}


class EngineOptionError(UserError, ValueError):
    """An option that is unknown or malformed; the message is one line."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """The options of an engine that a user set; ``None`` for one that is to be detected.

    ``arrays`` says whether it is an engine of arrays, rather than one of numbers.
    ``operations`` are names of methods or functions, and ``allowances`` the units of roundoff that
    an operation may lose, both by the name of the operation. ``modules`` are the modules and files
    that register the user's own operations. ``functions`` are those of ``operations`` that are
    named as ``module:function``; they are imported when the engine is loaded.
    """

    value: str | None = None
    gradient: str | None = None
    backward: str | None = None
    seed_output: bool | None = None
    arrays: bool | None = None
    operations: Mapping[str, str] = field(default_factory=dict, hash=False)
    allowances: Mapping[str, int] = field(default_factory=dict, hash=False)
    modules: tuple[str, ...] = ()
    functions: Mapping[str, Callable[..., object]] = field(default_factory=dict, hash=False)

    @property
    def names_attributes(self) -> bool:
        """Whether they name or describe attributes of the engine's objects."""
        return (self.value, self.gradient, self.backward, self.seed_output) != (None,) * 4

    def require_known_operations(self) -> None:
        """Raise ``EngineOptionError`` for a name that is not in the table of operations.

        Call this after the user's modules are imported, because they register operations.
        """
        for name in (*self.operations, *self.allowances):
            if name not in OPERATIONS:
                message = (
                    f"no operation is called {name!r:.60}; if it is your own, name the module that "
                    f"registers it with --operations; there are: {' '.join(OPERATIONS)}"
                )
                raise EngineOptionError(message)


NO_OVERRIDES = Overrides()


def with_options(spec: str, options: Iterable[str]) -> str:
    """Return a spec with further options, each ``KEY=VALUE``; the last one of a key counts.

    Raises ``EngineOptionError``.

    >>> with_options("my.py:Value[seed_output=no]", ["seed_output=yes", "operation.log=ln"])
    'my.py:Value[seed_output=yes,operation.log=ln]'
    """
    target, texts = split_spec(spec)
    merged = dict(map(_key_and_value, (*texts, *options)))
    if not merged:
        return target
    return f"{target}[{','.join(f'{key}={value}' for key, value in merged.items())}]"


def split_spec(spec: str) -> tuple[str, list[str]]:
    """Split a spec into the target that it names and its options.

    >>> split_spec("my.py:Value[value=v,gradient=g]")
    ('my.py:Value', ['value=v', 'gradient=g'])
    """
    match = re.fullmatch(r"(.*)\[([^\[\]]*)\]", spec, re.DOTALL)
    if match is None:
        return spec, []
    return match[1], [text for text in match[2].split(",") if text]


def split_place(spec: str) -> tuple[str, str]:
    """Split a spec into the module or file that it names and the rest.

    >>> split_place("my.py:Value[value=v]"), split_place("my.py")
    (('my.py', ':Value[value=v]'), ('my.py', ''))
    """
    target, _ = split_spec(spec)
    place = target if target.endswith(".py") else target.rpartition(":")[0] or target
    return place, spec.removeprefix(place)


def modules_option(places: Iterable[str]) -> str:
    """Return the option for the modules and files that register the user's own operations."""
    return f"{_MODULES}={_SEPARATOR.join(places)}"


def places_in(spec: str) -> tuple[str, ...]:
    """Return every module and file that a spec names. Raises ``EngineOptionError``.

    >>> places_in("my.py:Value[operation.log=logs:ln,operations=my_ops.py]")
    ('my.py', 'my_ops.py', 'logs')
    """
    overrides = parse_overrides(split_spec(spec)[1])
    functions = (name.rpartition(":")[0] for name in overrides.operations.values())
    return (split_place(spec)[0], *overrides.modules, *filter(None, functions))


def with_places(spec: str, move: Callable[[str], str]) -> str:
    """Return a spec with another place for each module and file that it names.

    >>> with_places("my.py:Value[operation.log=logs.py:ln,operations=my_ops.py]", "at/{}".format)
    'at/my.py:Value[operation.log=at/logs.py:ln,operations=at/my_ops.py]'
    """
    target, options = split_spec(spec)
    overrides = parse_overrides(options)
    place, name = split_place(target)
    functions = [
        f"{_OPERATION}{operation}={move(function.rpartition(':')[0])}:{function.rpartition(':')[2]}"
        for operation, function in overrides.operations.items()
        if ":" in function
    ]
    modules = [modules_option(map(move, overrides.modules))] if overrides.modules else []
    return with_options(f"{move(place)}{name}", [*options, *functions, *modules])


def parse_overrides(options: Iterable[str]) -> Overrides:
    """Return the options, parsed. Raises ``EngineOptionError``.

    >>> parse_overrides(["backward=run_back", "operation.log=ln"]).operations
    {'log': 'ln'}
    """
    pairs = dict(map(_key_and_value, options))
    seed, arrays = pairs.get("seed_output"), pairs.get("arrays")
    return Overrides(
        value=pairs.get("value"),
        gradient=pairs.get("gradient"),
        backward=pairs.get("backward"),
        seed_output=None if seed is None else _YES_OR_NO[seed],
        arrays=None if arrays is None else _YES_OR_NO[arrays],
        operations=_by_operation(pairs, _OPERATION),
        allowances={
            name: _ROUNDINGS_PER_ULP * int(ulps)
            for name, ulps in _by_operation(pairs, _ULPS).items()
        },
        modules=tuple(filter(None, pairs.get(_MODULES, "").split(_SEPARATOR))),
    )


def _by_operation(pairs: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        key.removeprefix(prefix): value for key, value in pairs.items() if key.startswith(prefix)
    }


def _key_and_value(option: str) -> tuple[str, str]:
    key, equals, value = option.partition("=")
    if not equals or not re.fullmatch(r"[^\s\[\],=]+", value):
        message = f"{option!r:.60} is not KEY=VALUE; the options are: {_USAGE}"
        raise EngineOptionError(message)
    prefix = key[: key.find(".") + 1]
    if prefix in (_OPERATION, _ULPS):
        if prefix == _ULPS and not re.fullmatch(r"[1-9]\d{0,5}", value):
            message = f"{option!r:.60}: write a whole number of units in the last place"
            raise EngineOptionError(message)
    elif key in ("seed_output", "arrays"):
        if value not in _YES_OR_NO:
            message = f"{option!r:.60}: write {key}=yes or {key}=no"
            raise EngineOptionError(message)
    elif key not in (*_ATTRIBUTES, _MODULES):
        message = f"there is no option {key!r:.60}; the options are: {_USAGE}"
        raise EngineOptionError(message)
    return key, value
