"""The gallery shows every finding, and copes with any content of the folders."""

import base64
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from gradcheck import Case, Expression, check, parse
from gradcheck.expression import Input
from gradcheck.findings.finding import Finding, Sighting
from gradcheck.findings.gallery.card import LARGEST_FILE
from gradcheck.findings.gallery.page import write_gallery
from gradcheck.findings.store import save

BEGAN = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
SEEN = Sighting(BEGAN, BEGAN.replace(minute=40), times=4, seed=7)
SQUARE = Case(parse("a*a"), (3.0,))
MISBEHAVING = Path(__file__).parents[1] / "engines" / "misbehaving.py"


def found(case=SQUARE, engine="engine.broken:overwrites_in_product", *, worst=None, seen=SEEN):
    verdict = check(case, engine)
    return Finding(verdict, worst=check(worst, engine) if worst else verdict, seen=seen, cases=5)


def gallery(output):
    return write_gallery(output).read_text(encoding="utf-8")


def text(page):
    """Return the visible text of the page."""
    visible = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    visible = re.sub("(?=<(?:td|th|dd)[ >])", " ", visible)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", visible)).split())


def case_file(folder, **changes):
    file = folder / "case.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_a_card_has_all_that_is_known_of_a_finding(tmp_path):
    folder = save(found(), tmp_path)
    page = gallery(tmp_path)
    for part in (
        "1 finding",
        "lost-contribution-of-mul",
        "Engine engine.broken:overwrites_in_product Kind wrong-gradient",
        "To blame *: a contribution is lost",
        "Seen 4 times in 1 run, last on 2026-11-24 20:40 UTC",
        "The slope agrees with the symbolic derivative, so the backward pass is wrong.",
        "a*a at a = 3.0",
        "number backprop symbolic slope allowed error verdict value 9.0 9.0 0 correct a 3.0 6.0",
        "d/da = 2*a",
        f"python -m gradcheck replay {folder} Copy command",
        f"python {folder}/repro.py",
        " ".join((folder / "repro.py").read_text().split()) + " Copy script",
    ):
        assert part in text(page)
    diagram = base64.b64encode((folder / "graph.svg").read_bytes()).decode()
    assert f'src="data:image/svg+xml;base64,{diagram}"' in page
    assert f'href="{folder.relative_to(tmp_path)}/graph.svg"' in page
    assert "The case with the largest error" not in page


def test_the_worst_case_is_shown_if_it_is_not_the_smallest(tmp_path):
    save(found(worst=Case(parse("a*a*b"), (3.0, 5.0))), tmp_path)
    assert "The case with the largest error a*a*b at a = 3.0, b = 5.0" in text(gallery(tmp_path))


def test_the_sightings_of_several_runs_are_added_up(tmp_path):
    save(found(), tmp_path)
    later = Sighting(BEGAN.replace(day=25), BEGAN.replace(day=25), times=1_000, seed=8)
    save(found(seen=later), tmp_path)
    assert "Seen 1,004 times in 2 runs, last on 2026-11-25 20:30 UTC" in text(gallery(tmp_path))


def test_the_most_serious_come_first_and_then_those_seen_last(tmp_path):
    old = replace(SEEN, last=BEGAN.replace(year=2020))
    product = Case(parse("a*b"), (2.0, 3.0))
    save(found(product, f"{MISBEHAVING}:RaisesForward"), tmp_path)
    save(found(seen=old), tmp_path)
    save(found(product, "engine.broken:swaps_factors"), tmp_path)
    kinds = re.findall(r'data-engine=".*?([^:]*)" data-kind="(.*?)"', gallery(tmp_path))
    assert kinds == [
        ("swaps_factors", "wrong-gradient"),
        ("overwrites_in_product", "wrong-gradient"),
        ("RaisesForward", "crash"),
    ]


def test_a_filter_offers_the_values_of_the_findings(tmp_path):
    save(found(), tmp_path)
    save(found(engine="engine.broken:overwrites_gradient"), tmp_path)
    options = re.findall(r'<option value="(.+?)">', gallery(tmp_path))
    assert options == [
        "engine.broken:overwrites_gradient",
        "engine.broken:overwrites_in_product",
        "wrong-gradient",
        "*",
        "the engine as a whole",
    ]


def test_a_finding_without_blame_does_not_blame_the_whole_engine(tmp_path):
    folder = save(found(), tmp_path)
    verdict = json.loads((folder / "case.json").read_text())["verdict"]
    case_file(folder, verdict=verdict | {"blame": None})
    page = gallery(tmp_path)
    assert 'data-operation="unknown"' in page
    assert "At fault is *: a contribution is lost." in text(page)  # the report's own words


def test_the_same_findings_make_the_same_page(tmp_path):
    for case in (SQUARE, Case(parse("a*a + b"), (3.0, 1.0))):
        save(found(case), tmp_path)
    once = gallery(tmp_path)
    for path in tmp_path.iterdir():
        if path.is_dir():  # in another order on the disk
            shutil.copytree(path, tmp_path / "copy")
            shutil.rmtree(path)
            (tmp_path / "copy").rename(path)
    assert gallery(tmp_path) == once


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\"'><img src=x>", "{{ 7*7 }}{% raw %}", "x" * 10_000]
)
def test_a_name_is_only_text(tmp_path, name):
    case = Case(Expression((Input(name),)), (2.0,))
    save(found(case, "engine.broken:seed_of_two"), tmp_path)
    page = gallery(tmp_path)
    assert name in unescape(page)
    assert page.count("<script") == 1
    assert page.count("<img") == 1


def test_half_of_a_surrogate_pair_does_not_stop_the_page(tmp_path):
    folder = save(found(), tmp_path)
    case_file(folder, engine="\ud800")
    assert "1 finding could not be read:" in text(gallery(tmp_path))


def test_a_path_is_quoted_in_links_and_in_commands(tmp_path):
    output = tmp_path / 'my "reports" 100%'
    save(found(), output)
    folder = next(output.iterdir()).rename(output / "javascript:a b")
    page = gallery(output)
    assert 'href="javascript%3Aa%20b/lost-contribution-of-mul-' in page
    assert f"python -m gradcheck replay '{folder}/lost" in text(page)


def test_the_page_has_no_address_but_those_of_its_files(tmp_path):
    save(found(), tmp_path)
    page = gallery(tmp_path)
    assert not re.search(r"https?:|\burl\(|@import|//[a-z]+\.", re.sub(r"base64,[^\"]*", "", page))
    assert "default-src 'none'; img-src data:; style-src 'sha256-" in unescape(page)


def test_a_folder_that_cannot_be_read_is_a_line_on_the_page(tmp_path):
    save(found(), tmp_path)
    for name in ("half", "empty"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "case.json").write_text("{" if name == "half" else "")
    read = text(gallery(tmp_path))
    assert "1 finding" in read
    assert f"2 findings could not be read: cannot read {tmp_path}/empty/case.json: " in read


def test_a_number_with_too_many_digits_is_a_line_on_the_page(tmp_path):
    folder = save(found(), tmp_path)
    [seen] = json.loads((folder / "case.json").read_text())["seen"]
    case_file(folder, seen=[seen | {"times": 10**4300 - 1}])
    read = text(gallery(tmp_path))
    assert "1 finding could not be read:" in read
    assert "an integer has 4300 digits" in read


def too_large(file):
    with file.open("wb") as opened:
        opened.truncate(LARGEST_FILE + 1)


def leads_away(file):
    secret = file.parents[2] / "secret"
    secret.write_text("a secret")
    file.unlink()
    file.symlink_to(secret)


@pytest.mark.parametrize("name", ["repro.py", "graph.svg"])
@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (Path.unlink, "does not exist"),
        (too_large, "is not shown: it has 1,048,577 bytes, and the limit is 1,048,576"),
        (lambda file: file.write_bytes(b"\xff"), "is not shown: 'utf-8' codec"),
        (leads_away, "is not shown: it is a link to a file in another folder"),
        (lambda file: (file.unlink(), file.mkdir()), "is not shown: it is not a regular file"),
    ],
    ids=["missing", "too large", "not text", "a link", "a folder"],
)
def test_a_file_that_cannot_be_shown_is_named_and_linked_if_there(tmp_path, name, spoil, problem):
    folder = save(found(), tmp_path)
    spoil(folder / name)
    page = gallery(tmp_path)
    assert f"{name} {problem}" in text(page)
    is_there = (folder / name).exists()
    assert (f'href="{folder.relative_to(tmp_path)}/{name}"' in page) is is_there
    assert "lost-contribution-of-mul" in text(page)


def test_a_page_without_findings_says_what_to_do(tmp_path):
    read = text(gallery(tmp_path))
    assert f"There are no findings below {tmp_path}." in read
    assert "python -m gradcheck fuzz --engine" in read
