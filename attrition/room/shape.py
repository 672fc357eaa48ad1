"""The shape of a contract: which properties `datapackage.json` has, of which type, and what must fit together.

Models of pydantic, used to refuse a malformed contract with every fault in a sentence; properties not named here are
the Frictionless standard's and pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator


def is_inside(path: str) -> bool:
    """Whether a path stays inside the room."""
    parts = PurePosixPath(path)
    return not (parts.is_absolute() or ".." in parts.parts or "\\" in path or ":" in path)


def listed(names: Any) -> Any:
    """A single name as a list; anything else as it is."""
    return [names] if isinstance(names, str) else names


def _path(text: str) -> str:
    if not is_inside(text):
        raise ValueError(f"expected a path inside the room, found '{text}'")
    return text


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a day as 2022-12-31, found '{text}'") from None
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error:
        raise ValueError(f"expected a pattern, found '{text}'") from None
    return text


Text = Annotated[str, Field(min_length=1)]
Day = Annotated[str, AfterValidator(_day)]
Names = Annotated[list[Text], BeforeValidator(listed)]
One = Annotated[list[Text], BeforeValidator(listed), Field(min_length=1, max_length=1)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class Limits(_Shape):
    """Constraints of a column."""

    model_config = ConfigDict(strict=True, extra="forbid")

    required: bool = False
    enum: Annotated[list[Text], Field(min_length=1)] | None = None
    pattern: Annotated[str, AfterValidator(_pattern)] | None = None
    minimum: float | None = None
    maximum: float | None = None


class Column(_Shape):
    """A column: its type, its constraints, and what a number in it counts."""

    name: Text
    type: Literal["string", "number", "integer", "date", "yearmonth", "year"] = "string"
    description: str = ""
    constraints: Limits = Limits()
    measure: Text | None = None
    source: Text | None = None
    side: Text | None = None
    monotone: bool = False
    falls: dict[Day, Text] = {}
    knownFrom: Day | None = None
    example: str = ""


class Reference(_Shape):
    """The column of another table that a column refers to."""

    resource: Text
    fields: One


class Link(_Shape):
    """A foreign key of one column."""

    fields: One
    reference: Reference


class Schema(_Shape):
    """Columns, key and references of a table."""

    fields: Annotated[list[Column], Field(min_length=1)]
    primaryKey: Names = []
    foreignKeys: list[Link] = []


class Resource(_Shape):
    """A table: where it is, what its columns are, and from which day its rows are known."""

    name: Text
    path: Annotated[Text, AfterValidator(_path)]
    schema_: Schema = Field(alias="schema")
    title: str = ""
    description: str = ""
    side: Text | None = None
    source: Text | None = None
    transcribes: Text | None = None
    transcribedBy: Text | None = None
    transcribedUntil: Day | None = None
    vintagesOf: Text | None = None
    acceptedFrom: Day | None = None
    dateField: Text | None = None
    cadenceDays: Annotated[int, Field(ge=1)] | None = None
    knownBy: list[Text] = []

    @model_validator(mode="after")
    def _columns_are_there(self) -> Resource:
        fields = [field.name for field in self.schema_.fields]
        _once(fields, "column")
        dates = [*self.knownBy, *([self.dateField] if self.dateField else [])]
        for name in [*self.schema_.primaryKey, *(link.fields[0] for link in self.schema_.foreignKeys), *dates]:
            if name not in fields:
                raise ValueError(f"expected '{name}', used as a key, reference or date, among the fields, found none")
        if self.cadenceDays and not (self.dateField and self.name.startswith("series/")):
            raise ValueError("expected 'cadenceDays' on a series with a 'dateField', found it elsewhere")
        types = {field.name: field.type for field in self.schema_.fields}
        for name in dates:
            if types[name] not in ("date", "yearmonth", "year"):
                raise ValueError(f"expected a column of dates for 'dateField' and 'knownBy', found '{name}'")
        return self


class Side(_Shape):
    """How a side is called."""

    name: Text
    adjective: Text


class Claim(_Shape):
    """The regular claim of losses."""

    measure: Text
    source: Text


class War(_Shape):
    """What the room is about; before `first_cutoff` it holds too little for the chapters."""

    name: Text
    start: Day
    first_cutoff: Day | None = None
    as_of: Day
    side: Text
    opponent: Text
    buyer: Text | None = None
    sides: dict[Text, Side]
    daily_claim: Claim
    speakers: dict[Text, Text] = {}
    short_names: dict[Text, Text] = {}
    marks: dict[Day, Text] = {}
    cuts: dict[Text, list[Day]] = {}

    @model_validator(mode="after")
    def _sides_are_named(self) -> War:
        for role in ("side", "opponent", "buyer"):
            if getattr(self, role) not in [*self.sides, *([None] if role == "buyer" else [])]:
                raise ValueError(f"expected '{role}' to be a code of 'sides', found '{getattr(self, role)}'")
        return self


class Package(_Shape):
    """The whole contract."""

    war: War
    resources: Annotated[list[Resource], Field(min_length=1)]

    @model_validator(mode="after")
    def _tables_are_told_apart(self) -> Package:
        _once((one.name for one in self.resources), "resource name")
        _once((one.path for one in self.resources), "path")
        return self


def _once(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"expected each {what} once, found '{name}' twice")
        seen.add(name)


def sentences(error: ValidationError, package: Mapping[str, Any]) -> Iterator[str]:
    """Say each fault of a contract in a sentence, with its place."""
    for one in error.errors(include_url=False):
        place = _place(one["loc"], package)
        found = json.dumps(one["input"], default=str)
        what = one["msg"].replace("Input should be", "expected").removeprefix("Value error, ")
        todo = "correct the contract"
        if one["type"] == "missing":
            what, todo = "expected this property, found none", "add it"
        elif one["type"] == "string_too_short":
            what, todo = "expected a name or a text, found none", "fill it in"
        elif one["type"] != "value_error":
            what = f"{what[0].lower()}{what[1:]}, found {found if len(found) < 60 else 'something else'}"
        yield f"{place}: {what}: {todo}." if place else f"{what}: {todo}."


def _place(path: tuple[str | int, ...], package: Mapping[str, Any]) -> str:
    """Where in the contract, tables and columns by name instead of number."""
    words, here = [], package
    for step in path:
        here = here[step] if _leads_on(here, step) else None
        name = here.get("name") if isinstance(step, int) and isinstance(here, dict) else None
        words.append(f"'{name}'" if isinstance(name, str) and name else str(step))
    return " ".join(words)


def _leads_on(here: Any, step: str | int) -> bool:
    return (isinstance(here, dict) and step in here) or (isinstance(here, list) and isinstance(step, int))
