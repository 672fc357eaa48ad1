"""Executed notebooks as pages: what readers see of cells and of recorded results.

Works on the notebook's text while Sphinx reads it, so no rewritten copies lie about. This room runs nothing.
"""

from __future__ import annotations

import json
import posixpath
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from . import figures

PREFIX = "application/vnd.attrition."
FIGURE_MIME = f"{PREFIX}figure+json"
RECORDS = (f"{PREFIX}value+json", f"{PREFIX}forecast+json")
BESIDE = ("editions/", "../../data/", "../../editions/")  # what lies with the newest edition, seen from any edition
RETURNED = "Value(key="  # what a cell shows that ends with the recording of a value
PARAMETER_PROMPTS = {"code_prompt_show": "Show the parameters", "code_prompt_hide": "Hide the parameters"}


def source_read(app: Sphinx, docname: str, source: list[str]) -> None:
    """Rewrite a notebook on its way into Sphinx: fold code, place figures, take recorded values out."""
    if not str(app.env.doc2path(docname)).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            tags = cell["metadata"].get("tags", [])
            cell["metadata"]["tags"] = fold(tags)
            if "parameters" in tags:
                cell["metadata"]["mystnb"] = PARAMETER_PROMPTS | cell["metadata"].get("mystnb", {})
            cell["outputs"] = [shown for output in cell["outputs"] if (shown := show(app, docname, output))]
    notebook["cells"] = gather(notebook["cells"])
    source[0] = json.dumps(notebook)


def gather(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    r"""Join folded code cells that stand in a row and show nothing in between: one fold for a reader, not a dozen.

    >>> folded = {"cell_type": "code", "metadata": {"tags": ["hide-input"]}, "outputs": []}
    >>> [cell["source"] for cell in gather([{**folded, "source": "a = 1"}, {**folded, "source": "b = 2"}])]
    ['a = 1\n\nb = 2']
    """
    gathered: list[dict[str, Any]] = []
    for cell in cells:
        before = gathered[-1] if gathered else None
        if before and _is_folded(before) and _is_folded(cell) and not before["outputs"]:
            code = "\n\n".join("".join(part["source"]) for part in (before, cell))
            gathered[-1] = {**cell, "source": code}
        else:
            gathered.append(cell)
    return gathered


def _is_folded(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] == "code" and cell["metadata"].get("tags") == ["hide-input"]


def fold(tags: list[str]) -> list[str]:
    """Return a cell's tags with what a reader should see: code folded unless it is the point.

    >>> fold([]), fold(["show-input"]), fold(["injected-parameters"])
    (['hide-input'], ['show-input'], ['injected-parameters', 'remove-cell'])
    """
    if "injected-parameters" in tags:
        return [*tags, "remove-cell"]
    said = {"show-input", "hide-input", "remove-input", "hide-cell", "remove-cell"}
    return list(tags) if said & set(tags) else [*tags, "hide-input"]


def show(app: Sphinx, docname: str, output: dict[str, Any]) -> dict[str, Any] | None:
    """Return an output as the page shows it, or nothing where it is only a record."""
    data = output.get("data", {})
    if any(mime in data for mime in RECORDS):
        return None
    if FIGURE_MIME in data:
        html = figures.in_chapter(app, docname, data[FIGURE_MIME])
        return {"output_type": "display_data", "metadata": {}, "data": {"text/html": html}}
    if "".join(data.get("text/plain", "")).startswith(RETURNED):
        return None
    for mime in [mime for mime in data if mime.startswith(PREFIX)]:
        del data[mime]
    return output if data or output["output_type"] not in ("display_data", "execute_result") else None


def link_files(app: Sphinx, doctree: nodes.document) -> None:
    """Let plain links lead to files that the site carries at its root, such as ``data/series/x.csv``."""
    docname = app.env.docname
    for link in list(doctree.findall(addnodes.pending_xref)):
        if link.get("reftype") != "myst" or link.get("refdomain"):
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(docname), link["reftarget"]))
        if (app.attrition_results.extra / path).is_file() or path.startswith(BESIDE):
            link.replace_self(nodes.reference("", "", *link.children, refuri=link["reftarget"], internal=True))


def setup(app: Sphinx) -> None:
    """Connect to the reading of pages."""
    app.connect("source-read", source_read)
    app.connect("doctree-read", link_files)
