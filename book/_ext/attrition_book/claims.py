"""A claim and how it stands, as a small card with an address of its own that does not change.

Everything on it is a recorded value: ``claims.<id>.verdict`` holds the claim as its label, how it is tested as its
definition and the verdict as its text, ``claims.<id>.finding`` what the verdict rests on.
"""

from __future__ import annotations

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .numbers import find, value_node


class ClaimCard(SphinxDirective):
    """Show a claim: ``:::{claim} <id>``; ``:said:`` tells by whom and when, ``:rows:`` the ids of cited figures."""

    required_arguments = 1
    option_spec = {"said": directives.unchanged, "rows": directives.unchanged}  # noqa: RUF012 - docutils' own way

    def run(self):
        """Return the card, or nothing and a warning where the claim has no verdict."""
        name = self.arguments[0].strip()
        keys = [f"claims.{name}.{part}" for part in ("verdict", "finding")]
        verdict, finding = (find(self.env.app, key, self.get_location()) for key in keys)
        if verdict is None or finding is None:
            return []
        rows = self.options.get("rows", "")
        tested = f"Test: {verdict['definition']}" + (f" Rows: {rows}." if rows else "")
        card = nodes.container(classes=["claim"], ids=[f"claim-{name}"])
        card += _line("claim-said", nodes.Text(verdict["label"]))
        card += _line("claim-speaker", nodes.Text(self.options.get("said", "")))
        card += _line("claim-verdict", _value(keys[0], verdict["text"][:1].upper() + verdict["text"][1:]))
        card += _line("claim-finding", _value(keys[1], finding["text"]))
        card += _line("claim-test", nodes.Text(tested))
        return [card]


def _line(kind: str, content: nodes.Node) -> nodes.paragraph:
    return nodes.paragraph("", "", content, classes=[kind])


def _value(key: str, words: str) -> value_node:
    return value_node(words, words, key=key)


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("claim", ClaimCard)
