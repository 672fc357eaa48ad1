"""A finished figure: its words, its data and its image in two editions, carried inside the executed notebook.

Notebooks draw with the verbs of `axes` and `drawing`, all reachable from here, and end with `show`. The book takes
what `collect` finds and writes the files that `files` names; nobody draws twice. The same input gives the same bytes,
whatever the process. Nothing is computed here but the words of `alt`, and no file is read or written.
"""

import base64
import io
import json
import os
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pandas as pd

from attrition import wording
from attrition.figures.palette import COLOURS, POINT, WIDTH, FigureError, colour, darken

__all__ = ["COLOURS", "WIDTH", "FigureError", "alt", "collect", "colour", "files", "payload", "show"]

MIME = "application/vnd.attrition.figure+json"
SWITCH = "ATTRITION_FIGURES"  # an environment variable; "off" leaves figures out
ALT_WORDS = 60
SIGNIFICANT_DIGITS = 6  # of the fractions in a data file; whole numbers are exact
VERBS = {
    "attrition.figures.axes": [
        "canvas",
        "name_axes",
        "head",
        "log_axis",
        "thousands",
        "percents",
        "dates",
        "from_zero",
    ],
    "attrition.figures.drawing": [
        "line",
        "steps",
        "band",
        "bars",
        "dots",
        "level_line",
        "mark_days",
        "label_end",
        "label_at",
        "heatmap",
    ],
}


def __getattr__(name: str) -> Any:
    """Offer the drawing verbs here without loading the drawing library for those who only collect."""
    for module, verbs in VERBS.items():
        if name in verbs:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def show(fig, *, name: str, caption: str, source: str, alt: str, data: pd.DataFrame) -> None:
    """Publish a figure from its notebook: the PNG for a notebook reader, everything else for the book.

    Parameters are those of `payload`. The figure is closed; nothing is returned. Where the environment says
    ``ATTRITION_FIGURES=off``, because only the values of a chapter are wanted, it is closed and nothing else.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    if os.environ.get(SWITCH) == "off":
        plt.close(fig)
        return
    found = payload(fig, name=name, caption=caption, source=source, alt=alt, data=data)
    plt.close(fig)
    display({"image/png": found.pop("png"), MIME: found, "text/plain": alt}, raw=True)


def payload(fig, *, name: str, caption: str, source: str, alt: str, data: pd.DataFrame) -> dict[str, Any]:
    """Turn a drawn figure into what the book needs of it, the same bytes for the same input.

    Parameters
    ----------
    fig : Figure
        Drawn on a `canvas`.
    name : str
        Lower-case words joined by - or _: the name of its files, once in the whole book.
    caption : str
        What is shown (measure, unit, period) and what to see.
    source : str
        Who says it, with the cutoff.
    alt : str
        What the figure shows, in words, at most 60; `alt` computes it.
    data : DataFrame
        The numbers drawn, as they are offered for download; a named index becomes the first columns.

    Returns
    -------
    dict
        ``name, caption, source, alt, svg, svg_dark, csv`` (text), ``png`` (base64 text), ``width, height`` (pixels on
        the page), ``rows`` (of the data); where the figure also fits a narrow screen, ``svg_narrow, svg_narrow_dark``
        and ``narrow`` (their width and height).

    Raises
    ------
    FigureError
        If words or data are missing, or the drawing breaks a rule of the house: a title inside, an empty panel, axes
        without names, a silent log scale, bars that do not start at zero, a colour that is not in the table.
    """
    from attrition.figures import render

    _check_words(name=name, caption=caption, source=source, alt=alt)
    if not isinstance(data, pd.DataFrame) or data.empty:
        raise FigureError(f"Figure '{name}' needs the numbers behind it, but data is no filled DataFrame: pass one.")
    render.check(fig, name)
    svg, png = render.render(fig, name, alt)
    width, height = (round(float(inches) * 72 / POINT) for inches in fig.get_size_inches())
    small = render.render_narrow(fig, name, alt)
    words = {"name": name, "caption": caption, "source": source, "alt": alt}
    images = {"svg": svg, "svg_dark": darken(svg), "png": png, "width": width, "height": height}
    if small:
        images |= {"svg_narrow": small[0], "svg_narrow_dark": darken(small[0]), "narrow": [render.NARROW, small[1]]}
    return {**words, **images, "csv": csv_text(data), "rows": len(data)}


def collect(notebook: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Read the figures of an executed notebook (its parsed JSON) by name, in order, each as `payload` made it.

    Raises `FigureError` if two figures have one name.
    """
    outputs = (out for cell in notebook["cells"] for out in cell.get("outputs", ()))
    bundles = (out.get("data", {}) for out in outputs)
    found = {}
    for bundle in bundles:
        if MIME in bundle:
            figure = {**bundle[MIME], "png": _joined(bundle.get("image/png", ""))}
            if figure["name"] in found:
                raise FigureError(f"A figure has a name of its own, but {figure['name']!r} is shown twice: rename one.")
            found[figure["name"]] = figure
    return found


def files(figure: Mapping[str, Any]) -> dict[str, str | bytes]:
    """Return the files of a figure by the ending of their name: light and dark SVG, narrow ones, PNG if kept, CSV."""
    small = {".narrow.svg": "svg_narrow", ".narrow.dark.svg": "svg_narrow_dark"}
    found = {
        ".svg": figure["svg"],
        ".dark.svg": figure["svg_dark"],
        **{ending: figure[part] for ending, part in small.items() if part in figure},
        ".png": base64.b64decode(figure["png"]),
        ".csv": figure["csv"],
    }
    return {ending: content for ending, content in found.items() if content}


def without_pictures(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of an executed notebook without the PNG of its figures: a tenth of the size, the same pages."""
    copy = json.loads(json.dumps(notebook))
    for cell in copy["cells"]:
        for output in cell.get("outputs", ()):
            if MIME in output.get("data", {}):
                output["data"].pop("image/png", None)
    return copy


def csv_text(data: pd.DataFrame) -> str:
    r"""Write data as CSV that is the same on every machine: ISO dates, six digits of fractions, empty if missing.

    >>> csv_text(pd.DataFrame({"day": pd.to_datetime(["2026-05-01"]), "losses": [1364060.0], "share": [1 / 3]}))
    'day,losses,share\n2026-05-01,1364060,0.333333\n'
    """
    table = data if isinstance(data.index, pd.RangeIndex) and data.index.name is None else data.reset_index()
    text = io.StringIO(newline="")
    pd.DataFrame({column: table[column].map(_cell) for column in table}).to_csv(text, index=False, lineterminator="\n")
    return text.getvalue()


def alt(kind: str, data: pd.DataFrame | pd.Series, *, what: str, unit: str, note: str = "") -> str:
    """Describe a figure in words from the numbers it shows, for those who do not see it.

    Parameters
    ----------
    kind : str
        Kind of chart: "Line chart", "Bar chart".
    data : Series or DataFrame
        Numbers by day, category or number (the index); columns are named where there are several.
    what, unit : str
        What is shown and in which unit: "claimed personnel losses", "soldiers a week".
    note : str
        The one thing to notice, a sentence.

    Raises
    ------
    FigureError
        If nothing is known to describe, or the words are more than 60.

    Examples
    --------
    >>> held = pd.Series([2, 5], ["old", "new"])
    >>> alt("Bar chart", held, what="forts held", unit="count", note="The new ones stand.")
    'Bar chart of forts held (count), for two categories. Lowest 2 (old), highest 5 (new). The new ones stand.'
    """
    frame = (data.to_frame() if isinstance(data, pd.Series) else data).select_dtypes("number")
    known = frame.stack().dropna()
    if known.empty:
        raise FigureError(f"Words for {what!r} need a known number, but the data hold none: say so in the text.")
    absent = int(frame.isna().sum().sum())
    gaps = f"{wording.count(absent, 'value').capitalize()} not known." if absent else ""
    parts = (f"{kind} of {what} ({unit}), {_stretch(frame.index)}.", _extremes(known, frame.shape[1] > 1), gaps, note)
    return _short_enough(" ".join(part for part in parts if part), what)


def _extremes(known: pd.Series, several: bool) -> str:
    """Say the lowest and the highest of the numbers shown, and where they are."""
    low, high = (known.index[at] for at in (known.argmin(), known.argmax()))
    words = [f"{wording.number(known[at])} ({_place(at, several)})" for at in (low, high)]
    return f"Lowest {words[0]}, highest {words[1]}." if known[low] != known[high] else f"Always {words[0]}."


def _place(at: tuple, several: bool) -> str:
    """Name the row of a number, and its column where there are several."""
    *row, column = at
    words = [_entry(entry) for entry in row]
    return ", ".join([str(column), *words] if several else words)


def _entry(entry: Any) -> str:
    if isinstance(entry, pd.Timestamp | pd.Period):
        return (
            wording.day(entry) if isinstance(entry, pd.Timestamp) else wording.period(entry.start_time, entry.end_time)
        )
    return str(entry)


def _stretch(index: pd.Index) -> str:
    """Say which rows are shown: a period for days, the ends for numbers, the count for categories."""
    if isinstance(index, pd.PeriodIndex):
        return wording.period(index.min().start_time, index.max().end_time)
    if isinstance(index, pd.DatetimeIndex):
        return wording.period(index.min(), index.max())
    if pd.api.types.is_numeric_dtype(index):
        return f"{index.name or 'from'} {wording.span(index.min(), index.max())}"
    return f"for {wording.count(len(index), 'category', 'categories')}"


def _short_enough(words: str, what: str) -> str:
    found = len(words.split())
    if found > ALT_WORDS:
        raise FigureError(f"Words for {what!r} are at most {ALT_WORDS}, but {found} were found: shorten the note.")
    return words


def _check_words(**words: str) -> None:
    """Check name, caption, source and alternative text of a figure."""
    name, alt = words["name"], words["alt"]
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", name):
        raise FigureError(f"A figure's name is lower-case words joined by - or _, but found {name!r}: rename it.")
    for part, text in words.items():
        if not isinstance(text, str) or not text.strip():
            raise FigureError(f"Figure '{name}' needs words for its {part}, but found {text!r}: write them.")
    if " " not in alt.strip() or re.search(r"\.(svg|png|jpe?g|csv)$", alt.strip()):
        raise FigureError(f"Figure '{name}' needs words for those who do not see it, but found {alt!r}: describe it.")
    _short_enough(alt, name)


def _cell(value: Any) -> Any:
    """Write one value of a data file: dates without a time of day, fractions to six significant digits."""
    if wording.is_missing(value):
        return ""
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return value.date().isoformat()
    if isinstance(value, float):
        text = str(int(value)) if value.is_integer() else f"{value:.{_decimals(value)}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def _decimals(value: float) -> int:
    """Count the decimals that give a fraction its six significant digits, and a large one none."""
    return max(0, SIGNIFICANT_DIGITS - 1 - int(f"{value:e}".partition("e")[2]))


def _joined(text: str | list[str]) -> str:
    """Undo the splitting into lines that some writers of notebooks do."""
    return (text if isinstance(text, str) else "".join(text)).replace("\n", "")
