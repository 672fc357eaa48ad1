"""What may be set from outside: one vocabulary of typed parameters for all chapters and editions.

A chapter takes the parameters that its notebook's `parameters` cell assigns, with the defaults that stand there; what
each name means and may be is said once, in `notebooks/parameters.yml`, so that the same name means the same thing in
every chapter. Nothing here reads data: it answers within a second, before any kernel starts.
"""

from __future__ import annotations

import ast
import difflib
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from attrition import entries

VOCABULARY = Path(__file__).parents[1] / "notebooks" / "parameters.yml"
ESTIMATED = "estimated"  # what a user writes for "as the data say"; in a notebook it is None


class ParameterError(ValueError):
    """A parameter that is unknown, of the wrong type or out of range."""


def _quantity(entry: Entry) -> Any:
    """Type of a finite number between two ends; None stands for one that the data are to say."""
    ends = Field(ge=entry.lowest, le=entry.highest, allow_inf_nan=False)
    if not entry.estimated:
        return Annotated[float, ends]
    return Annotated[float | None, ends, BeforeValidator(lambda given: None if given == ESTIMATED else given)]


def _adds_to_one(given: str) -> str:
    """Refuse weights that do not add to one; nothing stands for equal weights."""
    shares = [float(part.split()[1]) for part in given.split(",") if part]
    if shares and abs(sum(shares) - 1) > 1e-6:
        raise ValueError(f"they add to {sum(shares):g}")
    return given


def _days_of_the_calendar(text: str) -> str:
    """Refuse days joined by commas of which one does not exist, such as 2025-02-30."""
    for day in text.split(",") if text else ():
        date.fromisoformat(day)
    return text


DAYS = r"^(\d{4}-\d{2}-\d{2}(,\d{4}-\d{2}-\d{2})*)?$"
WEIGHTS = r"^([a-z_]+ (0?\.\d+|0|1)(, [a-z_]+ (0?\.\d+|0|1))*)?$"
SPOKEN = {
    "day": "a date such as 2026-05-31",
    "whole": "a whole number",
    "number": "a number",
    "name": "a name or nothing",
    "days": "days such as 2025-10-22,2026-03-05 or nothing",
    "stretch": "'whole war' or a year such as 2024",
    "weights": "text such as 'oil 0.4, tech 0.3, losses 0.3' that adds to one, or nothing",
}
KINDS = {
    "day": lambda entry: date,
    "whole": lambda entry: Annotated[int, Field(ge=entry.lowest, le=entry.highest)],
    "number": lambda entry: _quantity(entry),
    "one of": lambda entry: Literal[tuple(entry.choices)],
    "name": lambda entry: Annotated[str, Field(max_length=60, pattern=r"^([a-z][a-z0-9_]*)?$")],
    "days": lambda entry: Annotated[str, Field(max_length=120, pattern=DAYS), AfterValidator(_days_of_the_calendar)],
    "stretch": lambda entry: Annotated[str, Field(pattern=r"^(whole war|\d{4})$")],
    "weights": lambda entry: Annotated[str, Field(max_length=120, pattern=WEIGHTS), AfterValidator(_adds_to_one)],
}


class Entry(BaseModel):
    """One entry of the vocabulary: what a parameter means and may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal[tuple(KINDS)]
    meaning: str
    lowest: int | float | None = Field(None, alias="from")
    highest: int | float | None = Field(None, alias="to")
    choices: tuple[str, ...] = ()
    estimated: bool = False

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self):
        if self.kind in ("whole", "number") and (self.lowest is None or self.highest is None):
            raise ValueError(f"a {self.kind} needs from and to")
        if (self.kind == "one of") != bool(self.choices):
            raise ValueError("choices go with the kind 'one of'")
        return self

    def type(self) -> Any:
        """The type that checks a value."""
        return KINDS[self.kind](self)


@cache
def vocabulary(path: Path = VOCABULARY) -> Mapping[str, Entry]:
    """Every parameter that a chapter may declare, by name.

    Raises
    ------
    ParameterError
        If the file is missing, or an entry is not one of the kinds described at its head.
    """
    content = entries.read(path, what="the parameters", example="seed: {kind: whole, ...}", fault=ParameterError)
    try:
        return {name: Entry.model_validate(entry) for name, entry in content.items()}
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "entry"
        raise ParameterError(
            f"Expected each entry of {path.name} as described at its head, found one with {where}: {first['msg']}."
        ) from None


def declared(notebook: Path) -> dict[str, Any]:
    """Read names and defaults from a notebook's `parameters` cell, without running it.

    Raises
    ------
    ParameterError
        If the notebook has no such cell, or the cell holds anything but plain assignments.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    if len(tagged) != 1:
        raise ParameterError(f"Expected one cell tagged 'parameters' in {notebook.name}, found {len(tagged)}: add one.")
    return {name: _default(value, name, notebook) for name, value in _assignments(tagged[0], notebook)}


def validate(chapter: str, defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Check what a user set against the vocabulary; return all of the chapter's parameters, typed.

    Parameters
    ----------
    chapter : str
        Name for the error messages.
    defaults : mapping
        What `declared` read from the notebook.
    given : mapping
        What the user or the edition sets, as text or typed.

    Raises
    ------
    ParameterError
        Naming the parameter, what is allowed and what was found.
    """
    for name in given:
        if name not in defaults:
            raise ParameterError(unknown(f"parameter of {chapter}", name, defaults))
    return {name: _typed(chapter, name, given.get(name, default)) for name, default in defaults.items()}


def describe(defaults: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List a chapter's parameters for people: name, type, range, default and meaning."""
    types = {"day": "date", "whole": "int", "number": "float"}
    return [
        {
            "name": name,
            "type": types.get(vocabulary()[name].kind, "str"),
            "range": allowed(name),
            "default": ESTIMATED if default is None else default,
            "meaning": vocabulary()[name].meaning,
        }
        for name, default in defaults.items()
    ]


def allowed(name: str) -> str:
    """Say in words what a parameter may be.

    >>> allowed("horizon_weeks")
    'a whole number from 1 to 52'
    >>> allowed("cutoff")
    'a date such as 2026-05-31'
    >>> allowed("recruits")
    "a number from 0 to 200000, or 'estimated'"
    >>> allowed("breaks")
    'days such as 2025-10-22,2026-03-05 or nothing'
    >>> allowed("window")
    "'whole war' or a year such as 2024"
    """
    entry = vocabulary()[name]
    if entry.choices:
        return "one of " + ", ".join(f"'{choice}'" for choice in entry.choices)
    ends = "" if entry.lowest is None else f" from {entry.lowest} to {entry.highest}"
    return f"{SPOKEN[entry.kind]}{ends}" + (f", or '{ESTIMATED}'" if entry.estimated else "")


def unknown(what: str, name: str, known) -> str:
    """Say that a name is unknown and which known ones come nearest.

    >>> unknown("chapter", "los_trends", ["loss_trends"])
    "Unknown chapter 'los_trends': did you mean 'loss_trends'?"
    """
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    hint = "did you mean " + " or ".join(f"'{n}'" for n in near) if near else "known are " + ", ".join(known)
    return f"Unknown {what} '{name}': {hint}?" if near else f"Unknown {what} '{name}': {hint}."


def _assignments(cell: Mapping, notebook: Path):
    """Names and value nodes of the cell; every statement must assign one known name."""
    for node in ast.parse("".join(cell["source"])).body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if not isinstance(target, ast.Name) or node.value is None:
            raise ParameterError(
                f"Expected only typed assignments such as 'seed: int = 1' in the parameters cell of {notebook.name},"
                f" found '{ast.unparse(node)}'."
            )
        if target.id not in vocabulary():
            raise ParameterError(unknown(f"parameter in {notebook.name}", target.id, vocabulary()))
        yield target.id, node.value


def _default(node: ast.expr, name: str, notebook: Path) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise ParameterError(
            f"Expected a plain default for '{name}' in {notebook.name}, found '{ast.unparse(node)}'."
        ) from None


def _typed(chapter: str, name: str, value: Any) -> Any:
    entry = vocabulary()[name]
    try:
        return _adapter(entry).validate_python(value)
    except ValidationError:
        raise ParameterError(
            f"Expected {allowed(name)} for parameter '{name}' of {chapter} ({entry.meaning}), found '{value}'."
        ) from None


@cache
def _adapter(entry: Entry) -> TypeAdapter:
    """The check of an entry; making one takes far longer than using it, and a sweep checks thousands of rows."""
    return TypeAdapter(entry.type())
