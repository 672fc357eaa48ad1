"""What the tests of a built site share: one browser, one web server, pages that note what goes wrong on them."""

import sys
from pathlib import Path
from urllib.parse import urljoin

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from browser import NAMES, SITE, executable, need, open_browser, serve


@pytest.fixture(scope="session")
def chromium():
    need(NAMES, f"Expected a built site in {SITE}, found no index.html: run 'make book' first.")
    need(
        executable(), "Expected a Chromium on this machine, found none: install it (Debian: apt-get install chromium)."
    )
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def address():
    need(NAMES, f"Expected a built site in {SITE}, found no index.html: run 'make book' first.")
    with serve(SITE) as found:
        yield found


@pytest.fixture
def visit(chromium, address):
    """Open a page; what goes wrong on it is noted in `page.faults`, every address asked for in `page.asked`."""
    contexts = []

    def go(name, *, by="file", width=1280, height=800, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.faults, page.asked = [], []
        page.on("console", lambda said: page.faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("requestfailed", lambda request: page.faults.append(f"failed: {request.url}"))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(urljoin(address if by == "http" else f"{SITE.as_uri()}/", name))
        return page

    yield go
    for context in contexts:
        context.close()
