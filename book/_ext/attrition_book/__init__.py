"""The book's own Sphinx extension: results into pages.

``results`` reads what an edition found; ``markup`` puts it into HTML; ``numbers``, ``figures`` and ``notebooks`` offer
it to authors, ``claims`` shows what was claimed;
``mathml`` draws formulas; ``pages`` gives every page its edition and the book's look.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from . import claims, figures, mathml, notebooks, numbers, pages


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    for room in (pages, numbers, claims, figures, notebooks, mathml):
        room.setup(app)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
