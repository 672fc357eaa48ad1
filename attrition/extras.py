"""What a finished site carries beside its pages' text: a security policy, cards for those who share it, a map of it.

Works on the folder that jupyter-book left, so it holds for every page, whoever wrote it. Same pages, same bytes. The
site's public address is `html: baseurl:` in `_config.yml`; while that is empty, everything stays relative, and what
needs a whole address (social images, the canonical link) is left out.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.sax.saxutils import escape as xml_escape

import yaml

from attrition import styles
from attrition.files import write_atomically

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

NOT_FOUND = "404.html"
NOT_LISTED = (NOT_FOUND, "search.html")
NOT_OURS = ("_static", "_sources", "editions")  # folders whose pages are none, or are finished already
DESCRIPTION = 200  # characters of a card's text
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
FORWARD = re.compile(r'<meta http-equiv="refresh"', re.IGNORECASE)  # a page that only sends the reader on
INLINE_STYLE = re.compile(r"<style[ >]|\sstyle=\"")
CHARSET = re.compile(r'<meta charset="utf-8" ?/?>')
REFERENCE = re.compile(r'\b(href|src|action|data-content_root)="(?![a-z]+:|#|/)([^"]*)"')


class ExtrasError(RuntimeError):
    """A finished site that cannot be completed."""


def finish(site: Path, config: Path) -> None:
    """Complete every page of a finished site, lighten its style sheets and add its map, in place.

    Parameters
    ----------
    site : Path
        Folder of the finished pages; ``values.json`` in it names the edition.
    config : Path
        The book's `_config.yml`: ``title``, ``html: baseurl``.

    Raises
    ------
    ExtrasError
        If a page has no place for its policy, or the address is none.
    """
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    address, dated = public_address(settings), data_day(site)
    home_image = _image(_parsed(site / "index.html"))
    styles.slim(site)
    for page in page_names(site):
        path = site / page
        text = path.read_text(encoding="utf-8")
        if FORWARD.search(text):
            continue
        cards = f"{dated}{card(_parsed(path), page, settings['title'], address, home_image)}"
        if page == NOT_FOUND:
            text = _from_anywhere(text, address)
        write_atomically(path, with_head(text, page, cards))
    write_atomically(site / "sitemap.xml", sitemap(site, address))
    write_atomically(site / "robots.txt", robots(address))


def public_address(settings: Mapping) -> str:
    """Return the site's public address with a slash at its end, or nothing where none is set.

    >>> public_address({"html": {"baseurl": "https://example.org/book"}})
    'https://example.org/book/'
    """
    address = (settings.get("html") or {}).get("baseurl") or ""
    if address and urlsplit(address).scheme not in ("http", "https"):
        raise ExtrasError(
            f"Expected the site's address in _config.yml (html: baseurl:) to begin with https://, found '{address}': "
            "write it in full, or leave it empty."
        )
    return address if not address or address.endswith("/") else f"{address}/"


def page_names(site: Path) -> list[str]:
    """Names of the site's own pages as seen from its root, sorted."""
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    return sorted(path.as_posix() for path in found if path.parts[0] not in NOT_OURS)


def policy(text: str) -> str:
    """Return the content security policy of a page: its own files, its own inline scripts by their hash, nothing else.

    Inline styles are allowed on pages that have some (tables with colours), inline scripts and `eval` on none.

    >>> policy("<p>")
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'"
    """
    digests = [hashlib.sha256(script.encode()).digest() for script in INLINE_SCRIPT.findall(text)]
    scripts = " ".join(["'self'", *sorted({f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests})])
    styles = " 'unsafe-inline'" if INLINE_STYLE.search(text) else ""
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'{styles}; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "object-src 'none'"
    )


def with_head(text: str, page: str, cards: str) -> str:
    """Return a page with its policy before anything that is loaded, and with the tags of its card.

    Raises
    ------
    ExtrasError
        If the page has no charset to put them after.
    """
    added = f'<meta http-equiv="Content-Security-Policy" content="{policy(text)}">'
    done, count = CHARSET.subn(lambda found: f"{found[0]}\n    {added}\n    {cards}", text, count=1)
    if not count:
        raise ExtrasError(f"Expected '<meta charset=\"utf-8\">' in {page}, found none: see the theme.")
    return done


def card(page: BeautifulSoup, name: str, book: str, address: str, home_image: str) -> str:
    """Return the tags by which others show a page: title, description, picture; and the link to the feed."""
    heading = page.select_one("article h1") or page.select_one("h1") or page.title
    for mark in heading.select(".headerlink") if heading else ():
        mark.extract()
    root = "../" * name.count("/")
    title = " ".join(heading.get_text().split()) if heading else book
    description = describe(page)
    told = {"og:type": "website", "og:site_name": book, "og:title": title, "og:description": description}
    image = _image(page) or home_image
    if address:
        told["og:url"] = address + ("" if name == "index.html" else name)
        told |= {"og:image": address + image} if image else {}
    size = "summary_large_image" if "og:image" in told else "summary"
    lines = [
        f'<meta name="description" content="{html.escape(description)}">',
        *(f'<meta property="{key}" content="{html.escape(text)}">' for key, text in told.items() if text),
        f'<meta name="twitter:card" content="{size}">',
        f'<link rel="alternate" type="application/atom+xml" title="{html.escape(book)}" href="{root}feed.xml">',
    ]
    return "\n    ".join(lines)


def data_day(site: Path) -> str:
    """Return the tag that lets a page say how old its edition is on the day of reading: its cutoff."""
    cutoff = _read(site / "values.json").get("cutoff")
    return f'<meta name="data-cutoff" content="{html.escape(cutoff)}">\n    ' if cutoff else ""


def describe(page: BeautifulSoup) -> str:
    """Return the first words of a page: of its answer, or of its first paragraph; whole words, at most 200 characters.

    >>> from bs4 import BeautifulSoup
    >>> describe(BeautifulSoup("<article><h1>A</h1><p>It <b>is</b> so.</p></article>", "html.parser"))
    'It is so.'
    """
    first = page.select_one("article .admonition.answer p:not(.admonition-title)") or page.select_one("article h1 ~ p")
    if first is None:
        return ""
    hidden = {id(note) for note in first.select(".value-note, .headerlink")}
    kept = (t for t in first.find_all(string=True) if not any(id(parent) in hidden for parent in t.parents))
    words = " ".join("".join(kept).split())
    return words if len(words) <= DESCRIPTION else words[: words.rfind(" ", 0, DESCRIPTION - 1)] + " …"


def sitemap(site: Path, address: str) -> str:
    """List the site's pages for search engines; those of older editions say themselves where the newest is."""
    cutoff = _read(site / "values.json").get("cutoff")
    changed = f"<lastmod>{cutoff}</lastmod>" if cutoff else ""
    names = [name for name in page_names(site) if name not in NOT_LISTED]
    rows = [f"  <url><loc>{xml_escape(address + name)}</loc>{changed}</url>" for name in names]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *rows,
            "</urlset>\n",
        ]
    )


def robots(address: str) -> str:
    """Let everybody read everything, and say where the map is if the site's address is known."""
    return "User-agent: *\nAllow: /\n" + (f"Sitemap: {address}sitemap.xml\n" if address else "")


def _from_anywhere(text: str, address: str) -> str:
    """A page that is shown under any address refers to the site by the whole path, where that is known."""
    path = urlsplit(address).path
    return REFERENCE.sub(lambda found: f'{found[1]}="{path}{found[2].removeprefix("./")}"', text) if address else text


def _image(page: BeautifulSoup) -> str:
    """Address, from the site's root, of the picture of a page's first figure."""
    figure = page.select_one(".result-figure figure[id^=figure-]")
    return f"figures/{figure['id'].removeprefix('figure-')}.png" if figure else ""


def _read(path: Path) -> dict:
    """A JSON object of the site; an empty one where there is no such file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _parsed(path: Path) -> BeautifulSoup:
    from bs4 import BeautifulSoup  # only when a site is finished: a build with nothing to do starts without it

    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
