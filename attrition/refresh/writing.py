"""Writing a refreshed room: beside the old one, checked there, and put in its place in one step.

A crash, a kill or a full disk leaves the old room or the new one. Only one refresh works on a room at a time.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from attrition.files import recover, staged_at, swap_folder, write_atomically
from attrition.refresh.comparing import Change
from attrition.refresh.results import RefreshError
from attrition.room.contract import CONTRACT
from attrition.room.vintages import COLUMNS, VINTAGES


@contextmanager
def locked(room: Path) -> Iterator[None]:
    """Hold a room for one refresh; a killed one lets go of it.

    Raises
    ------
    RefreshError
        If another refresh holds it, or there is none.
    """
    if not (room.is_dir() or room.with_name(f".{room.name}.old").is_dir()):
        raise RefreshError(f"Expected a data room at {room}, found no such folder: name one with --room.")
    lock = FileLock(room.with_name(f".{room.name}.lock"))
    try:
        with lock.acquire(timeout=0):
            recover(room)
            yield
    except Timeout:
        raise RefreshError(f"Expected to be the only refresh of {room}, found another at work: wait for it.") from None


def stage(room: Path, changes: Iterable[Change], receipts: Mapping[str, Any], today: date) -> Path:
    """Make the new room beside the old one and return its folder.

    Parameters
    ----------
    receipts
        For each series by name what is to stand in the contract: which sources, fetched when, with which hashes.
    """
    folder = staged_at(room)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(room, folder)
    package = json.loads((folder / CONTRACT).read_text(encoding="utf-8"))
    for change in changes:
        _write(folder / change.table.path, list(change.cells), change.cells.to_numpy().tolist())
        described = _describe(package, change, today)
        if change.table.name in receipts:
            described["refreshed"] = receipts[change.table.name]
        _log(folder, package, change, today)
        day = min(change.newest, pd.Timestamp(today))
        package["war"]["as_of"] = max(package["war"]["as_of"], f"{day:%Y-%m-%d}")
    write_atomically(folder / CONTRACT, json.dumps(package, indent=2, ensure_ascii=False) + "\n")
    return folder


def put_in_place(room: Path, folder: Path) -> None:
    """Let the new room take the old one's name."""
    swap_folder(folder, room)


def _describe(package: dict[str, Any], change: Change, today: date) -> dict[str, Any]:
    """The descriptor of the table in the contract, added where the room does not hold it yet."""
    for resource in package["resources"]:
        if resource["name"] == change.table.name:
            return resource
    package["resources"].append({**change.table.descriptor, "acceptedFrom": f"{today:%Y-%m-%d}"})
    return package["resources"][-1]


def _log(folder: Path, package: dict[str, Any], change: Change, today: date) -> None:
    """Append the changes to the log of the series; a table without a log of its own has none."""
    if change.is_new or change.table.says("transcribes") or change.empty:
        return
    name = VINTAGES + change.table.name.rpartition("/")[2]
    path = folder / f"{name}.csv"
    if not any(one["name"] == name for one in package["resources"]):
        package["resources"].append(_log_descriptor(name, change.table.name))
    old = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            old = list(csv.reader(file))[1:]
    day = f"{today:%Y-%m-%d}"
    new = [[day, key, "", "", ""] for key in change.added]
    new += [[day, key, field, was, value] for key, field, was, value in change.restated]
    _write(path, COLUMNS, [*old, *new])


def _log_descriptor(name: str, series: str) -> dict[str, Any]:
    says = {
        "known_from": "Day from which the row or value is known here.",
        "key": "Primary key of the row of the series; several cells are separated by semicolons.",
        "field": "The column whose value was restated; empty where the row was added.",
        "was": "The value before; empty where the cell was.",
        "value": "The value since; empty where it was withdrawn.",
    }
    fields = [
        {
            "name": one,
            "type": "date" if one == "known_from" else "string",
            "description": says[one],
            **({"constraints": {"required": True}} if one in ("known_from", "key") else {}),
        }
        for one in COLUMNS
    ]
    return {
        "name": name,
        "path": f"{name}.csv",
        "title": f"What was known when: {series.rpartition('/')[2]}",
        "description": f"Rows added to {series} and values restated, in the order of their acceptance.",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "vintagesOf": series,
        "schema": {"fields": fields},
    }


def _write(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    write_atomically(path, text.getvalue())
