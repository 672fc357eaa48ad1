"""A reader's walk through the built site: few clicks lead from a number to its source, from a figure to its data."""

import json
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import links
from browser import ARTICLES, SITE, until

BALANCE = "notebooks/manpower_balance.html"


def headlines():
    """Addresses of the key numbers on the first page."""
    if not ARTICLES:
        return []
    return [card["href"] for card in links.parsed(SITE / "index.html").select(".key-number-text a.value-link")]


def clicked(page, link):
    """Follow a link as a reader does, and return the id of the row it leads to."""
    link.click()
    page.wait_for_load_state()
    return urlsplit(page.url).fragment


def in_sight(page, ident):
    """Whether an element is on the screen, under no sticky bar."""
    box = page.locator(f"[id='{ident}']").bounding_box()
    return box is not None and 0 <= box["y"] < page.viewport_size["height"]


@pytest.mark.parametrize("width", [1280, 360])
def test_two_clicks_lead_from_a_headline_to_its_sources(visit, width):
    """The first to its row among the values, the second to a speaker, who is linked to the publisher's own page."""
    assert len(headlines()) >= 6
    sources = json.loads((SITE / "values.json").read_text(encoding="utf-8"))["values"]
    for at, address in enumerate(headlines()):
        page = visit("index.html", by="http", width=width)
        key = clicked(page, page.locator(".key-number-text a.value-link").nth(at))
        assert key == address.partition("#")[2]
        until(page, "window.scrollY > 0 || document.documentElement.scrollHeight <= innerHeight")
        assert in_sight(page, key)
        row = page.locator(f"tr:has([id='{key}'])")
        found = clicked(page, row.locator("a[href^='sources.html#']").first)
        assert found in sources[key]["sources"]
        assert in_sight(page, found)
        assert page.locator(f"tr:has([id='{found}']) a[href^='http']").count() > 0 or found == "own_calculation"


def test_one_click_leads_from_a_figure_to_its_data(visit):
    page = visit(BALANCE, by="http")
    with page.expect_download() as download:
        page.locator(".figure-files a[href$='.csv']").first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.count("\n") > 1 and "," in text.splitlines()[0]


@pytest.mark.parametrize("name", ARTICLES)
def test_every_figure_offers_its_data_its_image_and_its_numbers(name):
    for part in links.parsed(SITE / name).select(".result-figure"):
        ends = {link["href"].rsplit(".", 1)[1] for link in part.select(".figure-files a")}
        assert ends == {"csv", "svg", "png"}
        assert part.select_one("details.figure-table table th[scope=col]")


def test_two_clicks_lead_from_the_balance_to_a_link_that_others_can_open(visit):
    page = visit(BALANCE, by="http")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".own-assumptions input[name=recruits]").fill("25000")
    page.locator(".own-assumptions button").click()
    page.wait_for_load_state()
    until(page, "document.querySelector('.what-if-sentence').textContent !== ''")
    page.locator("button.copy-link").click()
    until(page, "document.querySelector('button.copy-link').textContent === 'Copied'")
    shared = page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(shared).query)["recruits"] == ["25000"]
    said = page.locator(".what-if-sentence").inner_text()
    other = visit(shared)
    until(other, "document.querySelector('.what-if-sentence').textContent !== ''")
    assert other.locator(".what-if-sentence").inner_text() == said
    assert other.locator("form.what-if input[name=recruits][type=number]").input_value() == "25000"


def test_first_page_answers_before_anything_is_scrolled(visit):
    for width, height in ((1280, 800), (360, 740)):
        page = visit("index.html", width=width, height=height)
        box = page.locator("article .admonition.answer p:not(.admonition-title)").first.bounding_box()
        assert box["y"] + box["height"] <= height


def test_every_answer_says_what_changed_since_the_edition_before(visit):
    """Where there is one; the numbers it gives are those of that edition's own page of values."""
    changes = links.parsed(SITE / "changes.html")
    if not any(" against " in head.get_text() and "published" not in head.get_text() for head in changes.select("h2")):
        pytest.skip("Expected an edition before this one, found none: nothing has changed since.")
    told = 0
    for name in ARTICLES:
        page = links.parsed(SITE / name)
        box = page.select_one("article .admonition.answer")
        if box is None or not box.select(".value-link"):
            continue
        assert box.select_one(".what-changed"), f"{name} does not say what changed"
        for link in box.select("a.then"):
            file, _, key = link["href"].partition("#")
            row = links.parsed((SITE / name).parent / file).find(id=key).parent
            cells = " ".join(row.get_text(" ").split())
            assert link.get_text().split(" (")[0] in cells
            told += 1
    assert told > 0
