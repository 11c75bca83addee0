"""Engine options, ``KEY=VALUE``: they override what was detected of an engine.

The options are part of the engine's spec, ``my.py:Value[backward=run_back,seed_output=yes]``. So
they are saved wherever the spec is, as in a case file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gradcheck.errors import UserError
from gradcheck.operations import OPERATIONS, hint_for

_ATTRIBUTES = ("value", "gradient", "backward")

_USAGE = "value=…, gradient=…, backward=…, seed_output=yes|no, operation.NAME=…, ulps.NAME=…"

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

    ``operations`` are names of methods or functions, and ``allowances`` the units of roundoff that
    an operation may lose, both by the name of the operation.
    """

    value: str | None = None
    gradient: str | None = None
    backward: str | None = None
    seed_output: bool | None = None
    operations: Mapping[str, str] = field(default_factory=dict, hash=False)
    allowances: Mapping[str, int] = field(default_factory=dict, hash=False)

    @property
    def names_attributes(self) -> bool:
        """Whether they name or describe attributes of the engine's objects."""
        return (self.value, self.gradient, self.backward, self.seed_output) != (None,) * 4


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


def parse_overrides(options: Iterable[str]) -> Overrides:
    """Return the options, parsed. Raises ``EngineOptionError``.

    >>> parse_overrides(["backward=run_back", "operation.log=ln"]).operations
    {'log': 'ln'}
    """
    pairs = dict(map(_key_and_value, options))
    seed = pairs.get("seed_output")
    return Overrides(
        value=pairs.get("value"),
        gradient=pairs.get("gradient"),
        backward=pairs.get("backward"),
        seed_output=None if seed is None else _YES_OR_NO[seed],
        operations=_by_operation(pairs, _OPERATION),
        allowances={
            name: _ROUNDINGS_PER_ULP * int(ulps)
            for name, ulps in _by_operation(pairs, _ULPS).items()
        },
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
        if key.removeprefix(prefix) not in OPERATIONS:
            message = f"{option!r:.60}: no such operation; {hint_for(key.removeprefix(prefix))}"
            raise EngineOptionError(message)
        if prefix == _ULPS and not re.fullmatch(r"[1-9]\d{0,5}", value):
            message = f"{option!r:.60}: write a whole number of units in the last place"
            raise EngineOptionError(message)
    elif key == "seed_output":
        if value not in _YES_OR_NO:
            message = f"{option!r:.60}: write seed_output=yes or seed_output=no"
            raise EngineOptionError(message)
    elif key not in _ATTRIBUTES:
        message = f"there is no option {key!r:.60}; the options are: {_USAGE}"
        raise EngineOptionError(message)
    return key, value
