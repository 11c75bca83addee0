"""The page of grade in a real browser, with the keyboard and on a phone."""

import re
import sys

import pytest

from gradcheck.cli import main
from helpers.submissions import write_submissions

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is one of Linux")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The grades of three engines, two of them with a bug that they share."""
    folder = tmp_path_factory.mktemp("grades")
    write_submissions(folder, ["tanh_derivative.py", "healthy.py"])
    text = (folder / "tanh_derivative.py").read_text()
    (folder / "a_copy.py").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        main(["grade", ".", "--time-limit", "300s", "--format", "html"])
    return folder / "reports" / "grade" / "index.html"


@pytest.fixture
def doctored(page):
    """The page with its text changed, to show that a test can fail."""
    file = page.with_name("doctored.html")

    def change(pattern, instead):
        text, times = re.subn(pattern, instead, page.read_text(encoding="utf-8"))
        assert times
        file.write_text(text, encoding="utf-8")
        return file

    yield change
    file.unlink(missing_ok=True)


def test_the_keyboard_alone_leads_from_an_engine_to_its_bug(opened, page):
    grades = opened(page)
    grades.tab_to("a[href='#engine-1']")
    assert grades.get("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    grades.press("Enter")
    grades.wait_until("location.hash == '#engine-1'")
    assert grades.get("document.querySelector(':target').innerText") == "a_copy.py"


def test_the_keyboard_alone_opens_the_properties_that_do_not_hold(opened, page):
    grades = opened(page)
    grades.tab_to("summary")
    grades.press("Enter")
    grades.wait_until("document.querySelector('details').open")
    assert grades.get("document.querySelector('details li').offsetHeight") > 0


def test_the_keyboard_alone_scrolls_a_wide_case_and_reaches_a_picture(opened, page):
    grades = opened(page)
    grades.tab_to(".formula")
    grades.tab_to("a.diagram")


def test_a_place_that_the_keyboard_does_not_reach_is_noticed(opened, doctored):
    grades = opened(doctored(r"<a href", "<a name"))
    with pytest.raises(pytest.fail.Exception, match="no Tab reaches"):
        grades.tab_to("a[href='#engine-1']")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_does_not_scroll_sideways(opened, page, width):
    grades = opened(page, width=width)
    grades.get("document.querySelectorAll('details').forEach((it) => { it.open = true })")
    assert grades.get("document.documentElement.scrollWidth") <= width


def test_a_page_that_scrolls_sideways_is_noticed(opened, doctored):
    grades = opened(doctored("<h1>", "<table width=500><tr><td>wide</table><h1>"), width=360)
    assert grades.get("document.documentElement.scrollWidth") > 360


def test_all_that_is_shown_is_within_the_page(opened, page):
    grades = opened(page)
    assert grades.get("document.images.length") == 2
    assert grades.get("[...document.images].every((it) => it.naturalWidth > 0)")
    assert grades.complaints() == []
    assert [url for url in grades.requests() if not url.startswith("data:")] == [page.as_uri()]


def test_the_colours_follow_the_choice_of_light_or_dark(opened, page):
    grades = opened(page)
    colours = set()
    for scheme in ("light", "dark"):
        grades.prefer(scheme)
        colours.add(grades.get("getComputedStyle(document.body).backgroundColor"))
    assert len(colours) == 2
