"""Defaults of the commands from ``[tool.gradcheck]`` in the ``pyproject.toml`` of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from gradcheck.engines.configuration import read_configuration, table_in
from gradcheck.errors import UserError

_OF_ONE_CALL = {
    *("bugs", "diagram", "help", "resume", "rounds", "step", "stop-file"),
    *("engine-option", "operation", "ulps"),  # they stand in brackets after the engine
}
"""Options that cannot be configured, because they belong to one call or to one engine."""

_READ_WITH_THE_ENGINE = "operations"
"""The key for the modules that are imported before any engine is loaded, in pytest as well."""


def configured_defaults(
    commands: Mapping[str, click.Command], folder: Path
) -> dict[str, dict[str, object]]:
    """Return the defaults of each command, by the names of its parameters.

    A key of the table is the long name of an option. It counts for every command that has the
    option and takes the value. Raises ``UserError`` for an unknown key, and for a value that no
    command takes.
    """
    defaults: dict[str, dict[str, object]] = {name: {} for name in commands}
    options = {name: _options(command) for name, command in commands.items()}
    known = sorted({_READ_WITH_THE_ENGINE}.union(*options.values()))
    for key, value in read_configuration(folder).items():
        if key not in known:
            message = f"{table_in(folder)}: no key is called {key!r}; there are: {' '.join(known)}"
            raise UserError(message)
        mistakes: list[str] = []
        takers = {name: its[key] for name, its in options.items() if key in its}
        for name, option in takers.items():
            try:
                defaults[name][str(option.name)] = _as_typed(option, value)
            except click.BadParameter as error:
                mistakes.append(error.message)
        if takers and len(mistakes) == len(takers):
            message = f"{table_in(folder)}: {key}: {mistakes[0]}"
            raise UserError(message)
    return defaults


def _options(command: click.Command) -> dict[str, click.Option]:
    """Return the options of a command that can be configured, by their long names."""
    options = {
        name.removeprefix("--"): option
        for option in command.params
        if isinstance(option, click.Option)
        for name in option.opts
        if name.startswith("--")
    }
    # `replay` checks the engine that a finding names, unless another one is typed.
    left_out = _OF_ONE_CALL | ({"engine"} if command.name == "replay" else set())
    return {
        name: option
        for name, option in options.items()
        if name not in left_out and name != _READ_WITH_THE_ENGINE
    }


def _as_typed(option: click.Option, value: object) -> object:
    """Return a value of the table as it would be typed. Raises ``click.BadParameter``."""
    if option.is_flag:
        if not isinstance(value, bool):
            message = "write true or false"
            raise click.BadParameter(message)
        return value
    if option.multiple:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            message = "write a list of texts, in brackets"
            raise click.BadParameter(message)
        typed: object = value
    elif isinstance(value, bool | list | dict):
        message = "write a text or a number"
        raise click.BadParameter(message)
    elif isinstance(option.type, click.types.StringParamType) and not isinstance(value, str):
        message = "write a text, in quotes"
        raise click.BadParameter(message)
    else:
        typed = str(value)
    option.type_cast_value(click.get_current_context(), typed)
    return typed
