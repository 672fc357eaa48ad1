"""The book's own Sphinx extension: results into pages.

``results`` reads what an edition found; ``markup`` puts it into HTML; ``numbers``, ``figures`` and ``notebooks`` offer
it to authors; ``claims`` shows what was claimed; ``fixed`` marks numbers that no data can change; ``mathml`` draws
formulas; ``pages`` gives every page its edition and the book's look; ``notfound`` is the page for an address that
leads nowhere; ``whatif`` lets readers put in their own numbers, from what ``scenarios`` knows; ``again`` says how a
chapter is run again, ``launch`` where that needs nothing installed; ``changed`` what changed since the edition
before; ``age`` how old the data are.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from . import again, age, changed, claims, figures, fixed, launch, mathml, notebooks, notfound, numbers, pages, whatif


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    rooms = (pages, launch, again, numbers, changed, age, claims, figures, notebooks, mathml, fixed, notfound, whatif)
    for room in rooms:
        room.setup(app)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
