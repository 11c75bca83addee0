"""What a run was asked and how far it has come, out of JSON data of which nothing is believed.

Whatever is not as ``encoding`` writes it raises ``ValueError``; the message says what is wrong.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.findings.decoding import case_from_data
from gradcheck.findings.encoding import Data
from gradcheck.findings.json_values import number, refuse, required_number, text, time, whole
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.state import FoundBefore, State
from gradcheck.fuzz.statistics import Statistics
from gradcheck.kind import Kind, Reason
from gradcheck.operations import operations_named


def options_from_data(data: Data, output: Path) -> Options:
    """What was asked, of which an engine's module may have registered the operations."""
    match data:
        case {
            "operations": [*operations],
            "max_ops": max_ops,
            "seed": seed,
            "seconds": seconds,
            "examples": expressions,
            "rounds": rounds,
            "until_stale": until_stale,
            "fail_fast": bool(fail_fast),
            "life": bool(life),
        }:
            return Options(
                operations=operations_named(" ".join(map(text, operations))),
                max_ops=whole(max_ops),
                seed=whole(seed),
                seconds=number(seconds),
                expressions=None if expressions is None else whole(expressions),
                output=output,
                fail_fast=fail_fast,
                rounds=None if rounds is None else _rounds(rounds),
                until_stale=number(until_stale),
                life=life,
                limits=limits_from_data(data),
            )
    return refuse(data, expected="what a run was asked")


def limits_from_data(data: Data) -> EngineLimits:
    """What the engine may take, which can be read before the engine is loaded."""
    match data:
        case {"case_timeout": seconds, "memory_limit": memory}:
            return EngineLimits(number(seconds), whole(memory))
    return refuse(data, expected="what a run was asked")


def _rounds(data: Data) -> tuple[int, int]:
    match data:
        case [first, end]:
            return whole(first), whole(end)
    return refuse(data, expected="the numbers of rounds")


def state_from_data(data: Data) -> State:
    """How far a run has come, without what it found."""
    match data:
        case {
            "began": began,
            "next_round": next_round,
            "seconds": seconds,
            "newest": newest,
            "last_seen": dict(last_seen),
            "set_aside": [*set_aside],
        }:
            return State(
                statistics=_statistics(data),
                next_round=whole(next_round),
                began=time(began),
                seconds=required_number(seconds),
                newest=required_number(newest),
                last_seen={signature: time(last) for signature, last in last_seen.items()},
                set_aside=set(map(text, set_aside)),
            )
    return refuse(data, expected="the state of a run")


def _statistics(data: Data) -> Statistics:
    match data:
        case {
            "expressions": expressions,
            "cases": cases,
            "gradients": gradients,
            "undecided_gradients": undecided_gradients,
            "verdicts": dict(verdicts),
            "undecided": dict(undecided),
            "worst_error_share": worst_error_share,
            "lost": dict(lost),
            "seen": dict(seen),
            "features": [*features],
            "given_up": [*given_up],
        }:
            return Statistics(
                expressions=whole(expressions),
                cases=whole(cases),
                gradients=whole(gradients),
                undecided_gradients=whole(undecided_gradients),
                verdicts=Counter({Kind(kind): whole(n) for kind, n in verdicts.items()}),
                undecided=Counter({_reason(name): whole(n) for name, n in undecided.items()}),
                worst_error_share=required_number(worst_error_share),
                lost={name: required_number(units) for name, units in lost.items()},
                seen=Counter({signature: whole(n) for signature, n in seen.items()}),
                covered=set(map(text, features)),
                given_up=list(map(whole, given_up)),
            )
    return refuse(data, expected="what a run has counted")


def _reason(name: str) -> Reason:
    found = {reason.name.lower(): reason for reason in Reason}.get(name)
    return found or refuse(name, expected="a reason")


def found_from_data(data: Data, folder: Path) -> list[FoundBefore]:
    """What a run in a folder found until then, of which an engine may have the operations."""
    match data:
        case {"findings": [*findings]}:
            return [_found(bug, folder) for bug in findings]
    return refuse(data, expected="the state of a run")


def places_from_data(data: Data, folder: Path) -> list[tuple[str, Path]]:
    """The signatures of what was found, and where it is kept; no operation need be known."""
    match data:
        case {"findings": [*findings]}:
            return [_place(bug, folder) for bug in findings]
    return refuse(data, expected="the state of a run")


def _place(data: Data, folder: Path) -> tuple[str, Path]:
    match data:
        case {"signature": str(signature), "path": str(path)}:
            return signature, folder / path
    return refuse(data, expected="a finding")


def _found(data: Data, folder: Path) -> FoundBefore:
    match data:
        case {
            "signature": str(signature),
            "path": str(path),
            "smallest": smallest,
            "worst": worst,
            "cases": cases,
            "new": bool(is_new),
        }:
            return FoundBefore(
                signature=signature,
                path=folder / path,
                smallest=case_from_data(smallest),
                worst=case_from_data(worst),
                cases=whole(cases),
                is_new=is_new,
            )
    return refuse(data, expected="a finding")
