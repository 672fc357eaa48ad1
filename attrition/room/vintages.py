"""What was known when: the log of changes of a series, and a series as it stood on an earlier day.

A table of the room that says `vintagesOf` is the log of a series: one row for each row that was added (`field` empty)
and for each cell that was changed later, with the value before and after and the day from which it holds. The series
itself holds the newest values, so an earlier state is had by undoing the log from its end. What stands in a series and
in no log was there when the log began; a series that says `acceptedFrom` was taken in on that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from attrition.room.contract import Table

VINTAGES = "vintages/"
COLUMNS = ["known_from", "key", "field", "was", "value"]


def log_of(tables: Mapping[str, Table], name: str) -> Table | None:
    """The log of a series, or None where it has none."""
    return next((table for table in tables.values() if table.says("vintagesOf") == name), None)


def keys(cells: pd.DataFrame, table: Table) -> pd.Series:
    """The primary key of each row as text, several cells separated by semicolons."""
    joined = cells[table.key].agg(";".join, axis=1) if len(table.key) > 1 else cells[table.key[0]]
    return joined.rename("key")


def undo(cells: pd.DataFrame, table: Table, log: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """A series as it stood at the end of a day.

    Parameters
    ----------
    cells, log : DataFrame
        The series and its log as text; neither is changed.
    day
        Changes known from a later day are undone.
    """
    later = log[log["known_from"] > f"{day:%Y-%m-%d}"]
    added = set(later.loc[later["field"] == "", "key"])
    kept = cells[~keys(cells, table).isin(added)].copy()
    rows = pd.Series(kept.index, index=keys(kept, table))
    for one in later[::-1].itertuples():
        if one.field and one.key in rows.index and one.field in kept:
            kept.at[rows[one.key], one.field] = one.was
    return kept.reset_index(drop=True)


def faults(cells: pd.DataFrame, table: Table, log: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Rows of a log that do not fit the series, as pairs of the log's index and a sentence.

    Parameters
    ----------
    cells, log : DataFrame
        The series as it stands in its file and its log, as text.
    """
    rows = {key: row for row, key in enumerate(keys(cells, table))}
    columns = {name: cells[name].tolist() for name in cells}
    newest = {(one.key, one.field): one.Index for one in log.itertuples()}
    for one in log.itertuples():
        if one.key not in rows:
            yield one.Index, f"expected the row '{one.key}' in {table.path}, found none: a logged row is never removed."
        elif one.field and one.field not in columns:
            yield one.Index, f"expected a column of {table.path}, found '{one.field}': correct the log."
        elif one.field and newest[one.key, one.field] == one.Index:
            found = columns[one.field][rows[one.key]]
            if found != one.value:
                yield (
                    one.Index,
                    f"expected '{one.value}' in {table.path}, row '{one.key}', column '{one.field}', found '{found}': "
                    "wrong values are corrected in corrections.csv, not in the series.",
                )
