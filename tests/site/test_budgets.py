"""What every page of a built site may weigh, ask for and break: budgets, accessibility, buttons, policy.

One tab goes through all pages, since opening browsers takes longer than reading pages.
"""

import re
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urljoin

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import links
from browser import NAMES, SITE, need, until
from budgets import COMPRESSED, RAW, THEMES, axe_script, violations, weigh

BUTTONS = """() => [...document.querySelectorAll('button, [role=button], summary')]
  .filter(e => e.checkVisibility({ visibilityProperty: true }))
  .map(e => [e.className || e.tagName.toLowerCase(), e.getAttribute('aria-label') || e.textContent || e.title])"""
# Every kind of button the book knows; what each does is held by a test of its own, here, in test_pages or test_tools.
KINDS = re.compile(
    r"theme-switch-button|search-button|primary-toggle|secondary-toggle|copybtn|summary|toggle-details|copy-citation"
    r"|copy-link|start-again|see-what-follows"
)


@pytest.fixture(scope="module")
def tab(chromium, address):
    """Open page after page in one tab; each time what was asked for, loaded and complained about is noted."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.on("console", lambda said: page.faults.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("response", lambda response: page.responses.append(response))

    def go(name, theme="light"):
        page.faults, page.responses = [], []
        page.emulate_media(color_scheme=theme)
        page.goto(urljoin(address, name), wait_until="networkidle")
        return page

    yield go
    context.close()


@pytest.fixture(scope="module")
def axe():
    """The rules of axe-core, as a script."""
    there = find_spec("axe_playwright_python") is not None
    need(there, "Expected the package axe-playwright-python, found none: run 'make env'.")
    return axe_script()


@pytest.fixture(scope="module", params=NAMES)
def loaded(request, tab):
    """Each page once, as it first loads; the tests of one page follow each other."""
    return tab(request.param)


def test_first_load_is_light_and_asks_nobody_else(loaded, address):
    page = loaded
    raw, compressed = weigh(page.responses)
    assert raw <= RAW and compressed <= COMPRESSED, f"{raw:,} bytes, {compressed:,} compressed"
    assert [r.url for r in page.responses if not r.url.startswith((address, "data:"))] == []
    assert [r.url for r in page.responses if r.status >= 400] == []
    assert page.faults == []


def test_page_has_no_violation_of_wcag(loaded, axe):
    page = loaded
    page.evaluate(f"{axe};null")
    for theme in THEMES:
        assert violations(page, theme) == [], f"in the {theme} theme"


def test_every_button_is_of_a_kind_that_is_tested_and_has_a_name(loaded):
    page, buttons = loaded, []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        buttons += page.evaluate(BUTTONS)
    assert [kind for kind, _ in buttons if not KINDS.search(kind)] == []
    assert [kind for kind, label in buttons if not label.strip()] == []


def test_folds_open(tab):
    name = next(name for name in NAMES if links.parsed(SITE / name).select_one("summary"))
    page = tab(name)
    folds = page.locator("details:has(> summary)")
    for place in range(min(folds.count(), 5)):
        fold = folds.nth(place)
        before = fold.evaluate("e => e.open")
        fold.locator("> summary").click()
        assert fold.evaluate("e => e.open") is not before


def test_contents_of_a_page_and_search_open_on_a_narrow_screen(tab):
    name = next(name for name in NAMES if links.parsed(SITE / name).select_one(".secondary-toggle"))
    page = tab(name)
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator(".secondary-toggle").click()
    until(page, "document.querySelector('dialog[open] .page-toc')")
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('dialog[open]')")
    page.locator(".search-button:visible").first.click()
    until(page, "document.querySelector('#pst-search-dialog[open]')")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.parametrize("name", NAMES)
def test_policy_of_a_page_forbids_foreign_and_inline_code(name):
    page = links.parsed(SITE / name)
    policy = page.select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    assert "default-src 'none'" in policy
    assert not re.search(r"unsafe-eval|https?:|\*", policy)
    scripts = re.search(r"script-src ([^;]*)", policy)[1]
    assert "unsafe-inline" not in scripts
    assert [tag.name for tag in page.find_all() for key in tag.attrs if key.startswith("on")] == []
    assert page.select("[href^='javascript:' i]") == []


def test_policy_holds(tab):
    page = tab("index.html")
    ran = page.evaluate(
        """() => { const script = document.createElement('script'); script.textContent = 'window.planted = true';
        document.head.append(script); return window.planted === true; }"""
    )
    assert not ran
    assert any("Content Security Policy" in fault for fault in page.faults)


def test_what_machines_read_is_there(chromium):
    for name in ("sitemap.xml", "feed.xml", "robots.txt", "404.html", "citation.bib", "ro-crate-metadata.json"):
        assert (SITE / name).stat().st_size > 0, name


def test_a_dark_page_is_printed_light(tab):
    page = tab("index.html", theme="dark")
    until(page, "document.documentElement.dataset.theme === 'dark'")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_figures_are_not_cut_in_print(tab):
    """Printed on A4, every figure is kept on one page and fits it."""
    name = next(name for name in NAMES if len(links.parsed(SITE / name).select("figure")) > 3)
    page = tab(name)
    page.set_viewport_size({"width": 665, "height": 980})
    page.emulate_media(media="print")
    found = page.evaluate(
        """() => [...document.querySelectorAll('.result-figure')].map(figure => [figure.getBoundingClientRect().height,
        figure.getBoundingClientRect().width, getComputedStyle(figure).breakInside])"""
    )
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert found
    assert all(height <= 980 and width <= 665 and kept == "avoid" for height, width, kept in found)


@pytest.mark.parametrize(("width", "least"), [(360, 10.5), (320, 9.0)])
def test_type_in_figures_is_legible_on_a_telephone(tab, width, least):
    """Figures give way to their narrow edition."""
    page = tab("index.html")
    page.set_viewport_size({"width": width, "height": 740})
    hero = page.locator("figure img.only-light").first
    hero.scroll_into_view_if_needed()
    until(page, "document.querySelector('figure img.only-light').complete")
    shown = hero.evaluate("image => [image.currentSrc, image.getBoundingClientRect().width]")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert shown[0].endswith(".narrow.svg")
    svg = (SITE / "figures" / shown[0].rsplit("/", 1)[1]).read_text(encoding="utf-8")
    units = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
    type_units = min(float(size) for size in re.findall(r"font(?:-size)?:[^;]*?([\d.]+)px", svg))
    assert type_units * shown[1] / units >= least


def test_every_figure_has_a_narrow_edition():
    names = {path.name.removesuffix(".csv") for path in (SITE / "figures").glob("*.csv")}
    small = {path.name.removesuffix(".narrow.svg") for path in (SITE / "figures").glob("*.narrow.svg")}
    assert names - small == set()
