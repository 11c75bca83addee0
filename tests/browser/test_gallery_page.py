"""The gallery in a real browser, used as a person does, and with hostile names."""

import re
from pathlib import Path

import pytest

from gradcheck import Case, Expression, check, parse
from gradcheck.expression import Apply, Input
from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.findings.gallery.page import write_gallery
from gradcheck.findings.store import save
from gradcheck.operations import OPERATIONS

MISBEHAVING = Path(__file__).parents[1] / "engines" / "misbehaving.py"

HARM = "<script>window.hacked = true</script>"
HOSTILE = (HARM, '"\'><img src=x onerror="window.hacked=true">\\\n`${}{{ 7*7 }}', "x" * 10_000)


def square(name):
    return Case(Expression((Input(name), Apply(OPERATIONS["*"], (0, 0)))), (3.0,))


def keep(folder, case, engine, *, worst=None):
    verdict = check(case, engine)
    worst = check(worst, engine) if worst else verdict
    save(Finding(verdict, worst=worst, seen=Sighting(now(), now(), 12, seed=7), cases=5), folder)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A gallery of six findings, three of them with a hostile name."""
    output = tmp_path_factory.mktemp("reports")
    worst = Case(parse("tanh(a*b + c)*a"), (2.0, 0.5, -1.0))
    keep(output, Case(parse("a*b"), (2.0, 3.0)), "engine.broken:swaps_factors", worst=worst)
    keep(output, Case(parse("tanh(a)"), (0.5,)), "engine.broken:one_minus_t")
    keep(output, Case(parse("a*b"), (2.0, 3.0)), f"{MISBEHAVING}:RaisesForward")
    for name in HOSTILE:
        keep(output, square(name), "engine.broken:overwrites_gradient")
    return write_gallery(output)


@pytest.fixture
def doctored(page, tmp_path):
    """The page with its text changed, to show that a test can fail."""

    def change(*replacements, policy=False):
        text = page.read_text(encoding="utf-8")
        if not policy:
            replacements += ((r"<meta http-equiv.*>", ""),)
        for pattern, text_instead in replacements:
            text, times = re.subn(pattern, lambda _, by=text_instead: by, text)
            assert times
        file = tmp_path / "doctored.html"
        file.write_text(text, encoding="utf-8")
        return file

    return change


def choose(opened_page, name, value):
    opened_page.get(
        f"document.querySelector('[name={name}]').value = {value!r};"
        f"document.querySelector('[name={name}]')"
        ".dispatchEvent(new Event('change', {bubbles: true}))"
    )


def shown(opened_page):
    """Return the number of visible cards."""
    return opened_page.get(
        "[...document.querySelectorAll('article')].filter((card) => card.offsetHeight).length"
    )


def count(opened_page):
    return opened_page.get("document.querySelector('#count').innerText")


def test_filters_show_the_cards_that_match_all_of_them(opened, page):
    gallery = opened(page)
    assert (shown(gallery), count(gallery)) == (6, "6 findings")
    for name, value, number in (
        ("engine", "engine.broken:overwrites_gradient", 3),
        ("operation", "tanh", 0),
        ("engine", "", 1),
        ("kind", "crash", 0),
        ("operation", "*", 1),
        ("kind", "", 2),
    ):
        choose(gallery, name, value)
        assert (shown(gallery), count(gallery)) == (number, f"{number} of 6 findings")
    choose(gallery, "operation", "")
    assert (shown(gallery), count(gallery)) == (6, "6 findings")


def test_the_keyboard_alone_reaches_a_filter(opened, page):
    gallery = opened(page)
    gallery.tab_to("[name=kind]")
    gallery.press("ArrowDown")
    assert gallery.get("document.querySelector('[name=kind]').value") == "wrong-gradient"
    assert count(gallery) == "5 of 6 findings"
    assert gallery.get("getComputedStyle(document.activeElement).outlineStyle") == "solid"


NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"


@pytest.mark.parametrize(("number", "before"), [(1, ""), (2, NO_CLIPBOARD)])
def test_the_keyboard_alone_copies_the_script(opened, page, number, before):
    gallery = opened(page, before=before)
    source = f"finding-{number}-script"
    gallery.tab_to(f"[data-copies={source}]")
    gallery.press("Enter")
    gallery.wait_until("document.activeElement.nextElementSibling.innerText")
    assert gallery.get("document.activeElement.nextElementSibling.innerText") == "Copied"
    script = gallery.get(f"document.querySelector('#{source}').textContent")
    assert "backward()" in script
    assert script in {path.read_text() for path in page.parent.rglob("repro.py")}
    assert gallery.pasted().rstrip("\n") == script.rstrip("\n")


def test_what_cannot_be_copied_is_selected_and_the_page_says_so(opened, page):
    gallery = opened(page, before=f"{NO_CLIPBOARD}; document.execCommand = () => false")
    gallery.tab_to("[data-copies=finding-1-script]")
    gallery.press("Enter")
    gallery.wait_until("document.activeElement.nextElementSibling.innerText.includes('Ctrl+C')")
    assert "backward()" in gallery.get("getSelection().toString()")


def test_a_button_that_the_keyboard_does_not_reach_is_noticed(opened, doctored):
    gallery = opened(doctored((r"<button", "<span"), (r"</button>", "</span>")))
    with pytest.raises(pytest.fail.Exception, match="no Tab reaches"):
        gallery.tab_to("[data-copies]")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_does_not_scroll_sideways(opened, page, width):
    gallery = opened(page, width=width)
    gallery.get("document.querySelectorAll('details').forEach((it) => { it.open = true })")
    assert gallery.get("document.documentElement.scrollWidth") <= width


def test_a_page_that_scrolls_sideways_is_noticed(opened, doctored):
    gallery = opened(doctored((r"overflow(-wrap)?: .*;", "")), width=360)
    assert gallery.get("document.documentElement.scrollWidth") > 360


def test_hostile_names_are_only_text(opened, page):
    gallery = opened(page)
    assert gallery.get("window.hacked") is None
    assert gallery.events("Page.javascriptDialogOpening") == []
    assert gallery.get("document.scripts.length") == 1
    assert gallery.get("document.images.length") == gallery.get(
        "document.querySelectorAll('article img[src^=\"data:image/svg+xml;base64,\"]').length"
    )
    text = gallery.get("document.body.textContent")
    assert all(name in text for name in HOSTILE)


def test_a_name_that_is_not_escaped_is_noticed(opened, doctored):
    not_escaped = (re.escape("&lt;script&gt;window.hacked = true&lt;/script&gt;"), HARM)
    gallery = opened(doctored(not_escaped))
    assert gallery.get("window.hacked") is True
    assert gallery.get("document.scripts.length") > 1
    # The policy is a second wall: it alone would have stopped it, too.
    gallery = opened(doctored(not_escaped, policy=True))
    assert gallery.get("window.hacked") is None
    assert gallery.complaints()


def test_all_that_is_shown_is_within_the_page(opened, page):
    gallery = opened(page)
    assert gallery.get("[...document.images].every((it) => it.naturalWidth > 0)")
    assert gallery.complaints() == []
    elsewhere = [url for url in gallery.requests() if not url.startswith("data:")]
    assert elsewhere == [page.as_uri()]


def test_a_page_that_asks_the_network_is_noticed(opened, doctored):
    picture = ("<main>", '<main><img src="http://127.0.0.1:9/it.png">')
    assert "http://127.0.0.1:9/it.png" in opened(doctored(picture)).requests()
    assert opened(doctored(picture, policy=True)).complaints()


def test_links_lead_to_the_files(opened, page):
    gallery = opened(page)
    links = gallery.get("[...document.links].map((link) => link.href)")
    files = {path.as_uri() for path in page.parent.rglob("*.svg")}
    assert set(links) == files


def test_without_scripts_everything_can_be_read_and_nothing_is_offered_that_fails(opened, page):
    gallery = opened(page, scripts=False)
    assert shown(gallery) == 6
    assert count(gallery) == "6 findings"
    offers = "[...document.querySelectorAll('select, button')]"
    assert gallery.get(f"{offers}.length") > 3
    assert not gallery.get(f"{offers}.some((it) => it.offsetHeight)")


def test_the_colours_follow_the_choice_of_light_or_dark(opened, page):
    gallery = opened(page)
    colours = []
    for scheme in ("light", "dark"):
        gallery.prefer(scheme)
        colours.append(gallery.get("getComputedStyle(document.body).backgroundColor"))
    assert colours[0] != colours[1]
