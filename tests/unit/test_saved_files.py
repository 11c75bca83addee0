"""Saved files are untrusted: any content is read as data or refused in one line."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gradcheck import Case, check, parse
from gradcheck.findings.case_file import CaseFileError, read_finding, saved_findings
from gradcheck.findings.finding import Finding, Sighting
from gradcheck.findings.json_file import LARGEST
from gradcheck.findings.store import save
from gradcheck.fuzz.events import EarlierFinding, State
from gradcheck.fuzz.run_folder import run_folder
from gradcheck.fuzz.saved_run import RunFileError, Status, read_run
from gradcheck.kind import Kind
from helpers.runs import options

FORMAT_1 = Path(__file__).parents[1] / "saved_files" / "format_1"

BEGAN = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)

VERDICT = check(Case(parse("a*b"), (2.0, 3.0)), "engine.broken:sign_in_product")


@pytest.fixture
def folder(tmp_path):
    """The folder of a run with one finding in it."""
    seen = Sighting(BEGAN, BEGAN, times=3, seed=7)
    path = save(Finding(VERDICT, worst=VERDICT, seen=seen, cases=5), tmp_path)
    asked = options(seed=5, seconds=60.0, output=tmp_path, rounds=(2, 9))
    case = VERDICT.case
    before = [EarlierFinding(VERDICT.signature, path, case, case, cases=5, is_new=True)]
    with run_folder("engine:Value", asked, State(began=BEGAN), before):
        return tmp_path


FILES = ("case.json", "run.json", "stats.json")

every_file = pytest.mark.parametrize("name", FILES)


def place(folder, name):
    [path] = folder.rglob(name)
    return path


def read_all(folder):
    """Read all files of a run and its finding, as replaying and resuming it do."""
    saved = read_run(folder)
    saved.options()
    saved.findings()
    [path] = saved_findings(folder)
    return saved, read_finding(path)


def reason(folder, name):
    """Return why a file cannot be read, from an error of one line that names the file."""
    with pytest.raises((CaseFileError, RunFileError)) as caught:
        read_all(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"cannot read {place(folder, name)}: ")
    return message.partition(f"{name}: ")[2]


def places(data, path=()):
    """Yield the place of every value in JSON data."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def at(data, path):
    for key in path:
        data = data[key]
    return data


def changed(folder, name, path, value):
    """Replace the value at a place in a file."""
    data = json.loads(place(folder, name).read_text())
    at(data, path[:-1])[path[-1]] = value
    place(folder, name).write_text(json.dumps(data))


def test_all_of_it_is_read(folder):
    run, finding = read_all(folder)
    assert run.engine == "engine:Value"
    assert finding.smallest == VERDICT.report


NO_FORMAT = 'it is not a file of gradcheck: it has no "format" that is a number'

DAMAGED = {
    "nothing": (lambda text: "", "it is incomplete or not JSON"),
    "half of it": (lambda text: text[: len(text) // 2], "it is incomplete or not JSON"),
    "a list": (lambda text: "[]", NO_FORMAT),
    "no format": (lambda text: "{}", NO_FORMAT),
    "deep nesting": (lambda text: "[" * 100_000, "it is nested too deeply"),
    "no text": (lambda text: "\udcff", "'utf-8' codec can't decode"),
    "NaN": (lambda text: text.replace("7", "NaN", 1), "JSON has no number NaN"),
    "Infinity": (lambda text: text.replace("7", "-Infinity", 1), "JSON has no number -Infinity"),
    "many digits": (
        lambda text: text.replace("7", "7" * 5000, 1),
        "an integer has 5000 digits",
    ),
    "half a surrogate pair": (lambda text: text.replace('"', '"\\ud800', 1), "surrogates"),
}


@every_file
@pytest.mark.parametrize(("damage", "why"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused(folder, name, damage, why):
    damaged = damage('{"format": 7}').encode(errors="surrogateescape")
    place(folder, name).write_bytes(damaged)
    assert why in reason(folder, name)


@every_file
def test_a_newer_format_asks_for_an_update(folder, name):
    changed(folder, name, ("format",), 99)
    newest = 3 if name == "case.json" else 2
    assert reason(folder, name).endswith(
        f"it has format 99, and this gradcheck reads formats up to {newest}: update gradcheck"
    )


@every_file
@pytest.mark.parametrize("number", [True, 0, -1, 1.0, "1", None])
def test_a_format_is_a_number(folder, name, number):
    changed(folder, name, ("format",), number)
    assert reason(folder, name) == NO_FORMAT


@every_file
def test_a_file_that_is_too_large_is_not_even_read(folder, name):
    with place(folder, name).open("wb") as file:
        file.truncate(100 * 2**20)
    assert reason(folder, name) == f"it has 104,857,600 bytes, and the limit is {LARGEST:,}"


@every_file
def test_a_link_to_another_folder_is_not_followed(folder, name, tmp_path_factory):
    path = place(folder, name)
    elsewhere = path.rename(tmp_path_factory.mktemp("elsewhere") / name)
    path.symlink_to(elsewhere)
    assert reason(folder, name) == "it is a link to a file in another folder"


@every_file
def test_a_file_that_is_not_there_is_named(folder, name):
    path = place(folder, name)
    path.unlink()
    with pytest.raises((CaseFileError, RunFileError), match=r"there is no .*; name "):
        read_run(folder) if name != "case.json" else read_finding(path.parent)


@every_file
def test_unknown_keys_are_ignored(folder, name):
    before = read_all(folder)
    changed(folder, name, ("note",), {"by": "hand"})
    after = read_all(folder)
    assert after[1] == before[1]
    assert after[0].state == before[0].state


NOT_READ = {"format", "versions", "covered", "expression", "sentence", "certain"}
"""Keys for readers, and keys that are read by other means."""


def values(folder, name):
    """Yield the places in a file whose values are read, with the values."""
    data = json.loads(place(folder, name).read_text())
    for path in places(data):
        if not (NOT_READ.intersection(path) or {"verdict", "point"}.issubset(path)):
            yield path, at(data, path)


@every_file
@pytest.mark.parametrize("other", [{"an": ["object"]}, [["a list"]]], ids=str)
def test_no_value_may_have_another_type(folder, name, other):
    text = place(folder, name).read_text()
    for path, _ in list(values(folder, name)):
        changed(folder, name, path, other)
        assert reason(folder, name), path
        place(folder, name).write_text(text)


@every_file
@pytest.mark.parametrize("other", [True, -1, "1"], ids=repr)
def test_a_count_is_no_boolean_nor_negative_nor_text(folder, name, other):
    text = place(folder, name).read_text()
    counts = [path for path, value in values(folder, name) if type(value) is int]
    for path in counts:
        changed(folder, name, path, other)
        assert "expected an integer of at least 0, found" in reason(folder, name), path
        place(folder, name).write_text(text)
    assert counts


SQUARE = ("case", "nodes", 2)

WRONG = {
    "places in a list": (("operations",), [], "operations: expected an object, found []"),
    "a place that is no text": (
        ("operations",),
        {"cube": 3},
        "operations['cube']: expected text, found 3",
    ),
    "an unknown operation": (
        (*SQUARE, "operation"),
        "__import__",
        "smallest.case.nodes[2].operation: there is no operation '__import__'; `gradcheck fuzz",
    ),
    "a node that uses a later one": (
        (*SQUARE, "operands"),
        [0, 5],
        "smallest.case: node 2 uses (0, 5); a node uses only earlier ones",
    ),
    "a negative operand": (
        (*SQUARE, "operands", 1),
        -1,
        "smallest.case.nodes[2].operands[1]: expected an integer of at least 0, found -1",
    ),
    "a node of no kind": (
        SQUARE,
        {},
        "smallest.case.nodes[2]: expected a node, found an",
    ),
    "an output that is not there": (("case", "output"), 9, "smallest.case: the output is node 9"),
    "nan": (("case", "point", "a"), "nan", "smallest.case: input a is nan, not a finite number"),
    "infinity": (("worst", "case", "point", "a"), "inf", "worst.case: input a is inf, not a"),
    "a number too large": (
        ("case", "point", "a"),
        "0x1p5000",
        "smallest.case.point['a']: hexadecimal value too large",
    ),
    "a decimal number": (
        ("case", "point", "a"),
        3.0,
        "smallest.case.point['a']: expected a hexadecimal float, found 3.0",
    ),
    "a point for other inputs": (
        ("case", "point"),
        {"b": "0x1p0"},
        "smallest.case: the point has numbers for b, not for the inputs",
    ),
    "an unknown cause": (("verdict", "blame", "cause"), "magic", "smallest.blame.cause: 'magic'"),
    "a missing key": (("seen", 0), {"began": "2026-01-01"}, "seen[0].last: it is missing"),
    "no sighting": (("seen",), [], 'expected a list with an entry as "seen", found []'),
    "a text for a number": (
        ("verdict", "inputs", 1, "backprop"),
        "3",
        'smallest.inputs[1].backprop: expected a number, found "3"',
    ),
    "a step of no kind": (
        ("case", "steps"),
        [{"jump": 1}],
        "smallest.case.steps[0]: expected a step, found an object with keys jump",
    ),
    "a step on a node that is not there": (
        ("case", "steps"),
        [{"backward": 9}],
        "smallest.case: step 0 cannot be done: Backward(position=9)",
    ),
    "a step on nothing in particular": (
        ("case", "steps"),
        [{"zero_grad": "everything"}],
        "smallest.case.steps[0].zero_grad: 'everything' is not a valid Reset",
    ),
    "no end of steps": (
        ("case", "steps"),
        [{"backward": 2}] * 1000,
        "smallest.case: there are 1000 steps; the limit is 100",
    ),
    "no end of repetition": (
        ("case", "steps"),
        [{"backward": 2}, {"repeat": 10**9}],
        "smallest.case: step 1 cannot be done",
    ),
    "an unknown reason": (
        ("verdict", "value", "undecided"),
        "weather",
        'smallest.value.undecided: expected a reason, found "weather"',
    ),
}


@pytest.mark.parametrize(("path", "value", "why"), WRONG.values(), ids=WRONG)
def test_the_message_says_where_a_case_is_wrong_and_how(folder, path, value, why):
    changed(folder, "case.json", path, value)
    assert why in reason(folder, "case.json")


def test_a_long_text_in_the_place_of_a_word_is_not_repeated_in_full(folder):
    changed(folder, "case.json", ("verdict", "blame", "cause"), 1_000 * "magic")
    assert len(reason(folder, "case.json")) < 300


def test_arrays_of_one_element_have_steps(folder):
    case = json.loads(place(folder, "case.json").read_text())["case"]
    changed(folder, "case.json", ("case", "summed"), value=True)
    changed(folder, "case.json", ("case", "point"), {x: [n] for x, n in case["point"].items()})
    why = "smallest.case: expected steps on arrays of one element, found "
    assert why in reason(folder, "case.json")


@pytest.mark.parametrize("path", ["../../etc", "/etc", "a/../../b"])
def test_a_finding_of_a_run_lies_in_its_folder(folder, path):
    changed(folder, "stats.json", ("findings", 0, "path"), path)
    assert "leads out of the folder of the run" in reason(folder, "stats.json")


def test_rounds_are_two_numbers(folder):
    changed(folder, "run.json", ("rounds",), [1, 2, 3])
    assert reason(folder, "run.json") == "rounds: expected 2 values, found [1, 2, 3]"


def test_the_state_of_another_run_is_refused(folder):
    changed(folder, "stats.json", ("began",), "2001-01-01T00:00:00")
    assert reason(folder, "stats.json") == "it belongs to another run than run.json beside it"


LATER = (Kind.NONDETERMINISTIC, Kind.WRONG_SHAPE)
"""The kinds that there were not in format 1."""


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.is_finding and kind not in LATER])
def test_a_finding_of_each_kind_in_format_1_is_read(kind):
    saved = read_finding(FORMAT_1 / kind.value)
    assert saved.smallest.kind is kind
    assert saved.smallest.signature == saved.smallest.blame.signature
    assert [sighting.seed for sighting in saved.seen] == [None, 7]
    assert saved.times == 5


def test_the_numbers_of_a_case_in_format_1_are_exactly_those_that_were_written():
    smallest = read_finding(FORMAT_1 / "wrong-gradient").smallest
    assert smallest.case == Case(parse("s = a*b; tanh(s)*s + 0.5"), (2.0, -0.1))
    assert smallest.formula == "n2 = a*b; tanh(n2)*n2 + 0.5"


def test_a_run_in_format_1_is_read_and_its_findings_with_it():
    saved = read_run(FORMAT_1 / "run")
    assert (saved.engine, saved.status) == ("engine.broken:overwrites_gradient", Status.FINISHED)
    assert saved.options().rounds == (0, 2)
    assert (saved.state.next_round, saved.state.statistics.cases) == (2, 701)
    [found] = saved.findings()
    assert found.path.parent == FORMAT_1 / "run" / "engine.broken.overwrites_gradient"
    assert found.smallest == read_finding(found.path).smallest.case


def test_a_folder_of_format_1_without_a_case_is_no_finding():
    assert [*(FORMAT_1 / "run").rglob("life-second-backward")]
    assert len(saved_findings(FORMAT_1 / "run")) == 1
