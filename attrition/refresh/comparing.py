"""What arrived against what was accepted: merged, measured, bounded.

Tables here are text, as in the room's files. Accepted rows are never dropped; a cell is changed only within the limits
that the source's description sets, and every change becomes a row of the series' log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from attrition.refresh.results import Result, told
from attrition.room.contract import Table
from attrition.room.tables import days, numbers
from attrition.room.vintages import keys
from attrition.sources.manifest import Limits, Target

NUMBERS = ("number", "integer")


@dataclass(frozen=True)
class Change:
    """A table as it is to be written.

    Attributes
    ----------
    cells
        All of it, as text.
    added
        Keys of new rows.
    restated
        Changed cells: `key, field, was, value`.
    """

    table: Table
    cells: pd.DataFrame
    added: list[str] = field(default_factory=list)
    restated: list[tuple[str, str, str, str]] = field(default_factory=list)
    is_new: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.restated or self.is_new)

    @property
    def newest(self) -> pd.Timestamp:
        """Last day of the table."""
        name = self.table.says("dateField")
        return days(self.cells[name], self.table.fields[name]["type"]).max()


def merge(held: pd.DataFrame | None, offered: pd.DataFrame, table: Table, target: Target) -> Change:
    """Put what arrived over what is held; a cell spelt otherwise but of the same value stays as it is.

    Parameters
    ----------
    held
        The series in its file, or None for a room without it.
    offered
        What arrived, with all or some of its columns.
    """
    names = list(table.fields)
    if held is None:
        cells = offered.reindex(columns=names, fill_value="")
        return Change(table, cells, is_new=True)
    mine, theirs = held.set_index(keys(held, table)), offered.set_index(keys(offered, table))
    added = theirs.index.difference(mine.index)
    restated = [] if target.keep == "extended" else list(_changed(mine, theirs, table))
    cells = pd.concat([mine, theirs.loc[added].reindex(columns=names, fill_value="")])
    for key, name, _, value in restated:
        cells.at[key, name] = value
    order = list(dict.fromkeys([table.says("dateField"), *table.key]))
    cells = cells.sort_values(order, kind="stable").reset_index(drop=True) if len(added) else cells
    return Change(table, cells.reset_index(drop=True)[names], sorted(added), restated)


def _changed(mine: pd.DataFrame, theirs: pd.DataFrame, table: Table) -> Iterator[tuple[str, str, str, str]]:
    """Cells of rows in both that differ in value: key, column, mine, theirs."""
    both = mine.index.intersection(theirs.index)
    names = [name for name in theirs if name not in table.key]
    was, now = (frame.loc[both, names].to_numpy(dtype=object) for frame in (mine, theirs))
    for row, column in np.argwhere(was != now):
        name, old, new = names[column], was[row, column], now[row, column]
        if not (table.fields[name]["type"] in NUMBERS and old and new and float(old) == float(new)):
            yield both[row], name, old, new


def judge(name: str, held: pd.DataFrame | None, offered: pd.DataFrame, change: Change, limits: Limits, today: date):
    """Measure what arrived and say what is out of bounds.

    Returns
    -------
    list of Result
        Future days, missing rows, revisions and steps, each with its limit.
    """
    results = [*_future(name, offered, change.table, today)]
    if held is None:
        return [*results, told(name, f"{len(offered)} rows, a series that the room did not hold.")]
    results += [
        _missing(name, held, offered, change.table, limits),
        *_revised(name, held, offered, change.table, limits),
    ]
    return [*results, *_steps(name, change, limits)]


def _future(name: str, offered: pd.DataFrame, table: Table, today: date) -> Iterator[Result]:
    column = table.says("dateField")
    late = offered.loc[offered[column] > f"{today:%Y-%m-%d}", column]
    if len(late):
        note = f"expected days up to {today}, found {late.max()}: the publisher has a wrong date or ours is wrong."
        yield Result(name, False, True, note)


def _missing(name: str, held: pd.DataFrame, offered: pd.DataFrame, table: Table, limits: Limits) -> Result:
    """Rows held that lie between the first and last row that arrived and are not among them; they stay."""
    column = table.says("dateField")
    inside = held[column].between(offered[column].min(), offered[column].max())
    gone = sorted(set(keys(held[inside], table)) - set(keys(offered, table)))
    note = f"{len(gone)} of {inside.sum()} accepted rows missing (missing_max {limits.missing_max}); they stay"
    note += f", the first is {gone[0]}." if gone else "."
    return Result(f"{name}, missing", len(gone) <= limits.missing_max, True, note)


def _revised(name: str, held: pd.DataFrame, offered: pd.DataFrame, table: Table, limits: Limits) -> Iterator[Result]:
    """Cells held that arrive with another value: their share, and the largest change where it is bounded."""
    mine, theirs = held.set_index(keys(held, table)), offered.set_index(keys(offered, table))
    settled = mine.iloc[: len(mine) - limits.open_rows]
    changed = [one for one in _changed(settled, theirs, table) if one[2]]
    cells = len(settled.index.intersection(theirs.index)) * max(theirs.shape[1] - len(table.key), 1)
    share = len(changed) / cells if cells else 0.0
    note = f"{len(changed)} of {cells} accepted cells arrived with another value (revised_share_max"
    yield Result(f"{name}, revised", share <= limits.revised_share_max, True, f"{note} {limits.revised_share_max:g}).")
    beyond = [one for one in changed if table.fields[one[1]]["type"] in NUMBERS and _beyond(one[2], one[3], limits)]
    if beyond:
        key, column, was, now = beyond[0]
        note = (
            f"{len(beyond)} revisions are larger than revised_change_max {limits.revised_change_max:g}, first that of "
            f"{column} on {key} from {was} to {now or 'nothing'}: ask the publisher, then widen the limit or correct."
        )
        yield Result(f"{name}, revised", False, True, note)


def _beyond(was: str, now: str, limits: Limits) -> bool:
    old, new = float(was), float(now or 0)
    return abs(new - old) > max(limits.revised_slack, limits.revised_change_max * abs(old))


def _steps(name: str, change: Change, limits: Limits) -> Iterator[Result]:
    """New rows against the row before, for each column and each kind of row where a day has several."""
    table, column = change.table, change.table.says("dateField")
    if not change.added:
        return
    frame = change.cells.assign(_day=days(change.cells[column], table.fields[column]["type"]))
    frame["_new"] = keys(change.cells, table).isin(change.added)
    kinds = [one for one in table.key if one != column]
    for _, group in frame.groupby(kinds) if kinds else [("", frame)]:
        for field_name, described in table.fields.items():
            if described["type"] in NUMBERS:
                yield from _step(name, field_name, group, limits)


def _step(name: str, column: str, group: pd.DataFrame, limits: Limits) -> Iterator[Result]:
    value = numbers(group[column])
    known = group[value.notna()].assign(_value=value.dropna())
    before, passed = known["_value"].shift(), known["_day"].diff().dt.days
    bound = (limits.step_max * passed.clip(lower=1) * before.abs()).clip(lower=limits.step_slack)
    wrong = known["_new"] & ((known["_value"] - before).abs() > bound)
    if wrong.any():
        place = wrong.idxmax()
        row = known.loc[place]
        note = (
            f"expected {column} on {row['_day']:%Y-%m-%d} within {bound[place]:,.1f} of {before[place]:,.1f}, found "
            f"{row['_value']:,.1f} (step_max {limits.step_max:g} a day): look at it."
        )
        yield Result(f"{name}, step", False, True, note)
