"""Readings of one measure by one speaker, joined from a regular series and from cited figures.

A series that stops is continued by the figures its speaker gave later; where both have a day the series goes first,
and what differs is listed, not averaged. Only levels and running totals have readings: a flow means nothing without
its period.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from attrition.room.contract import RoomError

if TYPE_CHECKING:
    from attrition.room import Room

COLUMNS = ["value", "origin", "id"]


class Asked(NamedTuple):
    """Which readings: a measure, whose, and by whom."""

    measure: str
    side: str
    source: str


def join(room: Room, asked: Asked) -> pd.DataFrame:
    """Readings by day, those of the series first; see `Room.readings`."""
    series, told = _both(room, asked)
    both = pd.concat([series, told[~told.index.isin(series.index)]]).sort_index()
    if both.empty:
        raise RoomError(
            f"Expected readings of '{asked.measure}' for side '{asked.side}' by '{asked.source}' up to "
            f"{room.cutoff:%Y-%m-%d}, found none: look at the room's series and evidence for who gives this measure."
        )
    return both


def differing(room: Room, asked: Asked) -> pd.DataFrame:
    """Days on which series and figures differ; see `Room.contradictions`."""
    series, told = _both(room, asked)
    pairs = told.join(series["value"].rename("series"), how="inner").rename(columns={"value": "evidence"})
    return pairs.loc[pairs["series"] != pairs["evidence"], ["series", "evidence", "id"]]


def _both(room: Room, asked: Asked) -> tuple[pd.DataFrame, pd.DataFrame]:
    if room.definition(asked.measure).per_period:
        raise RoomError(
            f"Expected a level or running total, found '{asked.measure}', a flow of a period: choose rows of evidence "
            "by the length of their period."
        )
    return _in_series(room, asked), _in_evidence(room, asked)


def _in_series(room: Room, asked: Asked) -> pd.DataFrame:
    wanted = asked._asdict().items()
    found = [
        (table, column)
        for table in room.contract.tables.values()
        for column in table.fields
        if table.says("dateField") and all(table.says(name, column) == value for name, value in wanted)
    ]
    if len(found) > 1:
        places = " and ".join(f"{table.name}:{column}" for table, column in found)
        raise RoomError(f"Expected one column with '{asked.measure}' by '{asked.source}', found {places}: drop one.")
    if not found:
        return _frame([], [], "series", [])
    table, column = found[0]
    frame = room.series(table.name.rpartition("/")[2])
    values = frame[column].dropna() if column in frame else pd.Series(dtype=float)
    return _frame(values.index, values, "series", [f"{table.name}:{column}"] * len(values))


def _in_evidence(room: Room, asked: Asked) -> pd.DataFrame:
    frame = room.evidence(str(room.definitions().loc[asked.measure, "topic"]))
    for name, value in {**asked._asdict(), "region": "", "partner": ""}.items():
        frame = frame[frame[name] == value]
    frame = frame[frame["central"].notna()]
    frame = frame.assign(known=frame["published"].fillna(frame["as_of"])).sort_values("as_of", kind="stable")
    newest = frame[frame["known"] == frame.groupby("as_of")["known"].transform("max")]
    _refuse_contradictions(newest)
    newest = newest.drop_duplicates("as_of")
    return _frame(newest["as_of"], newest["central"], "evidence", newest["id"])


def _frame(dates, values, origin: str, ids) -> pd.DataFrame:
    index = pd.DatetimeIndex(dates, dtype="datetime64[us]", name="date")
    frame = pd.DataFrame({"value": list(values), "origin": origin, "id": list(ids)}, index=index, columns=COLUMNS)
    return frame.astype({"value": float, "origin": "str", "id": "str"})


def _refuse_contradictions(frame: pd.DataFrame) -> None:
    for day, group in frame.groupby("as_of"):
        if group["central"].nunique() > 1:
            ids = " and ".join(f"'{id_}' ({value:g})" for id_, value in zip(group["id"], group["central"], strict=True))
            raise RoomError(
                f"Expected one reading of '{group['measure'].iloc[0]}' for {day:%Y-%m-%d}, found {ids}: correct one of "
                "the rows or give it its own day of publication."
            )
