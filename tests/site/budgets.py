"""What pages of a built site weigh and break, as a table: ``python tests/site/budgets.py SITE``."""

import argparse
import gzip
import sys
from importlib.resources import files
from pathlib import Path

from browser import executable, open_browser, pages, serve, until

RAW, COMPRESSED = 1_000_000, 400_000  # bytes of a first load
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """async rules => (await axe.run(document, { runOnly: rules, resultTypes: ['violations'] })).violations
  .map(found => `${found.id}: ${found.help}, at ${found.nodes.slice(0, 3).map(node => node.html).join(' and ')}`)"""
NARROWEST = 320  # pixels; WCAG 2.2, success criterion 1.4.10
THEMES = ("light", "dark")
HEADS = ("page", "raw kB", "gzip kB", "requests", "to others", "axe, light", "axe, dark", "wider than 320 px", "errors")


def weigh(responses):
    """Bytes of a first load, raw and as a web server would compress them."""
    bodies = [response.body() for response in responses if response.status == 200]
    return sum(map(len, bodies)), sum(len(gzip.compress(body)) for body in bodies)


def axe_script():
    """The rules of axe-core."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def violations(page, theme):
    """What a page breaks of WCAG in a theme; the rules must have been loaded into it."""
    page.emulate_media(color_scheme=theme)
    until(page, f"document.documentElement.dataset.theme === '{theme}'")
    return page.evaluate(AXE, RULES)


def measure(browser, address, name):
    """One row of the table."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    responses, faults = [], []
    page.on("response", lambda response: responses.append(response))
    page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address + name, wait_until="networkidle")
    raw, compressed = weigh(responses)
    others = sum(not one.url.startswith((address, "data:")) for one in responses)
    broken = len(faults)
    page.evaluate(f"{axe_script()};null")
    found = [len(violations(page, theme)) for theme in THEMES]
    page.set_viewport_size({"width": NARROWEST, "height": 700})
    wider = page.evaluate("document.documentElement.scrollWidth") > NARROWEST
    page.close()
    return name, raw // 1000, compressed // 1000, len(responses), others, *found, "yes" if wider else "no", broken


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure every page of a built site against its budgets.")
    parser.add_argument("site", type=Path, help="for example _build/html")
    site = parser.parse_args().site.resolve()
    if executable() is None:
        sys.exit("Expected a Chromium on this machine, found none: install it (Debian: apt-get install chromium).")
    print(f"Budget: {RAW // 1000} kB raw, {COMPRESSED // 1000} kB compressed, nothing else.\n")
    print(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}")
    with serve(site) as address, open_browser() as browser:
        for name in pages(site):
            print(f"| {' | '.join(map(str, measure(browser, address, name)))} |", flush=True)


if __name__ == "__main__":
    main()
