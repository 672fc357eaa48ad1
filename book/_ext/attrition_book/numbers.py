"""Numbers in prose: the ``value`` role and the cards that show recorded values.

A page never types a computed number. It names a key; this room shows the recorded text, says on hover and on focus
what the number means and where it comes from, and links to its row on the values page. No JavaScript is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from . import markup
from .messages import warn
from .results import nearest

VALUES_PAGE = "values"


class value_node(nodes.Inline, nodes.TextElement):
    """One recorded value in running text; holds its words as text, so that search and other formats see them."""


class card_node(nodes.General, nodes.Element):
    """One key number."""


class ValueRole(SphinxRole):
    """Show a recorded value: ``{value}`losses.monthly```, or ``|interval``, ``|range``, ``|label`` of it."""

    def run(self):
        """Return the value's node, or a warning and its key where nothing of that name is recorded."""
        key, _, form = self.text.partition("|")
        key, form = key.strip(), form.strip() or "text"
        row = find(self.env.app, key, self.get_location())
        if form not in markup.FORMS:
            allowed = ", ".join(markup.FORMS)
            warn(
                "value", self.get_location(), f"expected {allowed} after '|', found '{form}' in {{value}}`{self.text}`"
            )
            form = "text"
        if row is None:
            return [nodes.literal(key, key)], []
        words = markup.phrase(row, form)
        return [value_node(words, words, key=key)], []


class KeyNumber(SphinxDirective):
    """Show one value as a card; ``:label:`` replaces its short name, ``:note:`` adds a line."""

    required_arguments = 1
    option_spec = {"label": directives.unchanged, "note": directives.unchanged}  # noqa: RUF012 - docutils' own way

    def run(self):
        """Return the card, or nothing and a warning where the key is unknown."""
        key = self.arguments[0].strip()
        if find(self.env.app, key, self.get_location()) is None:
            return []
        return [card_node(key=key, label=self.options.get("label", ""), note=self.options.get("note", ""))]


class KeyNumbers(SphinxDirective):
    """Lay cards out in a grid."""

    has_content = True

    def run(self):
        """Return the grid with its cards."""
        grid = nodes.container(classes=["key-numbers"])
        self.state.nested_parse(self.content, self.content_offset, grid)
        return [grid]


def find(app: Sphinx, key: str, location: Any) -> Mapping[str, Any] | None:
    """Return a value's row; warn, with the nearest keys, where nothing of that name is recorded."""
    row = app.attrition_results.values.get(key)
    if row is None:
        close = nearest(key, app.attrition_results.values)
        warn("value", location, f"expected a recorded value, found '{key}', which no chapter records; {close}")
    return row


def visit_value(self, node: value_node) -> None:
    """Write a value; inside a link or a heading (which becomes a link in tables of contents) only its words.

    A sentence that has nothing to say in this edition leaves no trace.
    """
    if not node.astext().strip():
        raise nodes.SkipNode
    parent = node.parent
    while parent is not None and not isinstance(parent, nodes.reference | nodes.title):
        parent = parent.parent
    if parent is None:
        self.body.append(linked(self, node["key"], node.astext()))
        raise nodes.SkipNode


def depart_value(self, node: value_node) -> None:
    """Nothing to close."""


def visit_card(self, node: card_node) -> None:
    """Write one card."""
    row = self.builder.app.attrition_results.values[node["key"]]
    value = linked(self, node["key"], row["text"])
    was = _was(self.builder.app.attrition_results.before, node["key"])
    self.body.append(markup.card_html(row, value, node["label"], node["note"], was, _chapter_link(self, row)))
    raise nodes.SkipNode


def _was(before: Mapping[str, Any] | None, key: str) -> str:
    """How a number read in the edition before, in a few words; nothing where it was not there."""
    if before is None or key in before["new"]:
        return ""
    return f"{before['title']}: {before['moved'][key]['text'] if key in before['moved'] else 'the same'}"


def linked(writer, key: str, words: str) -> str:
    """HTML of a value on the page being written; its note gets an id of its own."""
    builder, docname = writer.builder, writer.builder.current_docname
    writer.value_count = getattr(writer, "value_count", 0) + 1
    has_page = VALUES_PAGE in builder.env.all_docs
    href = f"{builder.get_relative_uri(docname, VALUES_PAGE)}#{key}" if has_page else ""
    row = builder.app.attrition_results.values[key]
    words = words.replace(" %", "\N{NO-BREAK SPACE}%")  # a line never ends between a number and its sign
    return markup.value_html(row, words, href, f"value-note-{writer.value_count}")


def _chapter_link(writer, row: Mapping[str, Any]) -> str:
    """HTML link to the chapter that records a value, or nothing where the book leaves that chapter out."""
    builder, chapter = writer.builder, str(PurePosixPath(row["notebook"]).with_suffix(""))
    if chapter not in builder.env.titles:
        return ""
    href, title = builder.get_relative_uri(builder.current_docname, chapter), builder.env.titles[chapter].astext()
    return f'<a href="{escape(href)}" aria-label="chapter: {escape(title)}">chapter</a>'


def setup(app: Sphinx) -> None:
    """Register roles, directives and nodes."""
    app.add_role("value", ValueRole())
    app.add_directive("key-number", KeyNumber)
    app.add_directive("key-numbers", KeyNumbers)
    plain = (lambda self, node: None, lambda self, node: None)
    app.add_node(value_node, html=(visit_value, depart_value), text=plain, latex=plain)
    app.add_node(card_node, html=(visit_card, None))
