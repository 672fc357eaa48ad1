"""Whether everybody can read the built site: by keyboard, by ear, without motion, without scripts."""

import itertools
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import links
from browser import ARTICLES, NAMES, SITE

FOCUS = """() => { const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const label = e.labels && e.labels[0] ? e.labels[0].textContent : '';
  return { name: (e.getAttribute('aria-label') || e.textContent || label || e.title || '').trim().slice(0, 60),
    tag: e.tagName, outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    place: [...document.querySelectorAll('*')].indexOf(e), article: !!e.closest('article') }; }"""
WORDS = 60  # of the words for those who do not see a figure
BUSY = ("index.html", "what-if.html", "values.html", "notebooks/manpower_balance.html")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", BUSY)
def test_keyboard_leads_through_a_page_in_its_order_and_is_seen(visit, name, width):
    page = visit(name, width=width)
    steps = []
    for _ in range(60):
        page.keyboard.press("Tab")
        steps.append(page.evaluate(FOCUS))
        if sum(step["article"] for step in steps) == 12:
            break
    steps = [step for step in steps if step["tag"] != "BODY"]
    assert any(step["article"] for step in steps), "the keyboard does not reach the text"
    assert [step["name"] for step in steps if not step["outline"]] == []
    assert [step["name"] for step in steps if not step["seen"]] == []
    assert [step["tag"] for step in steps if not step["name"]] == []
    places = [step["place"] for step in steps]
    assert places == sorted(places)


def test_first_key_offers_to_skip_to_the_text(visit):
    page = visit("index.html")
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUS)
    assert "Skip" in first["name"] and first["seen"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('.bd-sidebar-primary, .bd-header')")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "search.html"])
def test_headings_of_a_page_are_in_order(name):
    levels = [int(tag.name[1]) for tag in links.parsed(SITE / name).select("article :is(h1, h2, h3, h4, h5, h6)")]
    assert levels[:1] == [1] and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels


@pytest.mark.parametrize("name", NAMES)
def test_parts_of_a_page_are_landmarks_with_names(name):
    page = links.parsed(SITE / name)
    assert len(page.select("main, [role=main]")) == 1
    assert page.html.get("lang") == "en" and page.title.get_text(strip=True)
    names = [nav.get("aria-label") or nav.get("aria-labelledby") for nav in page.select("nav")]
    assert all(names) and len(set(names)) == len(names), names


@pytest.mark.parametrize("name", ARTICLES)
def test_tables_have_headers_and_a_name(name):
    for table in links.parsed(SITE / name).select("article table"):
        assert table.select("th"), table.get_text()[:80]
        region = table.find_parent(attrs={"role": "region"})
        figure = table.find_parent(class_="cell_output") or table.find_parent(class_="pst-scrollable-table-container")
        assert table.caption or (region and region.get("aria-label")) or figure, table.get_text()[:80]


@pytest.mark.parametrize("name", ARTICLES)
def test_figures_have_few_words_that_say_what_they_show(name):
    for image in links.parsed(SITE / name).select("article figure img"):
        assert 5 <= len(image["alt"].split()) < WORDS
        assert not re.search(r"\.(svg|png)\b", image["alt"])


def test_nothing_moves_for_those_who_asked_for_it(visit):
    page = visit("index.html", width=360)
    page.locator(".primary-toggle").click()
    moving = (
        "[...document.querySelectorAll('*')].filter(e => parseFloat(getComputedStyle(e).transitionDuration) > 0.01)"
    )
    assert page.evaluate(f"{moving}.length") == 0
    assert page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("name", ["index.html", "notebooks/manpower_balance.html", "changes.html"])
def test_no_words_are_lost_without_scripts(visit, name):
    """What a script adds (ages, copy buttons, filters) apart, the text of a page is the same."""
    text = """() => { const e = document.querySelector('article').cloneNode(true);
      e.querySelectorAll('button, .table-filter, .age, .edition').forEach(part => part.remove());
      return e.textContent.replace(/\\s+/g, ' '); }"""
    whole, bare = (visit(name, java_script_enabled=scripts) for scripts in (True, False))
    lost = set(bare_words(bare)) ^ set(whole.evaluate(text).split())
    assert len(lost) <= 3, lost


def bare_words(page):
    """Words of a page on which no script runs."""
    from bs4 import BeautifulSoup

    article = BeautifulSoup(page.content(), "html.parser").select_one("article")
    for part in article.select("button, .table-filter, .age, .edition"):
        part.extract()
    return article.get_text().split()
