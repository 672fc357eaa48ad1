"""A built site as a reader meets it in Chromium: from a folder, from a plain web server, on wide and narrow screens.

The site is the folder named by ATTRITION_SITE, or `_build/html`. Where there is no site or no Chromium, the tests are
skipped; with CI or ATTRITION_REQUIRE_BROWSER set they fail instead.
"""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import links
from browser import ARTICLES, NAMES, SITE, until

NARROW, WIDE = (360, 320), 1280
CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3

# What a page shows: for every kind of text its contrast with the paper under it, at the first place it occurs.
LOOK = """() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = rgb => {
    const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const kinds = ['article p', 'article h1', 'article a', '.edition', '.key-number-meta', 'figcaption .figure-source',
    '.admonition-title', 'td', 'nav.bd-links a', '.bd-footer-content p', 'summary', 'pre'];
  return kinds.map(kind => [kind, document.querySelector(kind)]).filter(([, e]) => e).map(([kind, e]) => {
    const [a, b] = [light(parse(getComputedStyle(e).color).slice(0, 3)), light(paper(e))];
    return [kind, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""
IMAGES = """async () => {
  const images = [...document.images];
  images.forEach(image => { image.loading = 'eager'; });
  await Promise.all(images.map(image => image.decode().catch(() => null)));
  return images.map(image => [image.getAttribute('src'), image.alt, image.naturalWidth]);
}"""
SCROLL = "document.documentElement.scrollWidth"


def test_site_and_browser_are_there(chromium):
    assert "index.html" in NAMES
    assert len(ARTICLES) >= 2


@pytest.mark.parametrize("by", ["file", "http"])
@pytest.mark.parametrize("name", NAMES)
def test_page_opens(visit, address, name, by):
    """No error, no other host, images with words for them, nothing wider than the screen, both themes readable."""
    page = visit(name, by=by, color_scheme="light")
    for source, alt, width in page.evaluate(IMAGES):
        assert width > 0, f"{source} did not load"
        assert " " in alt.strip(), f"{source} has no words for those who do not see it, but '{alt}'"
        assert not re.search(r"\.(svg|png|jpe?g|gif)\b", alt), f"{source} has a file name for words"
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate(SCROLL) <= width, f"wider than {width} pixels"
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        until(page, f"document.documentElement.dataset.theme === '{theme}'")
        for kind, contrast in page.evaluate(LOOK):
            assert contrast >= CONTRAST, f"{kind} in the {theme} theme has a contrast of {contrast:.2f}"
    home = address if by == "http" else f"{SITE.as_uri()}/"
    assert [url for url in page.asked if not url.startswith((home, "data:"))] == []
    assert page.faults == []


def test_no_reference_leads_nowhere(chromium):
    assert links.broken(SITE) == []


def test_nothing_is_loaded_from_another_host(chromium):
    assert links.foreign(SITE) == []


def page_with(selector):
    """First page that has something, or a failed test."""
    found = next((name for name in ARTICLES if links.parsed(SITE / name).select_one(selector)), None)
    assert found, f"no page has {selector}"
    return found


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize(("width", "height"), [(WIDE, 800), (360, 640)])
def test_note_of_a_number_shows_on_focus_and_fits_the_screen(visit, width, height, scripts):
    page = visit(page_with(".value-link"), width=width, height=height, java_script_enabled=scripts)
    numbers = page.locator(".value-link")
    for place in sorted({0, 1, numbers.count() // 2, numbers.count() - 1} & set(range(numbers.count()))):
        numbers.nth(place).focus()
        note = page.locator(".value-note:visible")
        assert note.count() == 1
        box, number = note.bounding_box(), numbers.nth(place).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
        apart = box["y"] >= number["y"] + number["height"] - 1 or box["y"] + box["height"] <= number["y"] + 1
        assert apart, "the note hides its number"
        assert page.evaluate(SCROLL) <= width


def test_note_of_a_number_shows_on_hover_and_closes_with_escape(visit):
    page = visit(page_with(".value-link"))
    number = page.locator(".value-link").first
    number.hover()
    note = page.locator(".value-note:visible")
    assert note.count() == 1
    note.hover()
    assert note.count() == 1, "the note closes when the pointer moves onto it"
    page.keyboard.press("Escape")
    assert note.count() == 0
    page.mouse.move(0, 0)
    number.hover()
    assert note.count() == 1


def test_number_leads_to_its_row(visit):
    page = visit(page_with(".value-link"))
    link = page.locator("a.value-link").first
    key = link.get_attribute("href").partition("#")[2]
    link.click()
    page.wait_for_load_state()
    assert page.url.endswith(f"values.html#{key}")
    assert page.locator(f'[id="{key}"]').count() == 1


def test_dark_theme_shows_the_dark_image(visit):
    name = page_with("figure img.only-dark")
    for theme, other in (("light", "dark"), ("dark", "light")):
        page = visit(name, color_scheme=theme)
        assert page.locator(f"img.only-{theme}").first.is_visible()
        assert not page.locator(f"img.only-{other}").first.is_visible()


def test_theme_can_be_switched_and_is_kept(visit):
    page = visit("index.html", by="http", color_scheme="light")
    page.locator(".theme-switch-button").first.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize("by", ["file", "http"])
def test_search_finds_a_page_by_a_word_of_its_title(visit, by):
    title = links.parsed(SITE / ARTICLES[0]).h1.get_text()
    word = max(re.findall(r"[A-Za-z]{4,}", title), key=len)
    page = visit(f"search.html?q={word}", by=by)
    page.wait_for_selector("#search-results li a")
    if by == "http":
        page.wait_for_selector("#search-results li p.context")
        assert word.lower() in page.locator("#search-results").inner_text().lower()
    page.wait_for_load_state("networkidle")
    assert page.faults == []
    page.locator("#search-results li a").first.click()
    page.wait_for_load_state()
    assert "search.html" not in page.url


def test_contents_open_and_close_by_keyboard_on_a_narrow_screen(visit):
    page = visit("index.html", width=360)
    page.locator(".primary-toggle").focus()
    page.keyboard.press("Enter")
    until(page, "document.querySelector('dialog[open] nav.bd-links')")
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('dialog[open]')")


@pytest.mark.parametrize("width", [WIDE, 360])
def test_book_reads_without_javascript(visit, width):
    page = visit(page_with("figure"), width=width, java_script_enabled=False, color_scheme="dark")
    assert page.locator("article h1").first.is_visible()
    assert page.locator("nav.bd-links a").first.is_visible()
    assert page.locator("figure img.only-light").first.is_visible()
    assert not page.locator("figure img.only-dark").first.is_visible()
    assert page.locator(".pst-js-only:visible").count() == 0
    assert page.evaluate(SCROLL) <= width
    page.locator("details.figure-table > summary").first.click()
    assert page.locator("details.figure-table table").first.is_visible()


def test_folded_code_opens(visit):
    page = visit(page_with("div.cell details"))
    fold = page.locator("div.cell details").first
    assert not fold.locator("pre").is_visible()
    fold.locator("summary").click()
    assert fold.locator("pre").is_visible()
