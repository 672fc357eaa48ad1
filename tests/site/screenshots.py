"""Screenshots of every page, wide and narrow, light and dark: ``python tests/site/screenshots.py SITE OUT``."""

import argparse
import io
import sys
from pathlib import Path

from browser import executable, open_browser, pages

WIDTHS = (1280, 768, 360)
FRONT = {"width": 1180, "height": 860}
COLOURS = 64
FRONTS = {  # page and what stands at its top
    "front-page": ("index.html", None),
    "what-if": ("what-if.html", "form.what-if"),
    "chapter": ("notebooks/manpower_balance.html", "article h2"),
}
THEMES = ("light", "dark")


def take(site, out):
    """Write one PNG for each page, width and theme; return how many."""
    out.mkdir(parents=True, exist_ok=True)
    taken = 0
    with open_browser() as browser:
        for theme in THEMES:
            for width in WIDTHS:
                context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
                page = context.new_page()
                for name in pages(site):
                    page.goto((site / name).as_uri())
                    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=out / f"{name[:-5].replace('/', '-')}-{width}-{theme}.png", full_page=True)
                    taken += 1
                context.close()
    return taken


def take_fronts(site, folder):
    """Write the three small pictures that the README shows: the first page, a chapter's figure, the what-if page."""
    with open_browser() as browser:
        page = browser.new_page(viewport=FRONT, color_scheme="light", reduced_motion="reduce")
        for file, (name, part) in FRONTS.items():
            page.goto((site / name).as_uri())
            page.wait_for_load_state("networkidle")
            page.evaluate("part => part && document.querySelector(part).scrollIntoView()", part)
            page.wait_for_timeout(500)
            small(page.screenshot(), folder / f"{file}.png")


def small(picture, path):
    """Write a screenshot in as many colours as a page of text and lines needs, at a third of the bytes."""
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Screenshots of every page of a built site.")
    parser.add_argument("site", type=Path, help="for example _build/html")
    parser.add_argument("out", type=Path, help="folder for the PNG files")
    parser.add_argument("--front", type=Path, metavar="FOLDER", help="also write the README's pictures there")
    given = parser.parse_args()
    if executable() is None:
        sys.exit("Expected a Chromium on this machine, found none: install it (Debian: apt-get install chromium).")
    if not (given.site / "index.html").is_file():
        sys.exit(f"Expected a built site in {given.site}, found no index.html: run 'make book' first.")
    if given.front is not None:
        take_fronts(given.site.resolve(), given.front)
    print(f"{take(given.site.resolve(), given.out)} screenshots in {given.out}")


if __name__ == "__main__":
    main()
