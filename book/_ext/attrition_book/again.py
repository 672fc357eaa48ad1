"""How a chapter is run again, at its end; and, in the chapter that draws the balance, the reader's own numbers.

Both are cells put into an executed notebook while Sphinx reads it; the notebook itself stays as it ran.
"""

from __future__ import annotations

import ast
import json
import shlex
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from sphinx.application import Sphinx

from . import launch
from .whatif import PAGE

BALANCE = "balance."  # a chapter that records values of this name gets the reader's own numbers
BEFORE_NOTEBOOKS = 400  # `notebooks` folds code and shows outputs of what is then there
ALWAYS = ("cutoff",)
RUN_AGAIN = """## Run this chapter again

As it ran for this page:

```sh
{command}
```

`python -m attrition parameters {name}` lists what can be set and how far; another `-p name=value` sets it. Or take the
<a href="{root}_sources/{docname}.ipynb" download>notebook as it ran</a> and change it by hand.
"""
SET_UP = "[Run it again](/rerun.md) says how to set up.\n"


def source_read(app: Sphinx, docname: str, source: list[str]) -> None:
    """Add the cells to a notebook that ran."""
    if not str(app.env.doc2path(docname)).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    cells, name = notebook["cells"], PurePosixPath(docname).name
    values = app.attrition_results.values
    here = any(row["notebook"] == f"{docname}.ipynb" for key, row in values.items() if key.startswith(BALANCE))
    if here and PAGE in app.env.found_docs:
        cells.insert(1, _markdown("own-assumptions", "```{own-assumptions}\n```\n"))
    if _tagged(cells, "injected-parameters"):
        text = RUN_AGAIN.format(
            command=command(name, cells), name=name, docname=docname, root="../" * docname.count("/")
        )
        cells.append(_markdown("run-again", f"{text}\n{launch.buttons(app, docname)}\n"))
    source[0] = json.dumps(notebook)


def command(name: str, cells: list[Mapping[str, Any]]) -> str:
    """Return the command that runs a chapter as it ran: its cutoff, and what was set otherwise than in the notebook.

    >>> parameters = {"metadata": {"tags": ["parameters"]}, "source": "cutoff: str = '2026-05-31'; seed: int = 1"}
    >>> injected = {"metadata": {"tags": ["injected-parameters"]}, "source": "cutoff = '2026-05-31'; seed = 2"}
    >>> command("trends", [parameters, injected])
    '.venv/bin/python -m attrition run trends -p cutoff=2026-05-31 -p seed=2'
    """
    declared = _assigned(_tagged(cells, "parameters"))
    given = _assigned(_tagged(cells, "injected-parameters"))
    told = {key: value for key, value in given.items() if key in ALWAYS or value != declared.get(key)}
    words = [f"-p {key}={shlex.quote('estimated' if value is None else str(value))}" for key, value in told.items()]
    return " ".join([f".venv/bin/python -m attrition run {name}", *words])


def _tagged(cells: list[Mapping[str, Any]], tag: str) -> str:
    """Return the source of the last cell with a tag, or nothing."""
    found = ["".join(cell["source"]) for cell in cells if tag in cell["metadata"].get("tags", ())]
    return found[-1] if found else ""


def _assigned(source: str) -> dict[str, Any]:
    """Return names and plain values that a cell assigns."""
    found = {}
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and node.value is not None:
            found[target.id] = ast.literal_eval(node.value)
    return found


def _markdown(ident: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": ident, "metadata": {}, "source": text}


def setup(app: Sphinx) -> None:
    """Connect to the reading of pages, before notebooks are rewritten for readers."""
    app.connect("source-read", source_read, priority=BEFORE_NOTEBOOKS)
