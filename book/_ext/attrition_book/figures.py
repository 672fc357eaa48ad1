"""Figures that chapters record, shown in their chapter and on any other page.

A figure's image, caption, words for those who cannot see it, data and table come from one place, the results of the
edition; this room puts them on pages. Charts are drawn by the package, never here.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective, SphinxRole

from . import markup
from .messages import warn
from .results import nearest


class figure_node(nodes.General, nodes.Element):
    """A figure on a page that is not its chapter."""


class figure_number_node(nodes.Inline, nodes.TextElement):
    """The number of a figure, known once all chapters are read."""


class ResultFigure(SphinxDirective):
    """Show a recorded figure, with a link to its chapter."""

    required_arguments = 1

    def run(self):
        """Return the figure, or nothing and a warning where no chapter records it."""
        name = self.arguments[0].strip()
        if not known(self.env.app, name, self.get_location()):
            return []
        return [figure_node(name=name)]


class FigureNumberRole(SphinxRole):
    """Name a figure by its number, with a link to it: ``{figure}`losses_weekly``` reads "Figure 2"."""

    def run(self):
        """Return the number's node, or the name and a warning where no chapter records such a figure."""
        name = self.text.strip()
        if not known(self.env.app, name, self.get_location()):
            return [nodes.literal(name, name)], []
        return [figure_number_node("", "Figure", name=name)], []


def known(app: Sphinx, name: str, location: Any) -> bool:
    """Say whether a figure is recorded; warn, with the nearest names, where it is not."""
    figures = app.attrition_results.figures
    if name not in figures:
        warn("figure", location, f"expected a recorded figure, found '{name}'; {nearest(name, figures)}")
    return name in figures


def in_chapter(app: Sphinx, docname: str, figure: Mapping[str, Any]) -> str:
    """Return the HTML of a figure in its chapter, and note its number for other pages.

    Parameters
    ----------
    figure : mapping
        What the notebook recorded: ``name, caption, source, alt, width, height``, perhaps a ``table``
        (``columns`` and ``rows``) to show in place of the data file's.
    """
    name, numbers = figure["name"], figure_numbers(app.env)
    if name in numbers:
        warn("figure", docname, f"expected each figure once, found '{name}' here and in {numbers[name][0]}: rename one")
    number = 1 + sum(1 for chapter, _ in numbers.values() if chapter == docname)
    numbers[name] = (docname, number)
    missing = app.attrition_results.missing_files(name)
    if missing:
        warn(
            "figure", docname, f"expected the files of figure '{name}' in extra/figures, found no {', '.join(missing)}"
        )
    table = app.attrition_results.table(name)
    if figure.get("table"):
        given = figure["table"]
        table = [str(head) for head in given["columns"]], [[str(text) for text in row] for row in given["rows"]]
    figure = {**app.attrition_results.figures.get(name, {}), **figure}
    return markup.figure_html(name, figure, table, root="../" * docname.count("/"), number=number)


def figure_numbers(env: BuildEnvironment) -> dict[str, tuple[str, int]]:
    """Return chapter and number of every figure met so far, by name."""
    if not hasattr(env, "attrition_figures"):
        env.attrition_figures = {}
    return env.attrition_figures


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the figures of a page that is read again."""
    env.attrition_figures = {k: place for k, place in figure_numbers(env).items() if place[0] != docname}


def visit_figure(self, node: figure_node) -> None:
    """Write a figure on a page that is not its chapter."""
    builder, name = self.builder, node["name"]
    results = builder.app.attrition_results
    figure, docname = results.figures[name], builder.current_docname
    chapter = str(PurePosixPath(figure["notebook"]).with_suffix(""))
    link = ""
    if chapter in builder.env.titles:
        href = f"{builder.get_relative_uri(docname, chapter)}#figure-{name}"
        link = f'<a href="{escape(href)}">{escape(builder.env.titles[chapter].astext())}</a>'
    root = "../" * docname.count("/")
    self.body.append(markup.figure_html(name, figure, results.table(name), root=root, chapter=link))
    raise nodes.SkipNode


def visit_figure_number(self, node: figure_number_node) -> None:
    """Write "Figure 2" with a link; only the word where the figure's chapter is not in the book."""
    builder, name = self.builder, node["name"]
    if name in figure_numbers(builder.env):
        chapter, number = figure_numbers(builder.env)[name]
        href = f"{builder.get_relative_uri(builder.current_docname, chapter)}#figure-{name}"
        self.body.append(f'<a class="figure-link" href="{escape(href)}">Figure {number}</a>')
        raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register role, directive and nodes."""
    app.add_role("figure", FigureNumberRole())
    app.add_directive("result-figure", ResultFigure)
    nothing = lambda self, node: None  # noqa: E731
    app.add_node(figure_node, html=(visit_figure, None))
    app.add_node(figure_number_node, html=(visit_figure_number, nothing), text=(nothing, nothing))
    app.connect("env-purge-doc", forget)
