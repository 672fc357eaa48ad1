"""Four tables of one repository: named and estimated dead by week, statements, a chart by month, area of control."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from attrition.sources import strict
from attrition.sources.manifest import Manifest

DAYS_A_WEEK = 7
WEB = re.compile(r'(https?://[^\s<>"]+)(\s+\(.*)?', re.DOTALL)


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Read the four tables."""
    return {
        "named_dead": _dead(source, payloads["weeks"]),
        "statements": _statements(source, payloads["statements"]),
        "uk_chart": _chart(source, payloads["chart"]),
        "area_assessed": _area(source, payloads["area"]),
    }


def _dead(source: Manifest, payload: bytes) -> pd.DataFrame:
    """Spread ISO weeks evenly over their days and sum by month; a month without any value stays empty."""
    columns, unused = source.columns["weeks"], source.unused["weeks"]
    weeks, months = [], {}
    for record in strict.csv_records(payload, ["Year", "Week", *columns, *unused], "weeks"):
        year, week = (int(strict.whole(record.pop(name), record.place) or 0) for name in ("Year", "Week"))
        values = {ours: strict.number(record.pop(theirs), record.place) for theirs, ours in columns.items()}
        record.done(unused)
        try:
            monday = date.fromisocalendar(year, week, 1)
        except ValueError:
            raise strict.SourceError(f"Expected an ISO week in {record.place}, found {year}-{week}.") from None
        weeks.append({"monday": str(monday)})
        for day in (monday + timedelta(days=n) for n in range(DAYS_A_WEEK)):
            sums = months.setdefault(f"{day:%Y-%m}", {})
            for name, value in values.items():
                if value is not None:
                    sums[name] = sums.get(name, Decimal(0)) + value
    strict.table(weeks, ["monday"], "weeks")
    shares = [
        {"month": month, **{name: _share(sums.get(name)) for name in columns.values()}}
        for month, sums in months.items()
    ]
    return strict.table(shares, ["month"], "weeks")


def _share(week_sum: Decimal | None) -> str:
    return strict.rounded(None if week_sum is None else week_sum / DAYS_A_WEEK, 1)


def _statements(source: Manifest, payload: bytes) -> pd.DataFrame:
    """Single statements with their speaker and address."""
    labels, columns = source.labels, source.columns["statements"]
    header = ["date", "type", "source", "source_url", "country", *columns, *source.unused["statements"]]
    rows = []
    for record in strict.csv_records(payload, header, "statements"):
        rows.append(
            {
                "date": strict.day(re.sub(r"\b(\d)/", r"0\1/", record.pop("date")), record.place, "%d/%m/%Y"),
                "side": strict.label(record.pop("country"), labels["country"], record.place),
                "measure": strict.label(record.pop("type"), labels["type"], record.place),
                "speaker": strict.label(record.pop("source").strip(), labels["source"], record.place),
                **{ours: _persons(record.pop(theirs), record.place) for theirs, ours in columns.items()},
                "url": _address(record.pop("source_url").strip(), record.place),
            }
        )
        record.done(source.unused["statements"])
    return strict.table(rows, source.settings["statement_key"], "statements")


def _address(text: str, place: str) -> str:
    """The address of a statement; a remark in brackets beside it or in its place is left out."""
    found = WEB.fullmatch(text)
    if not (found or text.startswith("(") or not text):
        raise strict.SourceError(f"Expected an address in {place}, found {strict.quote(text)}: look at the file.")
    return found[1] if found else ""


def _persons(text: str, place: str) -> str:
    """A count of persons, in some cells with a comma between thousands."""
    return strict.whole(text.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+", text) else text, place)


def _chart(source: Manifest, payload: bytes) -> pd.DataFrame:
    """A chart read by month: the month's count and the total to its end, which have to agree."""
    columns, unused = source.columns["chart"], source.unused["chart"]
    rows, total = [], 0
    for record in strict.csv_records(payload, ["month", "year", *columns, *unused], "chart"):
        month = strict.label(record.pop("month"), source.labels["month"], record.place)
        row = {"month": f"{strict.whole(record.pop('year'), record.place)}-{month}"}
        row |= {ours: strict.whole(record.pop(theirs), record.place) for theirs, ours in columns.items()}
        record.done(unused)
        total += int(row["in_month"] or 0)
        if abs(total - int(row["total"] or 0)) > source.settings["chart_tolerance"] * total:
            raise strict.SourceError(f"Expected months that add up to the total in {record.place}, found otherwise.")
        rows.append(row)
    return strict.table(rows, ["month"], "chart")


def _area(source: Manifest, payload: bytes) -> pd.DataFrame:
    rows = []
    for record in strict.csv_records(payload, ["date", *source.columns["area"], *source.unused["area"]], "area"):
        row = {"date": strict.day(record.pop("date"), record.place)}
        for theirs, ours in source.columns["area"].items():
            value = strict.number(record.pop(theirs), record.place)
            row[ours] = strict.rounded(None if value is None else value / 10**6, 1)
        record.done(source.unused["area"])
        rows.append(row)
    return strict.table(rows, ["date"], "area")
