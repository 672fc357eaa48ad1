"""A data room: cited figures, series, speakers and definitions, as they were known on a day.

A room is opened at a cutoff and hides every row later than it: a figure that refers to a later day, one that was
published later, a month that had not ended, a version of a list that did not exist yet. Tables are read when they are
asked for, and the room remembers which files it opened. It does not model, smooth or fill gaps.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pandas as pd

from attrition.definitions import Definition, Figure
from attrition.room import readings, vintages
from attrition.room.contract import (
    CONTRACT,
    CORRECTIONS,
    Claim,
    Contract,
    Problem,
    RoomError,
    Side,
    Table,
    War,
    load_contract,
    nearest,
)
from attrition.room.tables import correct, read_cells, scan, typed

__all__ = ["Claim", "Problem", "Room", "RoomError", "Side", "War", "find_room", "open_room"]

ENVIRONMENT = "ATTRITION_ROOM"
EVIDENCE, SERIES = "evidence/", "series/"
RESTATEMENTS = ["series", "key", "field", "was", "value", "known_from"]
TRANSCRIPTIONS = ["date", "field", "transcription", "value", "majority", "decided", "verdict"]


def find_room() -> Path:
    """Find the folder of the room: the environment variable ATTRITION_ROOM, else the nearest `data` upwards.

    Raises
    ------
    RoomError
        If there is none.
    """
    if os.environ.get(ENVIRONMENT):
        return Path(os.environ[ENVIRONMENT])
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "data" / CONTRACT).is_file():
            return folder / "data"
    raise RoomError(
        f"Expected a folder 'data' with a {CONTRACT} in {here} or above, found none: name the room with {ENVIRONMENT}."
    )


def open_room(
    path: str | Path | None = None, *, cutoff: date | str | None = None, known: date | str | None = None
) -> Room:
    """Open a data room as it was known on a day.

    Parameters
    ----------
    path
        Folder of the room; by default `find_room()`.
    cutoff
        Last day whose knowledge is shown; by default the day to which the room is compiled.
    known
        Show every series as it had been accepted by the end of this day: rows added and values restated later are
        undone. By default the newest values, whatever the cutoff.

    Raises
    ------
    RoomError
        If there is no room, its contract is broken, or the cutoff is no day or later than the room knows.
    """
    contract = load_contract(Path(path) if path is not None else find_room())
    as_of = contract.war.as_of
    try:
        day = as_of if cutoff is None else _day(cutoff)
    except (AttributeError, ValueError):
        raise RoomError(f"Expected a cutoff as 2022-12-31, found '{cutoff}': write a day of the calendar.") from None
    try:
        seen = None if known is None else _day(known)
    except (AttributeError, ValueError):
        raise RoomError(f"Expected a day as 2022-12-31, found '{known}': write a day of the calendar.") from None
    if day > as_of:
        raise RoomError(
            f"Expected a cutoff up to {as_of:%Y-%m-%d}, to which the room is compiled, found '{cutoff}': choose an "
            "earlier day or bring the room up to date."
        )
    return Room(contract, day, seen)


@dataclass(frozen=True, eq=False)
class Room:
    """A data room opened at a cutoff; made by `open_room`.

    `opened` holds the paths, relative to the room, of the files that were read so far.
    """

    contract: Contract
    cutoff: pd.Timestamp
    known: pd.Timestamp | None = None
    opened: set[str] = field(default_factory=set)
    _kept: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.opened.update(self.contract.files)

    @property
    def war(self) -> War:
        """What the room is about."""
        return self.contract.war

    @property
    def topics(self) -> list[str]:
        """Topics of evidence, sorted."""
        return sorted(name.removeprefix(EVIDENCE) for name in self.contract.tables if name.startswith(EVIDENCE))

    def read(self, paths: Iterable[str]) -> None:
        """Read the tables in some files of the room; files that hold none, or are gone, are passed over."""
        wanted = set(paths)
        for table in self.contract.tables.values():
            if table.path in wanted:
                self._frame(table.name, "table")

    def seen(self) -> dict[str, str]:
        """Hash what was read so far as it stood at the cutoff, by path; rows that came later do not count.

        Corrections are in it, since tables are read corrected. The contract counts by what it says about the war.
        """
        frames = {self.contract.tables[name].path: frame for name, frame in self._kept.items()}
        told = {path: frame.to_csv(index=False, lineterminator="\n") for path, frame in frames.items()}
        told[CONTRACT] = repr(replace(self.war, as_of=self.cutoff))
        return {path: hashlib.sha256(text.encode()).hexdigest() for path, text in sorted(told.items())}

    def resource_files(self) -> list[str]:
        """Paths of all files of the room, relative to it: the contract's own and every table's."""
        return sorted({*self.contract.files, *(table.path for table in self.contract.tables.values())})

    def resources(self) -> pd.DataFrame:
        """List the tables: `name, path, title, description, rows`, whole files whatever the cutoff."""
        rows = [
            (one.name, one.path, one.says("title") or one.name, one.says("description") or "", self._length(one))
            for one in self.contract.tables.values()
        ]
        return pd.DataFrame(rows, columns=["name", "path", "title", "description", "rows"])

    def _length(self, table: Table) -> int:
        return len(scan(self.contract.root / table.path)[1])

    def evidence(self, topic: str) -> pd.DataFrame:
        """Cited figures of a topic known at the cutoff, one a row.

        Returns
        -------
        DataFrame
            The columns of the contract; dates as datetime64, numbers as float, empty text as "".

        Raises
        ------
        RoomError
            If there is no such topic or its file cannot be read.
        """
        return self._frame(EVIDENCE + topic, "topic")

    def figures(self) -> pd.DataFrame:
        """Cited figures of all topics known at the cutoff, one a row."""
        return pd.concat([self.evidence(topic) for topic in self.topics], ignore_index=True)

    def figure(self, topic: str, id: str) -> Figure:
        """One cited figure with its definition.

        Raises
        ------
        RoomError
            If the topic has no such row at the cutoff.
        """
        frame = self.evidence(topic).set_index("id", drop=False)
        if id not in frame.index:
            raise RoomError(
                f"Expected a row '{id}' in {EVIDENCE}{topic}.csv known by {self.cutoff:%Y-%m-%d}, found none"
                f"{nearest(id, frame.index)}: correct the id or raise the cutoff."
            )
        return Figure.from_row(frame.loc[id], self.definition(frame.loc[id, "measure"]))

    def series(self, name: str) -> pd.DataFrame:
        """A regular series up to the cutoff, corrections applied, gaps left as they are.

        Returns
        -------
        DataFrame
            Indexed by day, a month or year being its last day; a column that did not exist at the cutoff is absent.

        Raises
        ------
        RoomError
            If there is no such series, its file cannot be read, or a correction no longer matches.
        """
        frame = self._frame(SERIES + name, "series")
        return frame.set_index(self.contract.tables[SERIES + name].says("dateField")).sort_index(kind="stable")

    def sources(self) -> pd.DataFrame:
        """The speakers, indexed by `id`."""
        return self._frame("sources", "table").set_index("id")

    def definitions(self) -> pd.DataFrame:
        """The measures, indexed by `measure`."""
        return self._frame("definitions", "table").set_index("measure")

    def events(self) -> pd.DataFrame:
        """Events up to the cutoff."""
        return self._frame("events", "table")

    def claims(self) -> pd.DataFrame:
        """Claims made up to the cutoff, indexed by `id`."""
        return self._frame("claims", "table").set_index("id")

    def corrections(self) -> pd.DataFrame:
        """Corrections of the tables, indexed by `id`; they hold whatever the cutoff."""
        return self._frame(CORRECTIONS, "table").set_index("id")

    def transcriptions(self, measure: str | None = None) -> pd.DataFrame:
        """Days up to the cutoff on which transcriptions of one claim differ, one row per transcription.

        Parameters
        ----------
        measure
            Only days on which they differ in this measure.

        Returns
        -------
        DataFrame
            `date, field, transcription, value, majority, decided, verdict`; empty if the room has no such table.
        """
        for table in self.contract.tables.values():
            whose = self.contract.tables.get(table.says("transcribes"))
            if whose is not None:
                frame = self._frame(table.name, "table")
                wanted = [name for name in whose.fields if measure in (None, whose.says("measure", name))]
                return frame[frame["field"].isin(wanted)].reset_index(drop=True)
        return pd.DataFrame(columns=TRANSCRIPTIONS)

    def restatements(self) -> pd.DataFrame:
        """Values of series that their publishers changed after they had been accepted, newest first.

        Returns
        -------
        DataFrame
            `series, key, field, was, value, known_from`: the row's key and the column, the value before and after as
            text, and the day from which the new one holds. Rows of days after the cutoff are left out.
        """
        found = []
        for table in self.contract.tables.values():
            log = vintages.log_of(self.contract.tables, table.name)
            if log is not None:
                frame = self._frame(log.name, "table")
                found.append(frame[frame["field"] != ""].assign(series=table.name.removeprefix(SERIES)))
        if not found:
            return pd.DataFrame(columns=RESTATEMENTS)
        frame = pd.concat(found)[RESTATEMENTS]
        late = frame["key"].str[:10] > f"{self.cutoff:%Y-%m-%d}"
        late |= False if self.known is None else frame["known_from"] > self.known
        return frame[~late].sort_values(
            ["known_from", "series", "key"], ascending=[False, True, True], ignore_index=True
        )

    def definition(self, measure: str) -> Definition:
        """What a measure counts.

        Raises
        ------
        RoomError
            If the room does not define it.
        """
        frame = self._frame("definitions", "table").set_index("measure", drop=False)
        if measure not in frame.index:
            raise RoomError(
                f"Expected a measure of definitions.csv, found '{measure}'{nearest(measure, frame.index)}: "
                "correct the name or define it."
            )
        return Definition.from_row(frame.loc[measure])

    def readings(self, measure: str, *, side: str, source: str) -> pd.DataFrame:
        """A level or running total by day: the series that holds it, then cited figures for days it does not hold.

        Only figures with a central number and for the whole side count; of two versions of one day the one
        published last is taken.

        Returns
        -------
        DataFrame
            Indexed by `date`, rising: `value`, `origin` ("series" or "evidence"), `id` (of the row or column).

        Raises
        ------
        RoomError
            If the measure is a flow of a period, nothing is found, two columns hold the same, or two figures of one
            day contradict each other.
        """
        return readings.join(self, readings.Asked(measure, side, source))

    def contradictions(self, measure: str, *, side: str, source: str) -> pd.DataFrame:
        """Days on which a series and a cited figure of one source differ: `series, evidence, id` by `date`."""
        return readings.differing(self, readings.Asked(measure, side, source))

    def _frame(self, name: str, kind: str) -> pd.DataFrame:
        """Read a table once: as text, corrected, typed, cut; hand out a copy."""
        if name not in self.contract.tables:
            folder, _, asked = name.rpartition("/")
            known = [one.rpartition("/")[2] for one in self.contract.tables if one.rpartition("/")[0] == folder]
            raise RoomError(
                f"Expected a {kind} of the room, found '{asked}'{nearest(asked, known)}: "
                f"choose one of {', '.join(sorted(known))}."
            )
        if name not in self._kept:
            self._kept[name] = self._cut(self.contract.tables[name])
        return self._kept[name].copy()

    def _read(self, table: Table) -> pd.DataFrame:
        cells, log = self._cells(table), vintages.log_of(self.contract.tables, table.name)
        if (
            self.known is not None
            and table.says("acceptedFrom")
            and self.known < pd.Timestamp(table.says("acceptedFrom"))
        ):
            cells = cells.iloc[:0]
        elif self.known is not None and log is not None:
            cells = vintages.undo(cells, table, self._cells(log), self.known)
        if table.name != CORRECTIONS:
            cells, faults = correct(cells, table, self._cells(self.contract.tables[CORRECTIONS]))
            if faults and not (self.known is not None and log is not None):  # of a row or value that came later
                row, sentence = faults[0]
                raise RoomError(str(Problem(self.contract.tables[CORRECTIONS].path, row + 2, "expected", sentence)))
        return typed(cells, table)

    def _cells(self, table: Table) -> pd.DataFrame:
        self.opened.add(table.path)
        return read_cells(self.contract, table.name)

    def _cut(self, table: Table) -> pd.DataFrame:
        frame = self._read(table)
        dates = table.says("knownBy") or [name for name in [table.says("dateField")] if name]
        if dates:
            known = self._known(frame, dates)
            if known.isna().any():
                sentence = "expected the day a row is of, found none: fill it in."
                raise RoomError(str(Problem(table.path, int(known.isna().argmax()) + 2, dates[0], sentence)))
            frame = frame[known <= self.cutoff].reset_index(drop=True)
        late = [name for name in table.fields if _later(table.fields[name].get("knownFrom"), self.cutoff)]
        return frame.drop(columns=late)

    def _known(self, frame: pd.DataFrame, dates: list[str]) -> pd.Series:
        """Day from which a row is known: the last of its dates, or its lag after the first if it has no other."""
        known = frame[dates].max(axis=1)
        if "measure" not in frame or len(dates) == 1:
            return known
        lags = self.definitions()["known_after_days"]
        days = frame["measure"].map(lags).fillna(0.0).where(frame[dates[1:]].isna().all(axis=1), 0.0)
        return known + pd.to_timedelta(days, unit="D")


def _day(cutoff: date | str) -> pd.Timestamp:
    given = date.fromisoformat(cutoff) if isinstance(cutoff, str) else cutoff
    return pd.Timestamp(given.year, given.month, given.day)


def _later(day: str | None, cutoff: pd.Timestamp) -> bool:
    return day is not None and pd.Timestamp(day) > cutoff
