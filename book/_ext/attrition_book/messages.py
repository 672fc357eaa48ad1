"""Warnings of the build: one sentence, and the page, cell and line it is about."""

from __future__ import annotations

import re
from typing import Any

from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
CELL_LINES = 10_000  # myst-nb numbers the lines of a notebook as 10,000 x cell + line + 1
IN_NOTEBOOK = re.compile(r"^(.*\.ipynb):(\d+)$")


def warn(subtype: str, location: Any, message: str) -> None:
    """Warn, so that a strict build fails; `location` is what Sphinx knows of the place."""
    LOGGER.warning("%s", message, location=place(location), type="attrition", subtype=subtype)


def place(location: Any) -> Any:
    """Name the cell and the line where Sphinx has only a made-up line number of a notebook.

    >>> place("notebooks/trial.ipynb:130004")
    'notebooks/trial.ipynb:cell 13, line 3'
    >>> place("index.md:12")
    'index.md:12'
    """
    found = IN_NOTEBOOK.match(location) if isinstance(location, str) else None
    if not found or int(found[2]) < CELL_LINES:
        return location
    cell, line = divmod(int(found[2]), CELL_LINES)
    return f"{found[1]}:cell {cell}, line {line - 1}"
