"""The results of a sweep as tables: values.csv, values.parquet and failures.csv, the same bytes for the same runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrition.parameters import ESTIMATED

RESULT = ("key", "value", "lower", "upper", "level", "unit", "text", "word")
OWN = {"run", "reason", *RESULT}


def tidy(columns: Sequence[str], runs: Iterable[tuple[int, Mapping, list[Mapping]]]) -> tuple[list[str], list[list]]:
    """One row a value: number of the run, its parameters, key, value with interval, unit, text.

    A value that is a word stands in `word`, so that `value` holds numbers only. A parameter that has the name of
    another column is called ``<name>_given``.

    Parameters
    ----------
    columns : sequence of str
        Parameters in the order of the sweep file.
    runs : iterable of (number, given, values)
        In order.
    """
    header = ["run", *renamed(columns), *RESULT]
    rows = []
    for number, given, values in runs:
        start = [number, *(given.get(name, "") for name in columns)]
        rows += [[*start, *_cells(one)] for one in values]
    return header, rows


def failed(columns: Sequence[str], runs: Iterable[tuple[int, Mapping, str]]) -> tuple[list[str], list[list]]:
    """One row a failed run: its number, its parameters, the reason."""
    rows = [[number, *(given.get(name, "") for name in columns), reason] for number, given, reason in runs]
    return ["run", *renamed(columns), "reason"], rows


def renamed(columns: Sequence[str]) -> list[str]:
    """Names of parameters as columns.

    >>> renamed(["recruits", "level"])
    ['recruits', 'level_given']
    """
    return [f"{name}_given" if name in OWN else name for name in columns]


def as_csv(header: list[str], rows: list[list], given: Sequence[str] = ()) -> str:
    r"""Write rows as CSV; numbers in the shortest form that reads back the same.

    >>> as_csv(["run", "x"], [[1, 0.1], [2, 3.0], [3, None]], given=["x"])
    'run,x\n1,0.1\n2,3\n3,estimated\n'
    """
    estimable = [name in given for name in header]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_text(cell, may) for cell, may in zip(row, estimable, strict=True)])
    return text.getvalue()


def as_parquet(header: list[str], rows: list[list]) -> bytes:
    """Write the same rows as parquet; a column is of numbers where all its cells are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    cells = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in header]
    arrays = [_array(name, column, pa) for name, column in zip(header, cells, strict=True)]
    target = io.BytesIO()
    pq.write_table(pa.table(dict(zip(header, arrays, strict=True))), target)
    return target.getvalue()


def _cells(one: Mapping[str, Any]) -> list:
    value = one["value"]
    word = value if isinstance(value, str) else ""
    ends = [one.get(name) for name in ("lower", "upper", "level")]
    return [one["key"], None if word or value == "" else value, *ends, one["unit"], one["text"], word]


def _text(cell: Any, estimable: bool) -> str:
    if cell is None:
        return ESTIMATED if estimable else ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def _array(name: str, cells: list, pa):
    if name in ("value", "lower", "upper", "level"):
        return pa.array(cells, pa.float64())
    known = [cell for cell in cells if cell is not None and cell != ""]
    if known and all(isinstance(cell, int) and not isinstance(cell, bool) for cell in known) and name not in RESULT:
        return pa.array([None if cell == "" else cell for cell in cells], pa.int64())
    if known and all(isinstance(cell, int | float) for cell in known) and name not in RESULT:
        return pa.array([None if cell in ("", None) else float(cell) for cell in cells], pa.float64())
    return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
