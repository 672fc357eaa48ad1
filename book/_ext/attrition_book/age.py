"""How old the regular series are: a word on every page's edition line, and the ``data-age`` directive.

What is said holds for the edition's cutoff; on the newest edition the page's script says it for the reader's own day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from attrition.wording import day

DATA_PAGE, PLACE = "data", "how-old-the-data-are"


class age_node(nodes.General, nodes.Element):
    """One line on the age of the data."""


class DataAge(SphinxDirective):
    """Say which regular series are overdue; nothing where no series has a turn."""

    def run(self):
        """Return the line."""
        return [age_node()] if self.env.app.attrition_results.ages else []


def page_context(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree) -> None:
    """Tell the templates how many series are overdue, and what the script needs to reckon it anew."""
    ages = app.attrition_results.ages
    if ages and DATA_PAGE in app.env.all_docs:
        context["ages"] = " ".join(f"{row['last']}/{row['cadence_days']}" for row in ages)
        context["ages_href"] = f"{app.builder.get_relative_uri(pagename, DATA_PAGE)}#{PLACE}"
        late = sum(row["overdue"] for row in ages)
        context["ages_words"] = f"{late} of {len(ages)} regular series overdue" if late else ""


def visit_age(self, node: age_node) -> None:
    """Write the line."""
    builder = self.builder
    href = f"{builder.get_relative_uri(builder.current_docname, DATA_PAGE)}#{PLACE}"
    link = f' <a href="{escape(href)}">How old the data are</a>' if DATA_PAGE in builder.env.all_docs else ""
    self.body.append(f'<p class="data-ages" data-bound>{line(builder.app.attrition_results.ages)}{link}</p>')
    raise nodes.SkipNode


def line(ages: Sequence[Mapping[str, Any]]) -> str:
    """Name each regular series, its last row and whether it is overdue, as HTML.

    >>> line([{"title": "A", "last": "2026-05-01", "cadence_days": 7, "overdue": True}])
    'Newest rows: A <span class="age overdue" data-last="2026-05-01" data-cadence="7">1 May 2026, overdue</span>.'
    """
    told = [
        f'{escape(row["title"])} <span class="age{" overdue" if row["overdue"] else ""}" data-last="{row["last"]}" '
        f'data-cadence="{row["cadence_days"]}">{day(row["last"])}{", overdue" if row["overdue"] else ""}</span>'
        for row in ages
    ]
    return f"Newest rows: {'; '.join(told)}."


def setup(app: Sphinx) -> None:
    """Register the directive and its node, and connect to the writing of pages."""
    nothing = lambda self, node: None  # noqa: E731
    app.add_directive("data-age", DataAge)
    app.add_node(age_node, html=(visit_age, None), text=(nothing, nothing), latex=(nothing, nothing))
    app.connect("html-page-context", page_context)
