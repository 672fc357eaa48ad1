"""One PDF of a whole built site: ``python tests/site/printing.py SITE FILE.pdf``.

The pages' texts are put one after another, in the order of the contents, links between them lead to pages of the PDF,
and Chromium prints the result with outline, tags and page numbers. What only a screen can do is left out.
"""

import argparse
import json
import posixpath
import sys
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from browser import executable, open_browser, serve
from links import parsed

from attrition.wording import day

LEFT_OUT = (
    ".edition, .headerlink, .value-note, .figure-files, .figure-table, .cell_input, details.hide, form,"
    " .what-if-result, button, script, noscript, template, img.only-dark"
)
NAME = "print.html"  # where the browser finds the assembled book; no file of the site
MARGIN = {"top": "17mm", "bottom": "19mm", "left": "17mm", "right": "17mm"}
FOOTER = (
    '<div style="width:100%;padding:0 17mm;display:flex;justify-content:space-between;'
    'font:7.5pt sans-serif;color:#555">'
    '<span>{title}</span><span class="pageNumber"></span></div>'
)
STYLE = """
html, body { background: #fff; }
body { font-size: 10pt; line-height: 1.45; }
.book-cover { break-after: page; }
.book-cover h1 { margin-top: 40mm; font-size: 30pt; }
.book-cover li { margin: 0.2rem 0; list-style: none; }
.bd-article { padding: 0 !important; }
.bd-article article { break-before: page; }
.bd-article :is(p, li, dd, dt), .bd-article div.admonition { max-width: none !important; }
.bd-article h1 { font-size: 20pt; }
.bd-article h2 { font-size: 14pt; margin-top: 1.6rem; }
.bd-article h3 { font-size: 11.5pt; }
.bd-article :is(h1, h2, h3, h4, dt) { break-after: avoid; }
.bd-article :is(.result-figure, figure, .key-number, pre, .math-block, tr) { break-inside: avoid; }
.bd-article .result-figure img { width: auto; max-width: 100%; max-height: 190mm; margin: 0 auto; }
.bd-article table, .bd-article table.room { width: 100%; min-width: 0; font-size: 7.6pt; line-height: 1.3; }
.bd-article table :is(th, td):is(th, td) { padding: 1.2mm 1.6mm 1.2mm 0; overflow-wrap: break-word; hyphens: auto; }
.bd-article table :is(th, td):is(th, td) { min-width: 0 !important; white-space: normal !important; }
.bd-article table.room :is(th, td):first-child:is(th, td) { min-width: 30mm !important; }
.bd-article table.room td[data-label="Sources"] { font-size: inherit; }
.bd-article table code { font-size: 6.8pt; overflow-wrap: anywhere; }
.table-scroll, .pst-scrollable-table-container, .cell_output .output { max-height: none !important; }
.table-scroll, .pst-scrollable-table-container, .cell_output .output { overflow: visible !important; }
.bd-article a.value-link { text-decoration: none; }
.bd-article pre { white-space: pre-wrap; overflow-wrap: anywhere; }
"""


def order(site):
    """Names of the site's pages in the order of its contents, the first page before all."""
    found = ["index.html"]
    for link in parsed(site / "index.html").select("nav.bd-links a.reference.internal"):
        name = posixpath.normpath(link["href"].partition("#")[0])
        if name not in found and (site / name).is_file():
            found.append(name)
    return found


def assemble(site):
    """Put all pages of a site into one HTML text, to be shown at the site's root."""
    names = order(site)
    first = parsed(site / "index.html")
    told = json.loads((site / "values.json").read_text(encoding="utf-8"))
    book = first.select_one(".logo__title").get_text(strip=True)
    articles = [_article(site, name, names) for name in names]
    titles = [parsed(site / name).select_one("article h1") for name in names]
    contents = "".join(
        f'<li><a href="#{_ident(name, "")}">{escape(_words(title))}</a></li>'
        for name, title in zip(names, titles, strict=True)
    )
    sheets = "".join(str(tag) for tag in first.select("link[rel=stylesheet]") if tag.find_parent("noscript") is None)
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{escape(book)}</title>'
        f"{sheets}<style>{STYLE}</style></head><body><main class='bd-article'><section class='book-cover'>"
        f"<h1>{escape(book)}</h1><p>Edition {escape(told['title'])}, data to {escape(day(told['cutoff']))}</p>"
        f"<ol>{contents}</ol></section>{''.join(articles)}</main></body></html>"
    )


def _article(site, name, names):
    """The text of one page, its ids and links made those of the whole book."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
    article = page.select_one("article")
    for part in article.select(LEFT_OUT):
        part.extract()
    for tag in article.find_all(id=True):
        tag["id"] = _ident(name, tag["id"])
    for tag in article.find_all(src=True):
        tag["src"] = posixpath.normpath(posixpath.join(posixpath.dirname(name), tag["src"]))
        tag["loading"] = "eager"
    for link in article.find_all("a", href=True):
        _relink(link, name, names)
    for tag in article.select("[aria-describedby]"):
        del tag["aria-describedby"]
    return f'<article id="{_ident(name, "")}">{article.decode_contents()}</article>'


def _relink(link, name, names):
    """Let a link lead to its place in the book, or out of it; links to files of the site become plain words."""
    parts = urlsplit(link["href"])
    if parts.scheme:
        return
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), parts.path)) if parts.path else name
    if target in names and not parts.query:
        link["href"] = f"#{_ident(target, parts.fragment)}"
    else:
        link.unwrap()


def _ident(name, ident):
    return f"{name.removesuffix('.html').replace('/', '-')}--{ident}"


def _words(heading):
    return " ".join(text for text in heading.find_all(string=True, recursive=False)).strip() or heading.get_text()


def write(browser, site, file):
    """Print a site's pages into one PDF; return what could not be shown as it is: figures larger than a page."""
    text = assemble(site)
    title = parsed(site / "index.html").select_one(".logo__title").get_text(strip=True)
    with serve(site) as address:
        page = browser.new_page(viewport={"width": 665, "height": 980})  # what an A4 page has inside its margins
        page.route(f"**/{NAME}", lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"))
        page.emulate_media(media="print", color_scheme="light")
        page.goto(urljoin(address, NAME), wait_until="networkidle")
        page.evaluate("Promise.all([...document.images].map(image => image.decode().catch(() => null)))")
        large = page.evaluate(
            """() => [...document.querySelectorAll('figure')].filter(figure => {
              const box = figure.getBoundingClientRect();
              return box.height > 980 || box.width > 666;
            }).map(figure => figure.id)"""
        )
        footer = FOOTER.format(title=escape(title))
        look = {"format": "A4", "margin": MARGIN, "print_background": True, "outline": True, "tagged": True}
        edges = {"display_header_footer": True, "header_template": "<span></span>", "footer_template": footer}
        page.pdf(path=file, **look, **edges)
        page.close()
    return large


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description="One PDF of a whole built site.")
    parser.add_argument("site", type=Path, help="for example _build/html")
    parser.add_argument("file", type=Path, help="for example _build/book.pdf")
    given = parser.parse_args()
    if executable() is None:
        sys.exit("Expected a Chromium on this machine, found none: install it (Debian: apt-get install chromium).")
    if not (given.site / "index.html").is_file():
        sys.exit(f"Expected a built site in {given.site}, found no index.html: run 'make book' first.")
    with open_browser() as browser:
        large = write(browser, given.site.resolve(), given.file)
    if large:
        sys.exit(f"Expected figures that fit on a page, found larger ones: {', '.join(large)}.")
    print(f"{given.file}, {given.file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
