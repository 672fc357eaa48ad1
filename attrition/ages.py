"""How old the data are: the last row of each regular series against how often its source comes with a new one.

A contract says `cadenceDays` for a series whose source keeps a turn; a series is overdue when its last row is older
than twice that. Series without a turn, and cited figures, have an age but cannot be late. Records out.
"""

from __future__ import annotations

from datetime import date
from typing import Any

PATIENCE = 2  # turns that may be missed
SERIES = "series/"
TURNS = {1: "every day", 7: "every week", 31: "every month", 92: "every quarter", 366: "every year"}


def ages(room) -> list[dict[str, Any]]:
    """Say how old the regular series of a room are at its cutoff, the most overdue first.

    Parameters
    ----------
    room : attrition.room.Room
        Opened at the edition's cutoff; a series that has no row yet at that day is left out.

    Returns
    -------
    list of dict
        ``table, title, last`` (ISO day; a month or year being its last day), ``cadence_days, days`` (from the last row
        to the cutoff) and ``overdue``.
    """
    regular = [one for one in room.contract.tables.values() if one.says("cadenceDays")]
    found = []
    for table in regular:
        rows = room.series(table.name.removeprefix(SERIES))
        if len(rows):
            last, cadence = rows.index.max().date(), table.says("cadenceDays")
            days = max(0, (room.cutoff.date() - last).days)
            told = {"table": table.path, "title": table.says("title") or table.name, "last": last.isoformat()}
            late = overdue(last, cadence, room.cutoff)
            found.append({**told, "cadence_days": cadence, "days": days, "overdue": late})
    return sorted(found, key=lambda row: (-row["days"] / row["cadence_days"], row["table"]))


def overdue(last: date, cadence_days: int, day: date) -> bool:
    """Tell whether a series is older than twice its turn on a day.

    >>> overdue(date(2026, 5, 30), 1, date(2026, 6, 1)), overdue(date(2026, 5, 29), 1, date(2026, 6, 1))
    (False, True)
    """
    return (date(day.year, day.month, day.day) - last).days > PATIENCE * cadence_days


def turn(cadence_days: int) -> str:
    """Say how often new rows come.

    >>> turn(7), turn(10)
    ('every week', 'every 10 days')
    """
    return TURNS.get(cadence_days, f"every {cadence_days} days")
