"""The contract of a data room: what `datapackage.json` says its tables hold.

The contract is a Frictionless data package with a few properties of our own: `war` says which war the room is
about and who fights whom, a series says whose losses it counts and by whom, a column which measure it holds. This
module reads the contract alone: tables are read by `attrition.room.tables`, and whether their rows keep the contract's
promises is the business of `attrition.room.validation`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from attrition.room import shape

CONTRACT = "datapackage.json"
CORRECTIONS = "corrections"
REQUIRED_TABLES = ("sources", "definitions", CORRECTIONS)


class RoomError(ValueError):
    """A data room that cannot be opened or read as its contract says."""


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of a data room: where it is, and a plain sentence with what to do.

    `row` counts as a spreadsheet does, the header being row 1; 0 and an empty column mean the whole.
    """

    file: str
    row: int
    column: str
    sentence: str

    @property
    def where(self) -> str:
        """File, row and column in words."""
        row = f", row {self.row}" if self.row else ""
        return f"{self.file}{row}" + (f", column {self.column}" if self.column else "")

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"


@dataclass(frozen=True)
class Side:
    """How a code of the column `side` is called: name and adjective."""

    code: str
    name: str
    adjective: str


@dataclass(frozen=True)
class Claim:
    """The regular claim of losses that the room follows: its measure and who makes it."""

    measure: str
    source: str


@dataclass(frozen=True)
class War:
    """What a room is about: a war, its first day, the side whose losses are counted, and the other one.

    Attributes
    ----------
    as_of : Timestamp
        Last day that the room's compilers looked at.
    speakers : mapping of str
        Which speaker plays which part: a chapter asks for the part, the room says who it is.
    short_names : mapping of str
        How figures call a speaker whose name is too long for them.
    marks, cuts : mapping
        Short labels of events by ISO day; by series, the ISO days at which a chapter cuts it into before and after.
    buyer : str or None
        Code of the side that buys most of the export crude.

    Who plays which part is the chapters' business and no figure: it stays out of what `Room.seen` hashes.
    """

    name: str
    start: pd.Timestamp
    as_of: pd.Timestamp
    side: str
    opponent: str
    sides: Mapping[str, Side]
    daily_claim: Claim
    speakers: Mapping[str, str] = field(default_factory=dict, repr=False)
    short_names: Mapping[str, str] = field(default_factory=dict, repr=False)
    marks: Mapping[str, str] = field(default_factory=dict, repr=False)
    cuts: Mapping[str, list[str]] = field(default_factory=dict, repr=False)
    buyer: str | None = field(default=None, repr=False)

    def speaker(self, part: str) -> str:
        """Id of the speaker who plays a part.

        Raises
        ------
        RoomError
            If the room gives the part to nobody.
        """
        if part not in self.speakers:
            raise RoomError(
                f"Expected a speaker for the part '{part}' in war.speakers of {CONTRACT}, found none"
                f"{nearest(part, self.speakers)}: name one of sources.csv."
            )
        return self.speakers[part]


@dataclass(frozen=True)
class Table:
    """One table of the room: its descriptor with the schema in place."""

    name: str
    path: str
    descriptor: Mapping[str, Any]

    @property
    def fields(self) -> dict[str, Mapping[str, Any]]:
        """Descriptors of the columns by name, in order."""
        return {field["name"]: field for field in self.descriptor["schema"]["fields"]}

    @property
    def key(self) -> list[str]:
        """Columns of the primary key."""
        return shape.listed(self.descriptor["schema"].get("primaryKey", []))

    @property
    def references(self) -> list[tuple[str, str, str]]:
        """Column, table referred to, and its column, for each foreign key."""
        keys = self.descriptor["schema"].get("foreignKeys", [])
        pairs = [(one["fields"], one["reference"]["resource"], one["reference"]["fields"]) for one in keys]
        return [(shape.listed(column)[0], table, shape.listed(key)[0]) for column, table, key in pairs]

    def says(self, name: str, column: str = "") -> Any:
        """A property of the column if it has it, else of the table, else None."""
        return self.fields.get(column, {}).get(name, self.descriptor.get(name))


@dataclass(frozen=True)
class Contract:
    """A room's contract: its folder, its war, its tables, and the files that hold the contract."""

    root: Path
    war: War
    tables: Mapping[str, Table]
    files: tuple[str, ...]


def load_contract(root: Path) -> Contract:
    """Read the contract of the room in a folder.

    Raises
    ------
    RoomError
        With the first problem, if the contract is missing or malformed.
    """
    contract, problems = read_contract(root)
    if contract is None:
        raise RoomError(str(problems[0]))
    return contract


def read_contract(root: Path) -> tuple[Contract | None, list[Problem]]:
    """Read the contract of the room in a folder; without a usable one, None and every problem found."""
    try:
        package = _json(root / CONTRACT)
        schemas = _put_schemas_in_place(root, package)
        shape.Package.model_validate(package)
    except RoomError as error:
        return None, [Problem(CONTRACT, 0, "", str(error))]
    except ValidationError as error:
        return None, [Problem(CONTRACT, 0, "", sentence) for sentence in shape.sentences(error, package)]
    tables = {one["name"]: Table(one["name"], one["path"], one) for one in package["resources"]}
    missing = [name for name in REQUIRED_TABLES if name not in tables]
    say = "expected the resource '{}', found none of this name: every room needs it."
    if missing:
        return None, [Problem(CONTRACT, 0, "", say.format(name)) for name in missing]
    return Contract(root, _war(package["war"]), tables, (CONTRACT, *sorted(schemas))), []


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the known name that is most like this one, if any is."""
    close = get_close_matches(name, known, n=1)
    return f" (nearest: '{close[0]}')" if close else ""


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise RoomError(f"expected the file {path.name} in {path.parent}, found none: is this a data room?") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RoomError(f"expected JSON in {path.name}, found something else ({error}): repair the file.") from None
    if not isinstance(content, dict):
        raise RoomError(f"expected an object in {path.name}, found a {type(content).__name__}: put it in braces.")
    return content


def _put_schemas_in_place(root: Path, package: dict[str, Any]) -> set[str]:
    """Replace the path of a schema by the schema, in place, and return the paths."""
    listed = package.get("resources")
    named = [one for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict)]
    named = [one for one in named if isinstance(one.get("schema"), str)]
    paths = {one["schema"] for one in named}
    for path in sorted(paths):
        if not shape.is_inside(path):
            raise RoomError(f"expected the path of a schema inside the room, found '{path}': move the file in.")
    schemas = {path: _json(root / path) for path in paths}
    for one in named:
        one["schema"] = schemas[one["schema"]]
    return paths


def _war(given: Mapping[str, Any]) -> War:
    days = {name: pd.Timestamp(given[name]) for name in ("start", "as_of")}
    sides = {code: Side(code, one["name"], one["adjective"]) for code, one in given["sides"].items()}
    claim = Claim(given["daily_claim"]["measure"], given["daily_claim"]["source"])
    said = {name: given[name] for name in ("side", "opponent")}
    cast = {name: given[name] for name in ("speakers", "short_names", "marks", "cuts", "buyer") if name in given}
    return War(name=given["name"], **days, **said, sides=sides, daily_claim=claim, **cast)
