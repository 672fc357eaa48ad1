"""The what-if page: the balance with the reader's own numbers, and the strip that leads there from its chapter.

The sums are done in JavaScript for the form and in Python for the table of scenarios, which stands on the page for
everybody; what there is to set, and from what it starts, is said in `scenarios`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from attrition.wording import number, percent

from . import markup
from .numbers import VALUES_PAGE
from .scenarios import FLOWS, PARAMETERS, SCENARIOS, Control, address, balance, controls, start, starts

PAGE, CHAPTER = "what-if", "manpower_balance"
STRIP = ("casualties", "return_share", "recruits")
RESULTS = {
    "recruits": "join",
    "killed": "are killed",
    "returning": "return from wounds",
    "irrecoverable": "are lost for good",
    "net_monthly": "change of the force",
}
COLUMNS = (
    "Recruits a month",
    "Lost for good a month",
    "Change of the force a month",
    "Break-even return share",
    "Months to the mark",
)


class what_if_node(nodes.General, nodes.Element):
    """The form with its results."""


class strip_node(nodes.General, nodes.Element):
    """The strip that opens the what-if page with a chapter's values."""


class WhatIf(SphinxDirective):
    """Show the form, its results and the table of scenarios."""

    def run(self):
        """Return the node; its values are known when pages are written."""
        return [what_if_node()]


class OwnAssumptions(SphinxDirective):
    """Show the strip."""

    def run(self):
        """Return the node."""
        return [strip_node()]


def visit_what_if(self, node: what_if_node) -> None:
    """Write the page's form; without JavaScript it is not shown, the table is."""
    rows = self.builder.app.attrition_results.values
    given = starts(rows)
    fields = "\n".join(field_html(one, given[one.name], origin(self, one)) for one in controls(rows))
    results = "".join(f'<div><dt>{name}</dt> <dd data-result="{key}"></dd></div>' for key, name in RESULTS.items())
    oil = f' data-oil-now="{given["oil_usd"]:.10g}"' if "oil_usd" in given else ""
    takes = f'data-start="python -m attrition run {CHAPTER}" data-takes="{" ".join(PARAMETERS)}"'
    self.body.append(
        f'<div class="what-if-page"><form class="what-if pst-js-only"{oil} novalidate>{fields}\n</form>\n'
        '<div class="what-if-result pst-js-only" data-bound="form">'
        '<p class="what-if-sentence" role="status" aria-live="polite"></p>'
        f'<dl class="what-if-flows" aria-label="Persons a month">{results}</dl>'
        '<p class="what-if-buttons"><button type="button" class="copy-link">Copy a link to this scenario</button> '
        '<button type="button" class="start-again">Start again</button></p>'
        f'<details class="what-if-command"><summary>The whole chapter with these numbers</summary>'
        f'<pre tabindex="0"><code {takes}></code></pre></details></div>\n'
        f'<h2 id="scenarios">Some scenarios</h2>\n{scenarios_html(given)}</div>\n'
    )
    raise nodes.SkipNode


def field_html(control: Control, at: float, told: str) -> str:
    """Return one control: name, number field, slider, and where its start comes from (HTML)."""
    scale = 100 if control.kind == "share" else 1
    least, most, step, limit, value = (f"{n * scale:.10g}" for n in (*control.ends, control.limit, at))
    ident, label = f"what-if-{control.name}", escape(control.label)
    return (
        f'<div class="what-if-control"><label for="{ident}">{label}'
        f' <span class="what-if-unit">({escape(control.unit)})</span></label>'
        f'<input type="number" id="{ident}" name="{control.name}" min="{least}" max="{limit}" step="any"'
        f' value="{value}" data-start="{value}" data-kind="{control.kind}" data-label="{label}" inputmode="decimal"'
        f' required aria-describedby="{ident}-from"><input type="range" data-for="{control.name}" min="{least}"'
        f' max="{most}"'
        f' step="{step}" value="{value}" aria-label="{label}, slider">'
        f'<p class="what-if-from" id="{ident}-from">{told}</p></div>'
    )


def origin(writer, control: Control) -> str:
    """Return the words (HTML) that say which recorded value a control starts from, with a link to it."""
    rows, docname = writer.builder.app.attrition_results.values, writer.builder.current_docname
    key = start(control, rows)[1]
    if not key:
        return "Not estimated in this edition; a round number to start from."
    href = f"{writer.builder.get_relative_uri(docname, VALUES_PAGE)}#{key}"
    note = f"what-if-note-{control.name}"
    return f"{markup.name(rows[key])}: {markup.value_html(rows[key], markup.phrase(rows[key], 'range'), href, note)}"


def scenarios_html(given: Mapping[str, float]) -> str:
    """Return the table of scenarios; each name is a link that fills the form."""
    heads = COLUMNS if "force" in given else COLUMNS[:-1]
    columns = "".join(f'<th scope="col">{head}</th>' for head in ("Scenario", *heads))
    rows = "\n".join(_scenario_row(name, {**given, **change(given)}, heads) for name, change in SCENARIOS)
    return (
        '<div class="table-scroll" tabindex="0" role="region" aria-label="Scenarios"><table class="room scenarios">'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>{rows}</tbody></table></div>"
    )


def _scenario_row(name: str, given: Mapping[str, float], heads: tuple[str, ...]) -> str:
    found = balance(given)
    months = found.months_to_threshold
    texts = (
        number(round(given["recruits"], -2)),
        number(round(found.irrecoverable, -2)),
        number(round(found.net_monthly, -2)),
        percent(found.break_even_return_share, beyond=True),
        number(months, 0) if math.isfinite(months) else "not reached",
    )
    cells = "".join(f'<td data-label="{head}">{text}</td>' for head, text in zip(heads, texts, strict=False))
    link = f'<a class="what-if-scenario" href="?{escape(address(given))}">{escape(name)}</a>'
    return f'<tr><th scope="row">{link}</th>{cells}</tr>'


def visit_strip(self, node: strip_node) -> None:
    """Write the strip: a plain form that sends its numbers to the what-if page, with or without JavaScript."""
    if PAGE in self.builder.env.all_docs:
        given, known = starts(self.builder.app.attrition_results.values), {control.name: control for control in FLOWS}
        fields = "".join(_strip_field(known[name], given[name]) for name in STRIP)
        others = {name: value for name, value in given.items() if name not in STRIP}
        hidden = "".join(f'<input type="hidden" name="{name}" value="{value:.10g}">' for name, value in others.items())
        target = escape(self.builder.get_relative_uri(self.builder.current_docname, PAGE))
        self.body.append(
            f'<form class="own-assumptions" action="{target}" method="get" aria-label="Your own assumptions">'
            f'<p class="own-assumptions-title">Your own assumptions</p>{fields}{hidden}'
            '<button type="submit" class="see-what-follows">See what follows</button></form>\n'
        )
    raise nodes.SkipNode


def _strip_field(control: Control, value: float) -> str:
    unit = "0 to 1" if control.kind == "share" else control.unit
    return (
        f'<label class="fixed"><span>{escape(control.label)} <span class="what-if-unit">({unit})</span></span>'
        f'<input type="number" name="{control.name}" value="{value:.10g}" min="{control.ends[0]:.10g}"'
        f' max="{control.limit:.10g}" step="any" required></label>'
    )


def add_script(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree) -> None:
    """Load the script on the page that needs it and on no other."""
    if doctree is not None and any(doctree.findall(what_if_node)):
        app.add_js_file("what-if.js", loading_method="defer", priority=950)


def setup(app: Sphinx) -> None:
    """Register directives, nodes and the script."""
    app.add_directive("what-if", WhatIf)
    app.add_directive("own-assumptions", OwnAssumptions)
    app.add_node(what_if_node, html=(visit_what_if, None))
    app.add_node(strip_node, html=(visit_strip, None))
    app.connect("html-page-context", add_script)
