"""Numbers that no data can change: constants of a method, scales, names that contain a number.

Every other number of a page is recorded, drawn or generated; a test of the built site reads the marks left here and
finds those that are none of these. ``{fixed}`0.9``` marks one, the directive a part of a page, and ``fixed: why`` at
the top of a page the whole of it.
"""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

MARK = "fixed"


class FixedRole(SphinxRole):
    """Mark a number that is a constant, a scale or part of a name: ``{fixed}`ICD 203```."""

    def run(self):
        """Return the words, marked."""
        return [nodes.inline(self.text, self.text, classes=[MARK])], []


class Fixed(SphinxDirective):
    """Mark a part of a page; the argument says why its numbers are fixed."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        """Return the part, marked."""
        part = nodes.container(classes=[MARK])
        self.state.nested_parse(self.content, self.content_offset, part)
        return [part]


def mark_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree) -> None:
    """Mark a whole page that says at its top why its numbers are fixed."""
    why = (context.get("meta") or {}).get(MARK)
    if why and "body" in context:
        context["body"] = f'<div data-fixed="{escape(str(why))}">{context["body"]}</div>'


def setup(app: Sphinx) -> None:
    """Register role and directive."""
    app.add_role(MARK, FixedRole())
    app.add_directive(MARK, Fixed)
    app.connect("html-page-context", mark_page)
