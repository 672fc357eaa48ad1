"""What the rows of a data room must keep beyond the types of their cells: rules about figures, speakers and series.

Each rule takes the room's tables as text and yields the problems it finds; `attrition.room.validation` runs them all.
A rule passes over cells that are missing or of a wrong type, because those are reported as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import pandas as pd

from attrition.room.contract import CONTRACT, CORRECTIONS, Contract, Problem, nearest
from attrition.room.tables import Sheet, days, numbers, read_as

EVIDENCE = "evidence/"
FIRST_DAY = {"yearmonth": "M", "year": "Y"}  # a month or year in progress does not lie in the future


@dataclass(frozen=True)
class Book:
    """All that the rules look at: the contract, the readable tables by name, and the day of the check."""

    contract: Contract
    sheets: Mapping[str, Sheet]
    today: pd.Timestamp

    def evidence(self, *columns: str) -> list[Sheet]:
        """The tables of cited figures that have these columns."""
        return [one for name, one in self.sheets.items() if name.startswith(EVIDENCE) and one.has(*columns)]

    def column(self, name: str, key: str, value: str) -> dict[str, str]:
        """Two columns of a table as a mapping; empty when the table cannot be read."""
        sheet = self.sheets.get(name)
        if sheet is None or not sheet.has(key, value):
            return {}
        return dict(zip(sheet.cells[key], sheet.cells[value], strict=True))


def references(book: Book) -> Iterator[Problem]:
    """What a row refers to by a key is there: a measure in definitions.csv, a speaker in sources.csv."""
    for sheet in book.sheets.values():
        for column, there, key in sheet.table.references:
            if sheet.has(column) and there in book.sheets and book.sheets[there].has(key):
                yield from _references(sheet, column, book.sheets[there], key)


def _references(sheet: Sheet, column: str, there: Sheet, key: str) -> Iterator[Problem]:
    known = there.cells[key].tolist()
    path = there.table.path

    def say(row: pd.Series) -> str:
        name = row[column]
        return f"found '{name}', which {path} does not know: add it there or correct the cell{nearest(name, known)}."

    yield from sheet.flag(~sheet.cells[column].isin([*known, ""]), column, say)


def units(book: Book) -> Iterator[Problem]:
    """The unit of a row is the unit of its measure."""
    unit = book.column("definitions", "measure", "unit")
    claims = [book.sheets[name] for name in ("claims",) if name in book.sheets]
    for sheet in [*book.evidence("measure", "unit"), *(one for one in claims if one.has("measure", "unit"))]:
        own = sheet.cells["measure"].map(unit)
        yield from sheet.flag(
            own.notna() & (own != sheet.cells["unit"]),
            "unit",
            lambda row: (
                f"expected '{unit[row['measure']]}', the unit of '{row['measure']}', found '{row['unit']}': "
                "convert the number or choose another measure."
            ),
        )


def topics(book: Book) -> Iterator[Problem]:
    """A row stands in the file of its topic, and its measure belongs there."""
    belongs = book.column("definitions", "measure", "topic")
    for sheet in book.evidence("topic", "measure"):
        topic = sheet.table.name.removeprefix(EVIDENCE)
        say = f"expected '{topic}' as the file is called, found "
        wrong = sheet.cells["topic"] != topic
        yield from sheet.flag(wrong, "topic", lambda row, say=say: f"{say}'{row['topic']}': move or rename it.")
        own = sheet.cells["measure"].map(belongs)
        yield from sheet.flag(
            own.notna() & (own != topic),
            "measure",
            lambda row: f"found '{row['measure']}', a measure of '{belongs[row['measure']]}': move the row there.",
        )


def known_topics(book: Book) -> Iterator[Problem]:
    """A measure belongs to a topic that has a file."""
    sheet = book.sheets.get("definitions")
    if sheet is not None and sheet.has("topic"):
        unknown = ~(EVIDENCE + sheet.cells["topic"]).isin(list(book.contract.tables))
        say = "expected a topic that has a file in evidence, found "
        yield from sheet.flag(unknown, "topic", lambda row: f"{say}'{row['topic']}': correct it or add the file.")


def sides(book: Book) -> Iterator[Problem]:
    """A side is named in the contract."""
    known = list(book.contract.war.sides)
    for sheet in book.evidence("side"):
        unknown = ~sheet.cells["side"].isin([*known, ""])
        say = f"expected one of {', '.join(known)}, found "
        yield from sheet.flag(unknown, "side", lambda row, say=say: f"{say}'{row['side']}': name it in war.sides.")


def order(book: Book) -> Iterator[Problem]:
    """The ends of a range stand in order."""
    pairs = [("low", "central"), ("central", "high"), ("low", "high")]
    sheets = [(sheet, pair) for sheet in book.evidence("low", "central", "high") for pair in pairs]
    if "claims" in book.sheets and book.sheets["claims"].has("value_low", "value_high"):
        sheets.append((book.sheets["claims"], ("value_low", "value_high")))
    for sheet, (low, high) in sheets:
        yield from sheet.flag(
            numbers(sheet.cells[low]) > numbers(sheet.cells[high]),
            low,
            lambda row, low=low, high=high: (
                f"expected {low} not above {high}, found {row[low]} and {row[high]}: put them in order."
            ),
        )


def bounds(book: Book) -> Iterator[Problem]:
    """A floor has a number in low only, a ceiling in high only, any other figure at least one number."""
    ends = ("low", "central", "high")
    for sheet in book.evidence("bound", *ends):
        filled = sheet.cells[list(ends)] != ""
        for bound, only in (("at_least", "low"), ("at_most", "high")):
            exact = filled[only] & (filled.sum(axis=1) == 1)
            say = f"expected a number in {only} and in no other column for a figure that is {bound}, found another"
            wrong = (sheet.cells["bound"] == bound) & ~exact
            yield from sheet.flag(wrong, "bound", lambda row, say=say: f"{say}: move the number or change bound.")
        empty = ~filled.any(axis=1) & ~sheet.cells["bound"].isin(["at_least", "at_most"])
        say_none = "expected a number in low, central or high, found none: give the figure."
        yield from sheet.flag(empty, "central", lambda row, say=say_none: say)


def periods(book: Book) -> Iterator[Problem]:
    """A period has a first day, runs forward, and begins with the war for a running total."""
    start, running = book.contract.war.start, book.column("definitions", "measure", "cumulative")
    for sheet in book.evidence("measure", "period_start", "period_end"):
        first, last = days(sheet.cells["period_start"]), days(sheet.cells["period_end"])
        yield from sheet.flag(
            first > last,
            "period_start",
            lambda row: (
                f"expected a day up to {row['period_end']}, found {row['period_start']}: the period is reversed."
            ),
        )
        half = (sheet.cells["period_start"] == "") & last.notna()
        say = "expected a first day beside the last one, found none: give the period's start."
        yield from sheet.flag(half, "period_start", lambda row, say=say: say)
        late = (sheet.cells["measure"].map(running) == "yes") & first.notna() & (first != start)
        yield from sheet.flag(
            late,
            "period_start",
            lambda row: (
                f"expected {start:%Y-%m-%d}, the war's first day, for the running total '{row['measure']}', found "
                f"{row['period_start']}: choose the measure of the period."
            ),
        )


def future(book: Book) -> Iterator[Problem]:
    """No figure is from after the day of the check, and none from after the day the room was compiled."""
    as_of = book.contract.war.as_of
    if as_of > book.today:
        sentence = f"expected war.as_of up to today, {book.today:%Y-%m-%d}, found {as_of:%Y-%m-%d}: correct it."
        yield Problem(CONTRACT, 0, "", sentence)
    for sheet, column, type_ in _dated(book):
        day = read_as(sheet.cells[column], type_)
        if type_ in FIRST_DAY:
            day = day.dt.to_period(FIRST_DAY[type_]).dt.start_time
        say = f"expected a day up to today, {book.today:%Y-%m-%d}, found "
        ahead = day > book.today
        yield from sheet.flag(ahead, column, lambda row, c=column, s=say: f"{s}{row[c]}: it lies in the future.")
        say = f"expected a day up to {as_of:%Y-%m-%d}, to which the room is compiled, found "
        newer = ~ahead & (day > as_of) & (sheet.table.name != CORRECTIONS)
        yield from sheet.flag(newer, column, lambda row, c=column, s=say: f"{s}{row[c]}: raise war.as_of to it.")


def _dated(book: Book) -> Iterator[tuple[Sheet, str, str]]:
    for name, sheet in book.sheets.items():
        columns = [*(sheet.table.says("knownBy") or []), sheet.table.says("dateField")]
        for column in [*columns, "decided_on"] if name == CORRECTIONS else columns:
            if column and sheet.has(column):
                yield sheet, column, sheet.table.fields[column].get("type", "string")


def ids(book: Book) -> Iterator[Problem]:
    """The id of a figure is its own over all topics; within one file the primary key sees to it."""
    seen: dict[str, str] = {}
    for sheet in book.evidence("id"):
        path = sheet.table.path
        twice = sheet.cells["id"].map(lambda id_, path=path: id_ != "" and seen.setdefault(id_, path) != path)
        yield from sheet.flag(
            twice,
            "id",
            lambda row: f"expected an id of its own, found '{row['id']}' in {seen[row['id']]} too: rename it.",
        )


def copies(book: Book) -> Iterator[Problem]:
    """Whom a speaker copies is a speaker, and copying does not run in a circle."""
    sheet = book.sheets.get("sources")
    if sheet is None or not sheet.has("id", "copies"):
        return
    graph = {row["id"]: [name for name in row["copies"].split(";") if name] for _, row in sheet.cells.iterrows()}
    known = list(graph)
    for number, row in sheet.cells.iterrows():
        for name in graph[row["id"]]:
            if name not in graph:
                sentence = (
                    f"found '{name}', which is no id of {sheet.table.path}: add or correct it{nearest(name, known)}."
                )
                yield Problem(sheet.table.path, int(number), "copies", sentence)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
        row = sheet.cells.index[(sheet.cells["id"] == circle[0]).argmax()]
        sentence = f"expected no circle, found that {' is copied by '.join(circle)}: decide who is first."
        yield Problem(sheet.table.path, int(row), "copies", sentence)


def properties(book: Book) -> Iterator[Problem]:
    """Measures, speakers and sides that the contract itself names are known."""
    known = {
        "measure": list(book.column("definitions", "measure", "unit")),
        "source": list(book.column("sources", "id", "name")),
        "side": list(book.contract.war.sides),
    }
    claim = book.contract.war.daily_claim
    named = [("measure", claim.measure, "war.daily_claim"), ("source", claim.source, "war.daily_claim")]
    named += [("source", id_, f"war.speakers, '{part}'") for part, id_ in book.contract.war.speakers.items()]
    named += [("source", id_, "war.short_names") for id_ in book.contract.war.short_names]
    for table in book.contract.tables.values():
        named += [(kind, table.says(kind), f"resource '{table.name}'") for kind in ("side", "source")]
        for column, field in table.fields.items():
            named += [(kind, field.get(kind), f"field '{column}' of resource '{table.name}'") for kind in known]
    for kind, name, where in named:
        if name is not None and known[kind] and name not in known[kind]:
            sentence = f"found the unknown {kind} '{name}' in {where}: add or correct it{nearest(name, known[kind])}."
            yield Problem(CONTRACT, 0, "", sentence)


def filled(book: Book) -> Iterator[Problem]:
    """A table that the contract lists holds something; corrections, slips of readers and logs may well be none."""
    for sheet in book.sheets.values():
        mayhap = sheet.table.says("transcribes") or sheet.table.says("vintagesOf") or sheet.table.name == CORRECTIONS
        if sheet.cells.empty and not mayhap:
            sentence = "expected at least one row, found none: fill it in, or take the table out of the contract."
            yield Problem(sheet.table.path, 0, "", sentence)


def falls(book: Book) -> Iterator[Problem]:
    """A running total never falls, but on days that the contract lists with a reason."""
    for sheet in book.sheets.values():
        date_field = sheet.table.says("dateField")
        for column, field in sheet.table.fields.items():
            if field.get("monotone") and sheet.has(column, date_field):
                yield from _falls(sheet, date_field, column, set(field.get("falls", {})))


def _falls(sheet: Sheet, date_field: str, column: str, listed: set[str]) -> Iterator[Problem]:
    total = numbers(sheet.cells[column]).dropna()
    fallen = {sheet.cells.at[row, date_field]: row for row in total.index[total.diff() < 0]}
    for day in sorted(set(fallen) - listed):
        number = fallen[day]
        was, now = total.loc[:number].iloc[-2:]
        sentence = (
            f"expected a running total that does not fall, found {now:.0f} on {day} after {was:.0f}: correct it in "
            "corrections.csv, or list the day under 'falls' in the contract with the reason."
        )
        yield Problem(sheet.table.path, int(number), column, sentence)
    for day in sorted(listed - set(fallen)):
        sentence = f"expected a fall on {day} as the contract lists it, found none: take the day out of 'falls'."
        yield Problem(sheet.table.path, 0, column, sentence)


ALL = (
    filled,
    references,
    units,
    topics,
    known_topics,
    sides,
    order,
    bounds,
    periods,
    future,
    ids,
    copies,
    properties,
    falls,
)
