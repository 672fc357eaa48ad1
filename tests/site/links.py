"""What the pages of a built site refer to: files, anchors, other hosts."""

import functools
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from browser import pages
from bs4 import BeautifulSoup

LOADING = ("link", "script", "img", "iframe", "source", "object", "embed", "video", "audio", "track", "input")
HINTS = ("canonical", "next", "prev", "search", "index", "author", "license", "alternate")
IN_STYLE = re.compile(r"(?:url\(\s*|@import\s+)[\"']?([^\"')\s;]+)")


@functools.cache
def parsed(path):
    """A page, parsed once."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@functools.cache
def anchors(path):
    """Every name in a page that a link can lead to."""
    return {tag[key] for key in ("id", "name") for tag in parsed(path).find_all(attrs={key: True})}


def references(page):
    """Pairs of tag and address of everything a page refers to."""
    return [(tag, tag[key]) for key in ("href", "src", "data") for tag in page.find_all(attrs={key: True})]


def broken(site):
    """Every reference of the site's pages to a file or an anchor that is not there, as sentences."""
    found = []
    for name in pages(site):
        for _, address in references(parsed(site / name)):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = ((site / name).parent / unquote(parts.path)).resolve() if parts.path else site / name
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                found.append(f"{name} refers to {address}, and there is no such file")
            elif parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in anchors(target):
                found.append(f"{name} refers to {address}, and that page has no such place")
    return found


def foreign(site):
    """Everything that a page or a style sheet would load from another host, as sentences."""
    found = []
    for name in pages(site):
        for tag, address in references(parsed(site / name)):
            loads = tag.name in LOADING and not set(tag.get("rel") or ()) & set(HINTS)
            if loads and (urlsplit(address).netloc or urlsplit(address).scheme in ("http", "https")):
                found.append(f"{name} loads {address}")
        for sheet in styles(site, name):
            hits = IN_STYLE.findall(sheet.read_text(encoding="utf-8"))
            found += [f"{sheet.name} loads {hit}" for hit in hits if re.match(r"(https?:)?//", hit)]
    return found


def assets(site, name):
    """Style sheets and scripts that a page loads."""
    page = parsed(site / name)
    scripts = [tag["src"] for tag in page.find_all("script", src=True)]
    return [*styles(site, name), *(_file(site, name, address) for address in scripts)]


def styles(site, name):
    """Style sheets that a page loads."""
    return [_file(site, name, tag["href"]) for tag in parsed(site / name).find_all("link", rel="stylesheet")]


def _file(site, name, address):
    return Path((site / name).parent / urlsplit(address).path).resolve()
