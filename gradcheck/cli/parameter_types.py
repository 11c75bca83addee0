"""What options may be: times, sizes, processes, addresses and ranges of rounds."""

from __future__ import annotations

import os
import re

import click

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class Duration(click.ParamType[float]):
    """A time such as 0.2s, 10m or 8h, in seconds."""

    name = "time"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", value)
        if match is None or not float(match[1]):
            self.fail(f"{value!r} is not a time such as 30s, 10m or 8h", param, ctx)
        return float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


class Workers(click.ParamType[int]):
    """A number of processes, or ``auto``: one for each core that this process may use."""

    name = "n|auto"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value == "auto":
            return _cores()
        if not re.fullmatch(r"\d{1,4}", value) or not int(value):
            self.fail(f"{value!r} is neither a number of processes nor auto", param, ctx)
        return int(value)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # systems that do not tell which
        return os.cpu_count() or 1


class Address(click.ParamType[str]):
    """The address of a Dask scheduler, such as tcp://host:8786."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"(tcp|tls)://[^\s/]+:\d{1,5}", value):
            self.fail(f"{value!r} is not an address such as tcp://host:8786", param, ctx)
        return value


class Rounds(click.ParamType[tuple[int, int]]):
    """The numbers of the first round and of the one after the last, such as 0:5000."""

    name = "a:b"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        match = re.fullmatch(r"(\d{1,12}):(\d{1,12})", value)
        if match is None or int(match[1]) >= int(match[2]):
            self.fail(f"{value!r} is not a range of rounds such as 0:5000", param, ctx)
        return int(match[1]), int(match[2])


class Size(click.ParamType[int]):
    """An amount of memory such as 500M or 2G, in bytes; a K is 1024 of them."""

    name = "size"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?)([KMGT]?)(?:i?B)?", value.strip())
        if match is None or not float(match[1]):
            self.fail(f"{value!r} is not an amount of memory such as 500M or 2G", param, ctx)
        return int(float(match[1]) * _UNITS[match[2]])
