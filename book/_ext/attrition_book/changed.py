"""What changed since the edition before, and where the doubt is: the foot of every answer box.

Nobody writes it. The box says by its values which numbers it rests on; the build says how these read in the edition
before. Where there is no edition before there is nothing to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from attrition.wording import count, day

from . import markup
from .numbers import linked, value_node

CHANGES_PAGE = "changes"
DOUBT = (("how-sure", "How sure are we"), ("what-this-does-not-show", "What this does not show"))
DIGITS = re.compile(r"\d")
SHOWN = 4  # numbers that moved; the page of changes has them all
WORDS = ("words", "date")


class changed_node(nodes.General, nodes.Element):
    """The foot of an answer box; holds the keys of its numbers."""


def add_foot(app: Sphinx, doctree: nodes.document) -> None:
    """End the answer box of a page with what changed in its numbers."""
    box = next((one for one in doctree.findall(nodes.admonition) if "answer" in one["classes"]), None)
    keys = list(dict.fromkeys(node["key"] for node in box.findall(value_node))) if box is not None else []
    if keys:
        values = app.attrition_results.values
        doubt = [(part["ids"][0], words) for start, words in DOUBT if (part := _section(doctree, start)) is not None]
        notebooks = sorted({values[key]["notebook"] for key in keys})
        box += changed_node(keys=behind(keys, values), notebooks=notebooks, doubt=doubt)


def behind(keys: Iterable[str], values: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the numbers among these values, and those that computed sentences among them quote, in order.

    A sentence quotes a number of its chapter if it holds the number's interval, or the number where it has none.

    >>> row = {"notebook": "a.ipynb", "unit": "persons", "interval": ""}
    >>> rows = {
    ...     "a.said": {**row, "unit": "words", "text": "It grows by 6,000 (2,000 to 9,000), from 704,000."},
    ...     "a.net": {**row, "text": "6,000", "interval": "2,000 to 9,000"},
    ...     "a.force": {**row, "text": "704,000"},
    ...     "a.other": {**row, "text": "4,000"},
    ... }
    >>> behind(["a.said"], rows)
    ['a.net', 'a.force']
    """
    found: list[str] = []
    for key in keys:
        row = values[key]
        found += _quoted(row["text"], row["notebook"], values) if row["unit"] == "words" else [key]
    return [key for key in dict.fromkeys(found) if values[key]["unit"] not in WORDS]


def _quoted(sentence: str, notebook: str, values: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Keys of the numbers of a chapter that a sentence quotes, by their place in it; the longest words go first."""
    rows = [(key, row["interval"] or row["text"], row["text"]) for key, row in values.items() if _here(row, notebook)]
    places = {}
    for key, words, text in sorted(rows, key=lambda row: -len(row[1])):
        hit = re.search(rf"(?<![\w.,−]){re.escape(words)}(?!\w|[.,]\d| %)", sentence)
        if hit and len(DIGITS.findall(words)) > 1:
            places[key] = hit.start()
            for gone in (words, text):
                sentence = sentence.replace(gone, "·" * len(gone), 1)
    return sorted(places, key=places.get)


def _here(row: Mapping[str, Any], notebook: str) -> bool:
    return row["notebook"] == notebook and row["unit"] not in WORDS


def _section(doctree: nodes.document, start: str) -> nodes.section | None:
    """The first section whose heading begins with these words, hyphens for spaces."""
    sections = (one for one in doctree.findall(nodes.section) if any(name.startswith(start) for name in one["ids"]))
    return next(sections, None)


def visit_changed(self, node: changed_node) -> None:
    """Write the foot of an answer box."""
    results, docname = self.builder.app.attrition_results, self.builder.current_docname
    parts = [_since(self, node, results.before, "../" * docname.count("/"))] if results.before else []
    links = [f'<a href="#{escape(name)}">{words}</a>' for name, words in node["doubt"]]
    parts += [f'<p class="answer-doubt">{" · ".join(links)}</p>'] if links else []
    if parts:
        self.body.append(f'<div class="answer-foot">{"".join(parts)}</div>')
    raise nodes.SkipNode


def _since(writer, node: changed_node, before: Mapping[str, Any], root: str) -> str:
    """What moved and what did not, each number with what it was and a link to where it stands."""
    results = writer.builder.app.attrition_results
    moved = [key for key in node["keys"] if key in before["moved"]]
    same = [key for key in node["keys"] if key not in before["moved"] and key not in before["new"]]
    rows = [_moved(writer, key, before, root, results) for key in moved[:SHOWN]]
    of, to = escape(before["title"]), f'<span class="unbroken">(data to {day(before["cutoff"])})</span>'
    parts = [f'<p class="what-changed-title">Since the edition of {of} {to}</p>']
    parts += [f"<ul>{''.join(rows)}</ul>"] if rows else []
    if same:
        labels = "; ".join(markup.name(results.values[key]) for key in same)
        parts.append(f"<p>Unchanged: {labels}.</p>")
    return f'<div class="what-changed" data-bound>{"".join(parts)}{_rest(writer, node, before)}</div>'


def _moved(writer, key: str, before: Mapping[str, Any], root: str, results) -> str:
    """One number that moved: what it is, now and then."""
    row, old = results.values[key], before["moved"][key]
    then = f"{old['text']} ({old['interval']})" if old["interval"] else old["text"]
    now = linked(writer, key, markup.phrase(row) if not row["interval"] else f"{row['text']} ({row['interval']})")
    was = f'<span class="unbroken">{escape(then)}</span>'
    if not results.newest:  # an older edition cannot tell where it will be put
        was = f'<a class="then" href="{root}editions/{escape(before["name"])}/values.html#{escape(key)}">{was}</a>'
    return f"<li>{markup.name(row)}: {now}, was {was}</li>"


def _rest(writer, node: changed_node, before: Mapping[str, Any]) -> str:
    """How much moved in all, in the chapters that the box rests on, and where to read it."""
    values = writer.builder.app.attrition_results.values
    chapters = node["notebooks"]
    moved = sum(values[key]["notebook"] in chapters for key in before["moved"] if key in values)
    verdicts = sum(notebook in chapters for notebook in before["verdicts"])
    here = chapters == [f"{writer.builder.current_docname}.ipynb"]
    where = "this chapter" if here else f"the {'chapter' if len(chapters) == 1 else 'chapters'} behind this"
    told = f"{count(moved, 'number').capitalize()} of {where} read{'s' if moved == 1 else ''} differently"
    if moved == 0:
        told = f"No number of {where} reads differently"
    if verdicts:
        told += f", {count(verdicts, 'claim')} {'is' if verdicts == 1 else 'are'} judged otherwise"
    if CHANGES_PAGE not in writer.builder.env.all_docs:
        return f"<p>{told}.</p>"
    href = writer.builder.get_relative_uri(writer.builder.current_docname, CHANGES_PAGE)
    return f'<p>{told}: <a href="{escape(href)}">what moved, and why</a>.</p>'


def setup(app: Sphinx) -> None:
    """Register the node and connect to the reading of pages."""
    nothing = lambda self, node: None  # noqa: E731
    skip = lambda self, node: (_ for _ in ()).throw(nodes.SkipNode)  # noqa: E731
    app.add_node(changed_node, html=(visit_changed, None), text=(skip, nothing), latex=(skip, nothing))
    app.connect("doctree-read", add_foot)
