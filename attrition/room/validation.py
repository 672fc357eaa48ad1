"""Whether a data room keeps its contract: every problem at once, each in a plain sentence.

Types, constraints and primary keys are checked by the library frictionless, whose errors are put into our words; how
tables refer to one another and what a figure, a speaker or a series must keep stands in `attrition.room.rules`. Nothing
is repaired here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from attrition.room import rules, vintages
from attrition.room.contract import CORRECTIONS, Contract, Problem, Table, nearest, read_contract
from attrition.room.rules import Book
from attrition.room.tables import Sheet, correct, header_faults, read_as, scan

ALL_ERRORS = 10**9  # the library stops at a thousand otherwise


def check(path: str | Path, *, today: date | str | None = None) -> list[Problem]:
    """List every problem of a data room; an empty list means that the room keeps its contract.

    Parameters
    ----------
    path
        Folder of the room.
    today
        Day after which a figure lies in the future; by default the day of the call.

    Returns
    -------
    list of Problem
        By file, row and column.
    """
    root = Path(path)
    contract, problems = read_contract(root)
    if contract is None:
        return problems
    sheets, problems = _read(contract)
    problems += _unlisted(contract)
    problems += _cells(contract, sheets)
    problems += _logs(contract, sheets)
    sheets, wrong = _corrected(contract, sheets)
    problems += wrong
    book = Book(contract, sheets, pd.Timestamp(today or date.today()))
    problems += [problem for rule in rules.ALL for problem in rule(book)]
    return sorted(dict.fromkeys(problems))


def _read(contract: Contract) -> tuple[dict[str, Sheet], list[Problem]]:
    """Read every table; columns that are missing, unknown or doubled are reported and left out."""
    sheets, problems = {}, []
    for name, table in contract.tables.items():
        header, rows, faults = scan(contract.root / table.path)
        problems += [Problem(table.path, row, "", sentence) for row, sentence in faults]
        if header:
            problems += header_faults(header, table)
            sheets[name] = Sheet(table, _frame(header, rows, table))
    return sheets, problems


def _frame(header: list[str], rows: list[list[str]], table: Table) -> pd.DataFrame:
    kept = {number: row for number, row in enumerate(rows, start=2) if row}
    columns = {name: header.index(name) for name in table.fields if name in header}
    cells = [[row[place] for place in columns.values()] for row in kept.values()]
    return pd.DataFrame(cells, index=list(kept), columns=list(columns), dtype="str")


def _unlisted(contract: Contract) -> list[Problem]:
    listed = {table.path for table in contract.tables.values()}
    found = sorted(path.relative_to(contract.root).as_posix() for path in contract.root.rglob("*.csv"))
    sentence = "found a table that the contract does not list: list it in datapackage.json or take it away."
    return [Problem(path, 0, "", sentence) for path in found if path not in listed]


def _logs(contract: Contract, sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """Compare each log of changes with its series as it stands in the file."""
    for name, sheet in sheets.items():
        log = vintages.log_of(contract.tables, name)
        if (
            log is not None
            and log.name in sheets
            and sheets[log.name].has(*vintages.COLUMNS)
            and sheet.has(*sheet.table.key)
        ):
            for row, sentence in vintages.faults(sheet.cells, sheet.table, sheets[log.name].cells):
                yield Problem(log.path, int(row), "value", sentence)


def _corrected(contract: Contract, sheets: Mapping[str, Sheet]) -> tuple[dict[str, Sheet], list[Problem]]:
    """Put the corrections into the tables and report those that do not match or name no table."""
    corrections = sheets.get(CORRECTIONS)
    if corrections is None or not corrections.has(*contract.tables[CORRECTIONS].fields):
        return dict(sheets), []
    path, known = corrections.table.path, list(contract.tables)
    problems = [
        Problem(path, int(row), "resource", f"found '{name}', which is no table: correct it{nearest(name, known)}.")
        for row, name in corrections.cells["resource"].items()
        if name not in contract.tables
    ]
    changed = {}
    for name, sheet in sheets.items():
        changed[name] = sheet
        if sheet.has(*sheet.table.key) and name != CORRECTIONS:
            cells, faults = correct(sheet.cells, sheet.table, corrections.cells)
            changed[name] = Sheet(sheet.table, cells)
            problems += [Problem(path, int(row), "expected", sentence) for row, sentence in faults]
    return changed, problems


def _cells(contract: Contract, sheets: Mapping[str, Sheet]) -> list[Problem]:
    """Check types, constraints and keys; what the library lets pass but we cannot read is added."""
    problems = list(_by_library(contract, sheets))
    told = {(problem.file, problem.row, problem.column) for problem in problems}
    for sheet in sheets.values():
        for name, cells in sheet.cells.items():
            type_ = sheet.table.fields[name].get("type", "string")
            for row in cells.index[read_as(cells, type_).isna() & (cells != "")]:
                if (sheet.table.path, row, name) not in told:
                    problems.append(_wrong_type(sheet, int(row), name, cells[row]))
    return problems


def _by_library(contract: Contract, sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    from frictionless import FrictionlessException, Package

    resources = [_resource(sheet) for sheet in sheets.values()]
    names = {resource["name"]: sheet for resource, sheet in zip(resources, sheets.values(), strict=True)}
    try:
        report = Package.from_descriptor({"name": "room", "resources": resources}).validate(limit_errors=ALL_ERRORS)
    except FrictionlessException as error:
        for reason in error.reasons or [error.error]:
            yield Problem(
                contract.files[0], 0, "", f"expected a valid data package, found that {reason.note}: mend it."
            )
        return
    for error in report.errors:
        yield Problem(contract.files[0], 0, "", f"expected a valid data package, found that {error.note}: mend it.")
    for task in report.tasks:
        for error in task.errors:
            yield _in_words(names[task.name], error)


class _Rows(list):
    """Rows that the library does not copy, though it copies all it is given, cell by cell, several times."""

    def __deepcopy__(self, memo: dict) -> _Rows:
        return self


def _resource(sheet: Sheet) -> dict[str, Any]:
    """Describe a table to the library, with the cells as read and only the columns that are there."""
    schema = deepcopy(sheet.table.descriptor["schema"])  # the library empties what it is given
    schema["fields"] = [field for field in schema["fields"] if sheet.has(field["name"])]
    if not sheet.has(*sheet.table.key):
        schema.pop("primaryKey", None)
    schema.pop("foreignKeys", None)  # ours are many times faster and suggest the nearest name
    data = _Rows([list(sheet.cells.columns), *sheet.cells.to_numpy(dtype=object).tolist()])
    return {"name": sheet.table.name, "data": data, "schema": schema}


def _in_words(sheet: Sheet, error: Any) -> Problem:
    """Say an error of the library in our words."""
    row = int(sheet.cells.index[error.row_number - 2]) if hasattr(error, "row_number") else 0
    if error.type == "type-error":
        return _wrong_type(sheet, row, error.field_name, error.cell)
    if error.type == "constraint-error":
        sentence = _constraint(sheet.table.fields[error.field_name], error)
        return Problem(sheet.table.path, row, error.field_name, sentence)
    if error.type == "primary-key":
        key = ";".join(sheet.cells.loc[row, sheet.table.key])
        again = f"expected the key '{key}' once, found it again: rename or remove one of the rows."
        blank = "expected a key, found empty cells: fill them in."
        return Problem(sheet.table.path, row, ", ".join(sheet.table.key), again if key.strip(";") else blank)
    return Problem(sheet.table.path, row, getattr(error, "field_name", ""), f"found a fault ({error.note}): mend it.")


def _wrong_type(sheet: Sheet, row: int, column: str, cell: str) -> Problem:
    kind = {
        "date": "a date as 2022-12-31",
        "yearmonth": "a month as 2022-12",
        "year": "a year as 2022",
        "integer": "a whole number",
    }.get(sheet.table.fields[column]["type"], "a number")
    return Problem(sheet.table.path, row, column, f"expected {kind}, found '{cell}': correct the cell.")


def _constraint(field: Mapping[str, Any], error: Any) -> str:
    limits = field["constraints"]
    name = next((name for name in limits if f'constraint "{name}"' in error.note), "")
    wanted = {
        "required": "a value, found an empty cell: fill it in.",
        "enum": f"one of {', '.join(map(str, limits.get('enum', ())))}, found '{error.cell}': choose one of them.",
        "pattern": f"a text like {field.get('example', limits.get('pattern'))}, found '{error.cell}': rewrite it.",
        "minimum": f"at least {limits.get('minimum')}, found '{error.cell}': correct the cell.",
        "maximum": f"at most {limits.get('maximum')}, found '{error.cell}': correct the cell.",
    }
    return f"expected {wanted.get(name, f'another value ({error.note}): correct the cell.')}"
