"""The page for an address that leads nowhere; web servers show it under that address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sphinx.application import Sphinx

TEXT = """<section><h1>There is no such page</h1>
<p>The address may be misspelt, or the page may have moved in a newer edition. <a href="{home}">The first page</a>
leads to everything; <a href="search.html">the search</a> finds words.</p></section>"""


def page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Give Sphinx the page to write."""
    home = app.builder.get_target_uri(app.config.root_doc)
    yield "404", {"title": "There is no such page", "body": TEXT.format(home=home), "meta": {}}, "page.html"


def setup(app: Sphinx) -> None:
    """Connect to the writing of pages."""
    app.connect("html-collect-pages", page)
