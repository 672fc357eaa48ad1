"""What every page carries: the edition it belongs to, the book's own look, and nothing that slows it down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from attrition.wording import count, day

from . import results
from .messages import warn
from .numbers import VALUES_PAGE

FOLD_NAME = ' aria-label="Toggle hidden content"'
DESIGNED = 'class="sd-'
GENERATED_TABLE = '<table class="room">'
TEMPLATES = Path(__file__).with_name("templates")
SCRIPTS = Path(__file__).with_name("scripts")


def use_templates(app: Sphinx, config) -> None:
    """Put the book's templates before the theme's; they leave out its icon font and widget scripts (1.6 MB)."""
    config.templates_path.insert(0, str(TEMPLATES))


def offer_scripts(app: Sphinx, config) -> None:
    """Let Sphinx copy the scripts of single pages; in the book's own folder they would be loaded on every page."""
    config.html_static_path.append(str(SCRIPTS))


def read_results(app: Sphinx) -> None:
    """Read the edition's results before any page is read.

    Raises
    ------
    SystemExit
        With one sentence, if they are missing or incomplete; jupyter-book would put a traceback around any other error.
    """
    try:
        app.attrition_results = results.load(Path(app.srcdir))
    except results.ResultsError as error:
        raise SystemExit(f"ERROR: {error}") from None


def check_values_page(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn where numbers would link to a page that the book does not have."""
    if VALUES_PAGE not in env.all_docs:
        message = (
            f"expected a page '{VALUES_PAGE}' in _toc.yml, where the numbers of all pages lead, found none: add it"
        )
        warn("value", None, message)


def page_context(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree) -> None:
    """Tell the templates which edition the page belongs to and which notebook it shows."""
    found = app.attrition_results
    context["edition_title"] = found.title
    context["edition_day"] = day(found.cutoff)
    if found.published:
        context["published_day"] = day(found.published["day"])
        context["moved"] = found.published["moved"]
        context["moved_numbers"] = count(found.published["moved"], "number").capitalize()
        context["added_since"] = pagename in found.published["added"]
        context["newest_title"] = found.published["newest"]
        context["newest_href"] = "../" * (pagename.count("/") + 2) + f"{pagename}.html"
    if "body" in context:  # the words on a fold are its name, also for those who hear it
        context["body"] = context["body"].replace(FOLD_NAME, "")
        if GENERATED_TABLE in context["body"]:
            app.add_js_file("tables.js", loading_method="defer", priority=950)
    if DESIGNED not in context.get("body", ""):
        for kind in ("css_files", "script_files"):
            files = context.get(kind, [])
            files[:] = [file for file in files if not _of_design(file)]  # in place: others may still add theirs
    context["notebook_source"] = context["sourcename"] if context.get("page_source_suffix") == ".ipynb" else ""


def _of_design(file: Any) -> bool:
    """Tell whether a style or script belongs to the grids and tabs of sphinx-design (60 kB), which few pages use."""
    return "design" in str(getattr(file, "filename", file))


def setup(app: Sphinx) -> None:
    """Connect to the build and add the book's style and script."""
    app.add_config_value("comments_config", {}, "")  # jupyter-book passes it on whether or not comments are loaded
    app.add_css_file("book.css", priority=900)
    app.add_js_file("book.js", loading_method="defer")
    app.connect("config-inited", use_templates, priority=900)
    app.connect("config-inited", offer_scripts, priority=900)
    app.connect("builder-inited", read_results)
    app.connect("env-check-consistency", check_values_page)
    app.connect("html-page-context", page_context)
