"""A long run does not take more and more memory; one of an engine that keeps everything does."""

from pathlib import Path

import pytest

from helpers.processes import output_of_python

ROUNDS = 12
QUARTER = ROUNDS // 4

JUDGES_ROUNDS = f"""
import gc, sys
from pathlib import Path
import psutil
from gradcheck import load_engine
from gradcheck.engines.time_limit import watched
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.rounds import judge_round
from gradcheck.operations import DEFAULT_OPERATIONS

engine = load_engine(sys.argv[1])
options = Options(operations=DEFAULT_OPERATIONS, seed=1, output=Path("nowhere"))
with watched():
    for number in range({ROUNDS}):
        judge_round(engine, options, number, heartbeat=lambda: None)
        gc.collect()
        print(psutil.Process().memory_info().rss)
"""


def growth(spec):
    """The most memory in the last quarter of a run, as a share of that in the second quarter."""
    used = list(map(int, output_of_python("-c", JUDGES_ROUNDS, spec).split()))
    return max(used[-QUARTER:]) / max(used[QUARTER : 2 * QUARTER])


KEEPS = Path(__file__).parents[1] / "engines" / "keeps.py"


@pytest.mark.parametrize(
    ("spec", "is_flat"), [("engine:Value", True), (f"{KEEPS}:Value", False)], ids=["ours", "keeps"]
)
def test_memory_is_flat_unless_the_engine_keeps_what_it_makes(spec, is_flat):
    assert (growth(spec) <= 1.05) is is_flat
