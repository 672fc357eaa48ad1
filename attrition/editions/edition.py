"""Editions: a cutoff and the parameters of every chapter, kept as one small file each.

An edition answers "as seen when, and under which assumptions". This room reads, checks and begins those files; it does
not run anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attrition import entries
from attrition.files import write_atomically
from attrition.parameters import unknown

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class EditionError(ValueError):
    """An edition that is missing or malformed."""


class Edition(BaseModel):
    """One published state of the book.

    Attributes
    ----------
    name : str
        Short name, also its address: ``2026-05``.
    title : str
        How pages name it: ``May 2026``.
    cutoff : datetime.date
        Last day of data used by every chapter.
    shared : dict
        Parameters for every chapter that takes them.
    parameters : dict
        Per chapter, what differs from the notebook's defaults.
    limits : dict
        ``minutes`` and ``memory_gb`` that each chapter may use, where they differ from the usual.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    cutoff: date
    shared: dict[str, Any] = {}
    parameters: dict[str, dict[str, Any]] = {}
    limits: dict[Literal["minutes", "memory_gb"], Annotated[float, Field(gt=0)]] = {}

    def given(self, chapter: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
        """What this edition sets for one chapter: the cutoff and what is shared, where it takes them, and its own."""
        everywhere = {"cutoff": self.cutoff, **self.shared}
        taken = {name: value for name, value in everywhere.items() if name in defaults}
        return {**taken, **self.parameters.get(chapter, {})}


def load(choice: str | None, folder: Path) -> Edition:
    """Open an edition by name or file; the newest by cutoff where none is chosen.

    Raises
    ------
    EditionError
        If there is no such edition, or its file is malformed.
    """
    if choice is not None and Path(choice).suffix in (".yml", ".yaml"):
        return read(Path(choice))
    editions = {path.stem: path for path in sorted(folder.glob("*.yml"))}
    if not editions:
        raise EditionError(f"Expected edition files such as 2026-05.yml in {folder}, found none.")
    if choice is None:
        return max((read(path) for path in editions.values()), key=lambda edition: edition.cutoff)
    if choice not in editions:
        raise EditionError(unknown("edition", choice, editions))
    return read(editions[choice])


def begin(name: str, cutoff: str | None, folder: Path, room: Path) -> Path:
    """Write the file of a new edition, with the parameters of the newest, and return its path.

    Parameters
    ----------
    cutoff : str or None
        ISO day; by default the day to which the data room is compiled.

    Raises
    ------
    EditionError
        If the name is taken or is no plain name, or the cutoff is no day or not after that of the newest.
    """
    path = folder / f"{name}.yml"
    if path.exists() or not NAME.fullmatch(name):
        what = f"{path.name} in {folder}" if path.exists() else f"'{name}'"
        raise EditionError(
            f"Expected a name that is free, of small letters, digits and -, found {what}: choose another."
        )
    newest = load(None, folder)
    day = cutoff or json.loads((room / "datapackage.json").read_text(encoding="utf-8"))["war"]["as_of"]
    try:
        later = date.fromisoformat(day) > newest.cutoff
    except ValueError:
        raise EditionError(
            f"Expected a cutoff such as 2026-08-31, found '{day}': write a day of the calendar."
        ) from None
    if not later:
        raise EditionError(
            f"Expected a cutoff after {newest.cutoff}, that of edition {newest.name}, found {day}: name a later day."
        )
    kept = newest.model_dump(mode="json", include={"shared", "parameters", "limits"}, exclude_defaults=True)
    title = f"{date.fromisoformat(day):%B %Y}"
    content = {"name": name, "title": title, "cutoff": date.fromisoformat(day), **kept}
    write_atomically(path, yaml.safe_dump(content, sort_keys=False))
    return path


def read(path: Path) -> Edition:
    """Read one edition file.

    Raises
    ------
    EditionError
        Naming the file, the entry and what was expected.
    """
    content = entries.read(path, what="an edition file", example="cutoff: 2026-05-31", fault=EditionError)
    try:
        return Edition(**content)
    except ValidationError as error:
        faults = {fault["type"]: fault for fault in reversed(error.errors())}
        fault = faults.get("extra_forbidden", error.errors()[0])  # a misspelt name explains the one that is missing
        entry = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            raise EditionError(f"In {path}: {unknown('entry', entry, Edition.model_fields)}") from None
        if fault["type"] == "missing":
            raise EditionError(f"In {path}: expected an entry '{entry}', found none.") from None
        raise EditionError(f"In {path}, entry '{entry}': {fault['msg'].lower()}, found '{fault['input']}'.") from None
