"""Named results: recorded in a notebook, read by the book, exported as JSON.

A value is a number (or a word) together with everything a reader needs to argue with it: its interval, what it
counts, up to which day, and from whose figures. Notebooks record values as cell outputs, so an executed notebook
carries its own results and nothing is written behind its back. This room does not model and does not draw.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from attrition import wording

if TYPE_CHECKING:
    import pandas as pd

MIME = "application/vnd.attrition.value+json"
RECEIPT_MIME = "application/vnd.attrition.receipt+json"
FORECAST_MIME = "application/vnd.attrition.forecast+json"
LOCKS = "../editions/"  # where the locks of editions lie, seen from the room
KEY = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")
SHARES = {"share": False, "open share": True}  # units told as percentages; an open one may lie below 0 and above 1


class ValueRecordError(ValueError):
    """A result that cannot be recorded or read back as it stands."""


@dataclass(frozen=True)
class Value:
    """One named result.

    Attributes
    ----------
    key : str
        Dotted lower-case name, for example ``losses.monthly``.
    value, lower, upper : float, str or None
        The result and its interval in `unit`; words (``"lower"``) have no interval.
    level : float or None
        Probability that the interval claims to hold, between 0 and 1.
    unit : str
        ``persons``, ``share``, ``ratio``, ``weeks``, ``date``, ``words``, …
    text, interval : str
        How the result and its interval read in a sentence.
    label, definition : str
        A short name, and one sentence that says what is counted.
    measure : str
        Row of the room's definitions, or an empty string for a derived result.
    as_of : str
        Last day of the data behind it, ISO.
    sources : tuple of str
        Ids of the speakers whose figures it rests on.
    """

    key: str
    value: float | str | None
    lower: float | None
    upper: float | None
    level: float | None
    unit: str
    text: str
    interval: str
    label: str
    definition: str
    measure: str
    as_of: str
    sources: tuple[str, ...]


def make(
    key: str,
    value: float | str,
    *,
    label: str,
    definition: str,
    unit: str,
    as_of: datetime.date | str,
    sources: Sequence[str],
    interval: tuple[float, float] | None = None,
    level: float | None = None,
    measure: str = "",
    text: str | None = None,
) -> Value:
    """Build one value, checked and put into words.

    Parameters
    ----------
    interval : (float, float), optional
        Lower and upper end in `unit`; needs `level`.
    text : str, optional
        How the value reads; by default `wording` decides from unit and interval.

    Raises
    ------
    ValueRecordError
        If the key is malformed, the number is not finite, the interval is reversed, lacks its level or does not
        hold the value, or no source is named.
    """
    number = value if isinstance(value, str) else float(value)
    lower, upper = interval if interval is not None else (None, None)
    _check(key, number, lower, upper, level, sources)
    bounds = (None, None) if lower is None else (float(lower), float(upper))
    return Value(
        key=key,
        value=number,
        lower=bounds[0],
        upper=bounds[1],
        level=level,
        unit=unit,
        text=text if text is not None else phrase(number, unit, *bounds),
        interval=interval_phrase(unit, *bounds),
        label=label,
        definition=definition,
        measure=measure,
        as_of=str(as_of)[:10],
        sources=tuple(sources),
    )


def record(key: str, value: float | str, **details) -> Value:
    """Record one result of a notebook: `make` it and leave it in the cell's output.

    Takes the arguments of `make`. The output shows as one line in JupyterLab and is removed from pages, which read
    it back through the ``value`` role.
    """
    from IPython.display import display

    result = make(key, value, **details)
    line = f"{result.key}: {result.text}" + (f" ({result.interval})" if result.interval else "")
    display({MIME: asdict(result), "text/plain": line}, raw=True)
    return result


def foresee(name: str, quantiles: pd.DataFrame, *, measure: str, side: str, source: str, origin) -> None:
    """Leave a forecast in the notebook, to be frozen with the edition and scored when its days have come.

    Parameters
    ----------
    name : str
        Key of the forecast, as keys of values are written.
    quantiles : DataFrame
        `target` (day), `level` (0 to 1), `lower, median, upper`: by how much the total will have grown by that day.
    measure, side, source : str
        Whose running total is forecast: what `Room.readings` takes.
    origin : date
        Last day known to the forecaster; growth counts from its total.

    Raises
    ------
    ValueRecordError
        If the name is malformed, a column is missing, or an interval is reversed or misses its median.
    """
    from IPython.display import display

    rows = _forecast_rows(name, quantiles)
    told = {"name": name, "measure": measure, "side": side, "source": source, "origin": str(origin)[:10], "rows": rows}
    display({FORECAST_MIME: told, "text/plain": f"{name}: a forecast of {len(rows)} intervals, kept."}, raw=True)


def forecasts(notebook: Mapping) -> list[dict]:
    """Read the forecasts back from an executed notebook (the parsed JSON)."""
    outputs = (out.get("data", {}) for cell in notebook["cells"] for out in cell.get("outputs", ()))
    return [data[FORECAST_MIME] for data in outputs if FORECAST_MIME in data]


def receipt(room) -> None:
    """Close a chapter: show which files of the room it read, and leave that list in the notebook.

    Parameters
    ----------
    room : attrition.room.Room
        Its `opened` names, and what it has `seen` at its cutoff.
    """
    from IPython.display import display

    files = sorted(room.opened)
    links = "Data read by this chapter: " + ", ".join(map(_file_link, files)) + "."
    told = {"opened": files, "seen": room.seen()}
    display({RECEIPT_MIME: told, "text/plain": links, "text/markdown": links}, raw=True)


def phrase(value: float | str, unit: str, lower: float | None = None, upper: float | None = None) -> str:
    """Say a value in words: shares as percent, ratios with one decimal, other numbers by `wording.estimate`.

    >>> phrase(0.724, "share"), phrase(-0.12, "open share")
    ('72 %', '−12 %')
    >>> phrase("lower", "words")
    'lower'
    """
    if isinstance(value, str):
        return wording.day(value) if unit == "date" else value
    if unit in SHARES:
        return wording.percent(value, beyond=SHARES[unit])
    return wording.estimate(value, lower, upper)


def interval_phrase(unit: str, lower: float | None, upper: float | None) -> str:
    """Say an interval in words, or nothing where there is none.

    >>> interval_phrase("share", 0.1, 0.3)
    '10 to 30 %'
    >>> interval_phrase("persons", None, None)
    ''
    """
    if lower is None or upper is None:
        return ""
    if unit in SHARES:
        return wording.percent_interval(lower, upper, beyond=SHARES[unit])
    return wording.interval(lower, upper)


def spoken(value: Value, form: str = "text") -> str:
    """Say a value as the ``value`` role does: its text, interval, range (text with interval) or label.

    Raises
    ------
    ValueRecordError
        For a form that the role does not know.
    """
    if form == "range":
        level = f"{wording.percent(value.level)} interval " if value.interval else ""
        return f"{value.text} ({level}{value.interval})" if value.interval else value.text
    if form not in ("text", "interval", "label"):
        raise ValueRecordError(f"Expected text, interval, range or label of '{value.key}', found '{form}'.")
    return getattr(value, form)


def collect(notebook: Mapping) -> dict[str, Value]:
    """Read the values back from an executed notebook (the parsed JSON).

    Raises
    ------
    ValueRecordError
        If one key is recorded twice.
    """
    found: dict[str, Value] = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {}).get(MIME)
            if data is None:
                continue
            if data["key"] in found:
                raise ValueRecordError(
                    f"Expected each value once, found '{data['key']}' recorded twice in one notebook: rename one."
                )
            found[data["key"]] = Value(**{**data, "sources": tuple(data["sources"])})
    return found


def document(head: Mapping, chapters: Iterable[tuple[str, str, Mapping[str, Value]]]) -> dict:
    """Join the values of all chapters into what `values.json` holds.

    Parameters
    ----------
    head : mapping
        ``edition``, ``title`` and ``cutoff``.
    chapters : iterable of (notebook, inputs_sha256, values)
        One entry a chapter; the hash covers what the chapter was computed from.

    Raises
    ------
    ValueRecordError
        If two chapters record the same key.
    """
    rows: dict[str, dict] = {}
    hashes = []
    for notebook, inputs_sha256, found in chapters:
        hashes.append(inputs_sha256)
        for key, value in found.items():
            if key in rows:
                raise ValueRecordError(
                    f"Expected each value in one chapter, found '{key}' in {rows[key]['notebook']} and {notebook}:"
                    " rename one."
                )
            rows[key] = {
                **asdict(value),
                "sources": list(value.sources),
                "notebook": notebook,
                "inputs_sha256": inputs_sha256,
            }
    generated_from = hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()
    return {**head, "generated_from": generated_from, "values": dict(sorted(rows.items()))}


def to_json(doc: Mapping) -> str:
    """Write a document as JSON text, the same bytes for the same content."""
    return json.dumps(doc, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _forecast_rows(name: str, quantiles) -> list[list]:
    columns = ["target", "level", "lower", "median", "upper"]
    if not KEY.match(name) or not set(columns) <= set(quantiles.columns):
        raise ValueRecordError(
            f"Expected a forecast with a name such as 'losses.weekly' and columns {', '.join(columns)}, found '{name}' "
            f"with {', '.join(map(str, quantiles.columns))}: name it and them."
        )
    rows = []
    for row in quantiles[columns].itertuples(index=False):
        if not (0 < row.level < 1 and row.lower <= row.median <= row.upper):
            raise ValueRecordError(
                f"Expected intervals of '{name}' that hold their median, found {row.lower} to {row.upper} around "
                f"{row.median} at level {row.level} for {row.target}: sort the ends."
            )
        rows.append([str(row.target)[:10], float(row.level), *(round(float(end), 3) for end in row[2:])])
    return rows


def _file_link(name: str) -> str:
    """Link to a file of the room as the site publishes it; the lock of an edition lies beside its pages."""
    if name.startswith(LOCKS):
        edition = name.removeprefix(LOCKS).removesuffix(".lock.json")
        return f"[`editions/{edition}`](../editions/{edition}/lock.json)"
    return f"[`{name}`](../data/{name})"


def _check(key, value, lower, upper, level, sources) -> None:
    """Refuse what a reader could not argue with."""
    if not KEY.match(key):
        raise ValueRecordError(f"Expected a key such as 'losses.monthly', found '{key}': use lower case and dots.")
    if not sources:
        raise ValueRecordError(f"Expected at least one source for '{key}', found none: name whose figures it rests on.")
    if isinstance(value, str):
        return
    if not math.isfinite(value):
        raise ValueRecordError(
            f"Expected a finite number for '{key}', found {value}: say 'not defined' in words instead."
        )
    if lower is None:
        return
    if level is None or not 0 < level < 1:
        raise ValueRecordError(f"Expected a level between 0 and 1 for the interval of '{key}', found {level}.")
    if not lower <= value <= upper:
        raise ValueRecordError(
            f"Expected the interval of '{key}' to hold its value, found {value} outside {lower} to {upper}."
        )
