"""How a table of a data room is read: as text, then corrected, then typed.

Nothing is guessed, filled or folded away: a file that is not what the contract says is refused with a sentence.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attrition.room.contract import Contract, Problem, RoomError, Table

DATE_FORMATS = {"date": "%Y-%m-%d", "yearmonth": "%Y-%m", "year": "%Y"}
DATES = {"date": r"\d{4}-\d\d-\d\d", "yearmonth": r"\d{4}-\d\d", "year": r"\d{4}"}
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"


@dataclass(frozen=True)
class Sheet:
    """A table as text: its contract and its cells, corrected, the index being the row as a spreadsheet counts."""

    table: Table
    cells: pd.DataFrame

    def has(self, *columns: str) -> bool:
        """Whether the file has all of these columns."""
        return set(columns) <= set(self.cells.columns)

    def flag(self, wrong: pd.Series, column: str, say: Callable[[pd.Series], str]) -> Iterator[Problem]:
        """Yield a problem with a sentence for each row that is wrong."""
        if not wrong.any():
            return
        for number, row in self.cells[wrong.to_numpy(bool)].iterrows():
            yield Problem(self.table.path, int(number), column, say(row))


def scan(path: Path) -> tuple[list[str], list[list[str]], list[tuple[int, str]]]:
    """Read a CSV file as text, however broken it is.

    Returns
    -------
    header, rows, faults
        Column names; well-formed rows, one list of cells each, an ill-formed one being an empty list so that
        rows keep their numbers; and the faults as pairs of row (0 for the whole file) and sentence.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return [], [], [(0, "expected this file, found none: put it there or take it out of the contract.")]
    except UnicodeDecodeError as error:
        return [], [], [(0, f"expected UTF-8 text, found byte {error.start + 1} to be none: save it as UTF-8.")]
    if "\0" in text:
        return [], [], [(0, "expected text, found binary zeros: save it as plain CSV.")]
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return [], [], [(0, f"expected plain CSV, found a malformed one ({error}): check its quotation marks.")]
    if not records or not any(records[0]):
        return [], [], [(0, "expected a header with column names, found an empty file or line: write the header.")]
    header, *rows = records
    faults = [
        (number, f"expected {len(header)} cells as in the header, found {len(row)}: check its commas and quotes.")
        for number, row in enumerate(rows, start=2)
        if len(row) != len(header)
    ]
    return header, [row if len(row) == len(header) else [] for row in rows], faults


def read_cells(contract: Contract, name: str) -> pd.DataFrame:
    """Read a table as text, columns as the contract lists them; empty cells are empty texts.

    Raises
    ------
    RoomError
        If the file is missing or malformed, or a column is missing, unknown or doubled.
    """
    table = contract.tables[name]
    header, rows, faults = scan(contract.root / table.path)
    if faults:
        raise RoomError(str(Problem(table.path, faults[0][0], "", faults[0][1])))
    wrong = header_faults(header, table)
    if wrong:
        raise RoomError(str(wrong[0]))
    return pd.DataFrame(rows, columns=header, dtype="str")[list(table.fields)]


def header_faults(header: list[str], table: Table) -> list[Problem]:
    """Compare the header of a file with the contract."""
    doubled = sorted({name for name in header if header.count(name) > 1})
    unknown = [name for name in dict.fromkeys(header) if name not in table.fields]
    missing = [name for name in table.fields if name not in header]
    sentences = [
        *((name, "found this column twice: keep one.") for name in doubled),
        *((name, "found a column that the contract does not know: take it out or describe it.") for name in unknown),
        *((name, "expected this column, found none: add it.") for name in missing),
    ]
    return [Problem(table.path, 1, name, sentence) for name, sentence in sentences]


def correct(cells: pd.DataFrame, table: Table, corrections: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[int, str]]]:
    """Put corrected values into a table of text.

    Parameters
    ----------
    cells : DataFrame
        The table as text; it is not changed.
    corrections : DataFrame
        The table of corrections as text, those of other tables included.

    Returns
    -------
    corrected, faults
        The table with every correction that matches, and for each that does not the index of its row in
        `corrections` and a sentence.
    """
    own = corrections[corrections["resource"] == table.name]
    if own.empty:
        return cells, []
    rows = {key: row for row, key in enumerate(cells[table.key].agg(";".join, axis=1))}
    columns = {field: cells[field].tolist() for field in own["field"].unique() if field in cells}
    faults = []
    for one in own.itertuples():
        found = columns[one.field][rows[one.key]] if one.field in columns and one.key in rows else None
        if found != one.expected:
            what = f"no row '{one.key}' with a column '{one.field}'" if found is None else f"'{found}'"
            faults.append(
                (
                    one.Index,
                    f"the correction '{one.id}' expected '{one.expected}' in {table.path}, row '{one.key}', column "
                    f"'{one.field}', found {what}: look whether it is still needed, then change or remove it.",
                )
            )
        else:
            columns[one.field][rows[one.key]] = one.corrected
    return cells.assign(**{name: pd.Series(column, cells.index, "str") for name, column in columns.items()}), faults


def typed(cells: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Give the columns of a table of text their types.

    Dates, months and years become the day (a month or year its last day), numbers become floats with NaN
    for empty cells, text stays text with empty cells as empty texts.

    Raises
    ------
    RoomError
        If a cell has the wrong type.
    """
    return cells.assign(**{name: _column(cells[name], field, table) for name, field in table.fields.items()})


def _column(cells: pd.Series, field: Mapping, table: Table) -> pd.Series:
    type_ = field.get("type", "string")
    result = read_as(cells, type_)
    wrong = result.isna() & (cells != "")
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        sentence = f"expected a {type_}, found '{cells.iloc[row]}': correct the cell."
        raise RoomError(str(Problem(table.path, row + 2, field["name"], sentence)))
    return result


def read_as(cells: pd.Series, type_: str) -> pd.Series:
    """Read text as the type of a column; what is empty or not of this type becomes missing."""
    if type_ == "string":
        return cells
    return days(cells, type_) if type_ in DATE_FORMATS else numbers(cells)


def numbers(cells: pd.Series) -> pd.Series:
    """Read text as floats; what is empty or no number becomes NaN."""
    return pd.to_numeric(cells.where(cells.str.fullmatch(NUMBER)), errors="coerce").astype(float)


def days(cells: pd.Series, type_: str = "date") -> pd.Series:
    """Read text as days, a month or year as its last day; what is empty or no date becomes NaT."""
    read = pd.to_datetime(cells.where(cells.str.fullmatch(DATES[type_])), format=DATE_FORMATS[type_], errors="coerce")
    read = read.astype("datetime64[us]")
    if type_ == "yearmonth":
        return read + pd.offsets.MonthEnd(0)
    return read + pd.offsets.YearEnd(0) if type_ == "year" else read
