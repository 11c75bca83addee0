"""Files of earlier formats are still read: a finding of each kind, and the folder of a run."""

from pathlib import Path

import pytest

from gradcheck import Case, parse
from gradcheck.findings.reading import read_finding, saved_findings
from gradcheck.fuzz.saved_run import Status, read_run
from gradcheck.kind import Kind

FORMAT_1 = Path(__file__).parents[1] / "saved_files" / "format_1"
RUN = FORMAT_1 / "run"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.is_finding])
def test_a_finding_of_each_kind_is_read(kind):
    saved = read_finding(FORMAT_1 / kind.value)
    assert saved.smallest.report.kind is kind
    assert saved.smallest.report.signature == saved.smallest.report.blame.signature
    assert [sighting.seed for sighting in saved.seen] == [None, 7]
    assert saved.times == 5


def test_the_numbers_of_a_case_are_exactly_those_that_were_written():
    smallest = read_finding(FORMAT_1 / "wrong-gradient").smallest
    assert smallest.case == Case(parse("s = a*b; tanh(s)*s + 0.5"), (2.0, -0.1))
    assert smallest.report.formula == "n2 = a*b; tanh(n2)*n2 + 0.5"


def test_a_run_is_read_and_its_findings_with_it():
    saved = read_run(RUN)
    assert (saved.engine, saved.status) == ("engine.broken:overwrites_gradient", Status.FINISHED)
    assert saved.options().rounds == (0, 2)
    assert (saved.state.next_round, saved.state.statistics.cases) == (2, 701)
    [found] = saved.found()
    assert found.path == RUN / "engine.broken.overwrites_gradient" / found.path.name
    assert found.smallest == read_finding(found.path).smallest.case


def test_a_folder_without_a_case_is_no_finding():
    assert (RUN / "engine.broken.overwrites_gradient" / "life-second-backward").is_dir()
    assert len(saved_findings(RUN)) == 1
