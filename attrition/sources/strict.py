"""Strict reading: what is not exactly as expected is an error that says where and what, never a guess."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

LONGEST_QUOTE = 60


class SourceError(ValueError):
    """A payload that is not what its source is known to send."""


def quote(value: Any) -> str:
    """Quote something foreign in one short line without control characters.

    >>> quote("a" * 100)[-8:]
    "aaaa...'"
    """
    text = repr(str(value))[1:-1]
    return f"'{text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 3] + '...'}'"


class Record:
    """One record whose fields are taken out by name; what remains at the end is an error."""

    def __init__(self, fields: Any, place: str):
        if not isinstance(fields, Mapping):
            raise SourceError(f"Expected a record with fields in {place}, found {quote(fields)}: look at the file.")
        self.left, self.place = dict(fields), place

    def pop(self, name: str) -> Any:
        """Take out a field that must be there."""
        if name not in self.left:
            raise SourceError(
                f"Expected the field {quote(name)} in {self.place}, found none: has it been renamed or dropped?"
            )
        return self.left.pop(name)

    def pop_late(self, name: str) -> Any:
        """Take out a field that older records lack."""
        return self.left.pop(name, None)

    def done(self, unused: Iterable[str] = ()) -> None:
        """Audit what remains: fields known and not used may be there, any other is an error."""
        unknown = sorted(set(self.left) - set(unused))
        if unknown:
            raise SourceError(
                f"Expected only known fields in {self.place}, found {quote(unknown[0])}: say in the source's "
                "description what it is."
            )


def read_text(payload: bytes, place: str) -> str:
    """Decode UTF-8, with or without a byte-order mark."""
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"Expected UTF-8 text in {place}, found byte {error.start + 1} to be none: has the encoding changed?"
        ) from None


def read_json(payload: bytes, place: str) -> Any:
    """Read JSON, decimals exactly."""

    def refuse(name: str) -> None:
        raise ValueError(f"the number {name}")

    try:
        return json.loads(read_text(payload, place), parse_float=Decimal, parse_constant=refuse)
    except SourceError:
        raise
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"Expected JSON in {place}, found something else ({quote(error)}): was the file cut off?"
        ) from None


def csv_records(payload: bytes, header: Iterable[str], place: str) -> list[Record]:
    """Read a CSV file whose header holds exactly these names, in any order."""
    try:
        rows = list(csv.reader(io.StringIO(read_text(payload, place), newline=""), strict=True))
    except csv.Error as error:
        raise SourceError(
            f"Expected plain CSV in {place}, found a malformed one ({error}): look at the file."
        ) from None
    found = rows[0] if rows else []
    for name in [*header, *found]:
        if found.count(name) != 1 or name not in header:
            what = "none" if name not in found else "it twice" if found.count(name) > 1 else "one that is not known"
            raise SourceError(f"Expected the column {quote(name)} once in {place}, found {what}: look at the header.")
    return [_record(found, row, f"{place}, row {number}") for number, row in enumerate(rows[1:], 2)]


def _record(header: list[str], row: list[str], place: str) -> Record:
    if len(row) != len(header):
        raise SourceError(f"Expected {len(header)} cells in {place}, found {len(row)}: was the file cut off?")
    return Record(dict(zip(header, row, strict=True)), place)


def read_list(content: Any, place: str) -> list[Record]:
    """A list of records that is not empty."""
    if not isinstance(content, list) or not content:
        raise SourceError(f"Expected a list of records in {place}, found {quote(content)}: look at the file.")
    return [Record(one, f"{place}, record {number}") for number, one in enumerate(content, 1)]


def whole(value: Any, place: str) -> str:
    """A whole number as text; nothing stays empty text.

    >>> whole(12, "here"), whole("12", "here"), whole("", "here"), whole(None, "here")
    ('12', '12', '', '')
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,12}", str(value)):
        raise SourceError(f"Expected a whole number in {place}, found {quote(value)}: has its spelling changed?")
    return str(int(value))


def number(value: Any, place: str, *, comma: bool = False) -> Decimal | None:
    """A number with a decimal point, or a decimal comma; nothing stays None.

    >>> number("1.50", "here"), number("1,5", "here", comma=True), number("", "here")
    (Decimal('1.50'), Decimal('1.5'), None)
    """
    if value is None or value == "":
        return None
    mark = "," if comma else r"\."
    if isinstance(value, bool) or not re.fullmatch(
        rf"[+-]?[0-9]{{1,18}}({mark}[0-9]{{1,30}})?(E[+-]?[0-9]{{1,2}})?", str(value), re.I
    ):
        raise SourceError(f"Expected a plain number in {place}, found {quote(value)}: has its spelling changed?")
    return Decimal(str(value).replace(",", "."))


def rounded(value: Decimal | None, places: int) -> str:
    """A number as text with so many decimals; None is empty text.

    >>> rounded(Decimal("-0.04"), 1), rounded(None, 1)
    ('0.0', '')
    """
    if value is None:
        return ""
    text = f"{value:.{places}f}"
    return text.lstrip("-") if not text.strip("-0.") else text


def day(value: Any, place: str, form: str = "%Y-%m-%d") -> str:
    """A day as 2022-12-31, read in a given form.

    >>> day("31.12.2022", "here", "%d.%m.%Y")
    '2022-12-31'
    """
    try:
        read = datetime.strptime(value, form)
    except (TypeError, ValueError):
        read = None
    if read is None or read.strftime(form) != value:
        raise SourceError(f"Expected a day such as {date(2022, 12, 31):{form}} in {place}, found {quote(value)}.")
    return f"{read:%Y-%m-%d}"


def label(value: Any, known: Mapping[str, str], place: str) -> str:
    """Translate a label that is enumerated in the source's description."""
    if not isinstance(value, str) or value not in known:
        raise SourceError(
            f"Expected one of {', '.join(map(quote, list(known)[:8]))} in {place}, found the unknown label "
            f"{quote(value)}: say in the source's description what it is."
        )
    return known[value]


def table(rows: list[Mapping[str, str]], key: Iterable[str], place: str) -> pd.DataFrame:
    """Put rows of text together, sorted by key, each key once."""
    key = list(key)
    frame = pd.DataFrame(rows, dtype="str")
    if frame.empty:
        raise SourceError(f"Expected rows in {place}, found none: look at the file.")
    again = frame[key].duplicated()
    if again.any():
        found = quote(";".join(frame.loc[again.idxmax(), key]))
        raise SourceError(f"Expected each {' and '.join(key)} once in {place}, found {found} again: which is meant?")
    return frame.fillna("").sort_values(key).reset_index(drop=True)
