"""The Chromium of the operating system, for tests and screenshots of a built site."""

import contextlib
import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)


def executable():
    """Path of a Chromium, or None."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or next((str(path) for path in MAC if path.is_file()), None)


@contextlib.contextmanager
def open_browser():
    """A running Chromium, closed at the end."""
    from playwright.sync_api import sync_playwright

    flags = [*FLAGS, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else list(FLAGS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=flags)
        try:
            yield browser
        finally:
            browser.close()


def until(page, expression, seconds=5.0):
    """Wait until an expression is true on a page; Playwright's own waiting needs `eval`, which the pages forbid."""
    for _ in range(round(seconds / 0.02)):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{expression} did not become true within {seconds} s")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        """Say nothing."""


@contextlib.contextmanager
def serve(folder):
    """A plain web server over a folder, on loopback; gives its address, which ends in a slash."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


def pages(site):
    """Names of all pages of a site, as seen from its root, without older editions."""
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    left_out = {"_static", "_sources", "editions"}
    return sorted(path.as_posix() for path in found if path.parts[0] not in left_out)


SITE = Path(os.environ.get("ATTRITION_SITE") or Path(__file__).parents[2] / "_build" / "html").resolve()
REQUIRED = bool(os.environ.get("CI") or os.environ.get("ATTRITION_REQUIRE_BROWSER"))
NAMES = pages(SITE) if (SITE / "index.html").is_file() else []
ARTICLES = [name for name in NAMES if name not in ("search.html", "404.html")]


def need(there, sentence):
    """Skip, or fail where the browser is required."""
    if not there:
        import pytest

        (pytest.fail if REQUIRED else pytest.skip)(sentence)
