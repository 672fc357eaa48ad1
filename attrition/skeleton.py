"""A new chapter that works at once: a notebook, its test, and its place in the table of contents.

The skeleton reads one series of the data room, records its latest figure, draws it and leaves a receipt; everything a
chapter must have is there, to be replaced piece by piece. This room writes files; it does not run them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Template
from typing import Any

from attrition.files import write_atomically
from attrition.parameters import unknown

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 40
CELLS = (
    (
        "title",
        """\
($label)=
# What do the figures say about $words?

```{admonition} The answer
:class: answer

{value}`$name.sentence`
```

This chapter is a skeleton that works. Replace the question above, the answer and this paragraph: what is asked, why it
matters, and whose figures it rests on.
""",
    ),
    ("parameters", 'cutoff: str = "$cutoff"  # last day of data used; every later row is hidden'),
    (
        "room",
        """\
from attrition import figures, values, wording
from attrition.room import open_room

room = open_room(cutoff=cutoff)
figure = room.series("$series")["$column"].dropna()
measure = room.definition("$measure")
unit = measure.unit.replace("_", " ")
speaker, role = room.sources().loc["$source", ["name", "role"]]
last = figure.index[-1]
basis = {"sources": ["$source"], "as_of": last}""",
    ),
    (
        "latest",
        """\
what = {"label": "Latest figure", "definition": measure.what, "measure": measure.measure}
latest = values.record("$name.latest", figure.iloc[-1], unit=measure.unit, **what, **basis)
said = f"On {wording.day(last)} the figure stood at {latest.text} {unit}, as given by {speaker}."
words = {"unit": "words", "label": "The answer", "definition": "Sentence computed from the latest figure."}
values.record("$name.sentence", said, **words, **basis);""",
    ),
    (
        "figure-note",
        """\
($label-figure)=
## The figure over time

Say first what the picture shows and what to look for, then read it.
""",
    ),
    (
        "figure",
        """\
fig, ax = figures.canvas(height=330)
figures.line(ax, figure.index, figure, meaning="claimed" if role.startswith("party") else "documented")
figures.dates(ax)
figures.name_axes(ax, y=f"$axis ({unit})")
caption = f"{measure.what} By {speaker}."
source = f"{speaker}, figures to {wording.day(last)}."
alt = figures.alt("Line chart", figure, what="$axis", unit=unit)
figures.show(fig, name="$name", caption=caption, source=source, alt=alt, data=figure.to_frame())""",
    ),
    (
        "limits",
        """\
The latest figure is {value}`$name.latest`. A sentence after each picture says what was seen, and how far it can be
trusted.

## What this does not show

- **Whether the figure is right.** It is quoted as its speaker gives it.
- **Why it moved.** One series says nothing about causes.

How each step works: [methods](/methods.md). What is counted: [definitions](/definitions.md). All tables:
[data](/data.md).
""",
    ),
    ("receipt", "values.receipt(room)"),
)
TEST = '''\
"""The chapter $name: its numbers are those of the data room, today and at an earlier cutoff."""

import csv
import json
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "$name.ipynb"


def chapter(**given):
    """Run the cells of the chapter in one namespace; return it."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    space = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), space)
            if "parameters" in cell["metadata"].get("tags", ()):
                space.update(given)
    return space


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.setitem(os.environ, "ATTRITION_ROOM", str(ROOT / "data"))


def column():
    """The figures as they stand in the file: the rows that are known."""
    with (ROOT / "data" / "$path").open(encoding="utf-8", newline="") as file:
        return [float(row["$column"]) for row in csv.DictReader(file) if row["$column"]]


def test_the_latest_figure_is_the_last_row():
    assert chapter()["latest"].value == pytest.approx(column()[-1])


def test_an_earlier_cutoff_hides_what_came_later():
    known = chapter()["figure"]
    half = known.index[len(known) // 2]
    found = chapter(cutoff=f"{half:%Y-%m-%d}")
    assert found["latest"].value == pytest.approx(column()[len(known) // 2])
    assert len(found["figure"]) == len(known) // 2 + 1
'''


class SkeletonError(ValueError):
    """A chapter that cannot be begun as asked."""


def begin(name: str, root: Path, room: Path, series: str | None = None) -> list[Path]:
    """Write a chapter's notebook and test, and add it to `_toc.yml`, or leave everything as it was.

    Parameters
    ----------
    name : str
        Small letters, digits and single underscores: the notebook's file name, and the start of its values' keys.
    root, room : Path
        The project; the data room whose contract is read.
    series : str, optional
        Name of the series to begin with; by default the first that will do.

    Returns
    -------
    list of Path
        The notebook, the test and the table of contents.

    Raises
    ------
    SkeletonError
        If the name is no plain name or taken, or the room has no such series.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        raise SkeletonError(
            f"Expected a name of small letters, digits and single underscores, at most {LONGEST} long, found '{name}':"
            " write one such as drone_strikes."
        )
    notebook, test = root / "notebooks" / f"{name}.ipynb", root / "tests" / f"test_{name}_chapter.py"
    taken = next((path for path in (notebook, test) if path.exists()), None)
    if taken:
        raise SkeletonError(f"Expected a free name, found {taken.relative_to(root)}: choose another than '{name}'.")
    toc = root / "_toc.yml"
    listed = _listed(toc.read_text(encoding="utf-8"), name)
    words = _words(name, room, series)
    written = {notebook: _notebook(words), test: Template(TEST).substitute(words), toc: listed}
    try:
        for path, text in written.items():
            write_atomically(path, text)
    except BaseException:
        for path in (notebook, test):
            path.unlink(missing_ok=True)
        raise
    return list(written)


def _words(name: str, room: Path, series: str | None) -> dict[str, str]:
    """What the templates leave open."""
    contract = json.loads((room / "datapackage.json").read_text(encoding="utf-8"))
    told = {one["name"].removeprefix("series/"): found for one in contract["resources"] if (found := _column(one))}
    if series is not None and series.removeprefix("series/") not in told:
        raise SkeletonError(unknown("series with one row a date and a measured column", series, told))
    if not told:
        raise SkeletonError(
            f"Expected a series with one row a date and a measured column in {room / 'datapackage.json'}, found none:"
            " describe one there."
        )
    chosen = told[series.removeprefix("series/")] if series else next(iter(told.values()))
    plain = name.replace("_", " ")
    return {**chosen, "name": name, "label": name.replace("_", "-"), "words": plain, "cutoff": contract["war"]["as_of"]}


def _column(resource: dict[str, Any]) -> dict[str, str] | None:
    """Name the first column of a series that holds figures of a measure by a speaker; None if it has none."""
    schema = resource.get("schema")
    if not resource["name"].startswith("series/") or not isinstance(schema, dict):
        return None
    key = schema.get("primaryKey")
    if key not in (resource.get("dateField"), [resource.get("dateField")]):
        return None
    for field in schema["fields"]:
        source = field.get("source", resource.get("source"))
        if field["type"] in ("integer", "number") and field.get("measure") and source and "knownFrom" not in field:
            return {
                "series": resource["name"].removeprefix("series/"),
                "path": resource["path"],
                "column": field["name"],
                "measure": field["measure"],
                "source": source,
                "axis": field["name"].replace("_", " ").lower(),
            }
    return None


def _notebook(words: dict[str, str]) -> str:
    cells = [_cell(ident, Template(text).substitute(words).rstrip("\n")) for ident, text in CELLS]
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _cell(ident: str, text: str) -> dict[str, Any]:
    source = text.splitlines(keepends=True)
    if ident in ("title", "figure-note", "limits"):
        return {"cell_type": "markdown", "id": ident, "metadata": {}, "source": source}
    tags = {"tags": ["parameters"]} if ident == "parameters" else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": ident,
        "metadata": tags,
        "outputs": [],
        "source": source,
    }


def _listed(toc: str, name: str) -> str:
    r"""Add a chapter after the last of the first part that holds chapters; comments and order stay.

    >>> print(_listed("chapters:\n  - file: notebooks/a\n  - file: book/b\n", "new"))
    chapters:
      - file: notebooks/a
      - file: notebooks/new
      - file: book/b
    <BLANKLINE>
    """
    lines = toc.splitlines(keepends=True)
    last = None
    for number, line in enumerate(lines):
        if line.strip().startswith("- file: notebooks/"):
            last = number
        elif "caption:" in line and last is not None:
            break
    if last is None:
        raise SkeletonError("Expected a line '- file: notebooks/...' in _toc.yml, found none: add the first by hand.")
    indent = lines[last][: lines[last].index("-")]
    return "".join([*lines[: last + 1], f"{indent}- file: notebooks/{name}\n", *lines[last + 1 :]])
