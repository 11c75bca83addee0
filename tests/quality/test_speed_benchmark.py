"""The table of speeds has all of its rows, whichever of the peers are installed."""

import importlib
from pathlib import Path

import pytest

from helpers.processes import output_of_python

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

PEERS = ("autograd", "jax", "micrograd", "torch")

TO_REACH = {
    "one check of a layer, 12 elements: as fast as torch.autograd.gradcheck": "at least 8",
    "engine, 40 operations: as fast as torch": "at least 8",
    "engine, 40 operations: as fast as autograd": "at least 20",
    "engine, 400 operations: as fast as micrograd": "at least 2",
    "one check, 10 operations: as fast as torch.autograd.gradcheck": "at least 14",
    "one check, 10 operations: as fast as autograd check_grads": "at least 4",
    "one check, 10 operations: as fast as jax.test_util.check_grads": "at least 60",
    "one check, 10 operations: as fast as a script with sympy": "at least 200",
    "one check, 10 operations: cost of the engine's own pass": "at most 7",
    "fuzz, cases per second: as fast as bare torch.autograd.gradcheck": "at least 5",
    "fuzz, share of its time: generation": "at most 0.35",
    "growth of one check from 10 to 100 operations, as an exponent": "at most 1.05",
}


def smallest(folder, **environment):
    """The rows of the smallest table by what they tell of, and all that was printed."""
    words = (BENCHMARKS / "speed.py", "--smallest", "--rounds", "1")
    printed = output_of_python(*words, folder=folder, **environment)
    lines = [line for line in printed.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {what: cells for what, *cells in rows}, printed


def is_number(text):
    return text.replace(",", "").replace(".", "", 1).replace("e-", "", 1).isdigit()


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rows, _ = smallest(tmp_path_factory.mktemp("with_what_is_installed"))
    return rows


@pytest.fixture(scope="module")
def without_peers(tmp_path_factory):
    hidden = tmp_path_factory.mktemp("hidden")
    for name in PEERS:
        (hidden / f"{name}.py").write_text(f"raise ModuleNotFoundError({name!r})\n")
    return smallest(hidden, PYTHONPATH=str(hidden))


def test_each_figure_to_be_reached_is_in_the_table(table):
    assert {what: cells[2] for what, cells in table.items() if cells[2] in TO_REACH.values()} == (
        TO_REACH
    )


def test_each_figure_is_a_number_or_its_peer_is_not_installed(table):
    figures = {what: cells[0] for what, cells in table.items() if what not in ("figure", "---")}
    assert [
        what for what, number in figures.items() if not is_number(number) and "torch" not in what
    ] == []


def test_without_its_peers_the_table_has_the_same_rows_and_says_what_is_missing(
    table, without_peers
):
    rows, printed = without_peers
    assert {what.partition(", which")[0] for what in rows} == {
        what.partition(", which")[0] for what in table
    }
    of_peers = [what for what in rows if any(f"as fast as {name}" in what for name in PEERS)]
    assert of_peers
    assert {rows[what][0] for what in of_peers} == {"not installed"}
    assert "pip install -e '.[bench]'" in printed


def test_a_figure_beyond_its_target_is_not_reached(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    table = importlib.import_module("table")
    assert not table.Target(at_most=1.1).is_reached(1.2)
    assert table.Target(at_most=1.1).is_reached(1.1)
    assert not table.Target(at_least=2.0).is_reached(1.9)
    assert table.Target(at_least=2.0).is_reached(2.0)
