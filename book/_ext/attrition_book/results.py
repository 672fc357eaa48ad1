"""What the pages may show of an edition: its values, its figures and the files beside them.

The build of an edition writes ``results/values.json``, ``results/figures.json`` and the folder ``extra`` (copied to
the site's root as it is). This room reads and checks them once; it computes and formats nothing.
"""

from __future__ import annotations

import csv
import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VALUE_FIELDS = ("text", "interval", "level", "label", "definition", "as_of", "source_names", "notebook")
FIGURE_FIELDS = ("caption", "source", "alt", "width", "height", "notebook")
FIGURE_FILES = (".svg", ".dark.svg", ".png", ".csv")


class ResultsError(ValueError):
    """The results of an edition that are missing or not what the pages need."""


@dataclass(frozen=True)
class Results:
    """An edition's results.

    Attributes
    ----------
    title, cutoff : str
        The edition in words (``May 2026``) and the last day of its data (ISO).
    values, figures : dict
        Rows by key and by name, as the build wrote them.
    extra : Path
        Folder that becomes the site's root.
    newest : dict or None
        For an edition that has a newer one: ``title`` and ``pages`` of the newest, two folders up.
    before : dict or None
        What reads differently from the edition before (`attrition.changes.since`); None where there is none.
    ages : list of dict
        How old the regular series are (`attrition.ages.ages`).
    """

    title: str
    cutoff: str
    values: dict[str, dict[str, Any]]
    figures: dict[str, dict[str, Any]]
    extra: Path
    newest: dict[str, Any] | None = None
    before: dict[str, Any] | None = None
    ages: list[dict[str, Any]] = field(default_factory=list)

    def table(self, name: str) -> tuple[list[str], list[list[str]]]:
        """Return header and rows of the CSV behind a figure; both empty where there is no such file."""
        path = self.extra / "figures" / f"{name}.csv"
        if not path.is_file():
            return [], []
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = [row for row in csv.reader(file) if row] or [[]]
        return header, rows

    def missing_files(self, name: str) -> list[str]:
        """Return which of a figure's files are not there; an old edition keeps no PNG and says so in ``files``."""
        endings = self.figures.get(name, {}).get("files", FIGURE_FILES)
        return [f"{name}{end}" for end in endings if not (self.extra / "figures" / f"{name}{end}").is_file()]


def load(stage: Path) -> Results:
    """Read the results in a stage folder.

    Raises
    ------
    ResultsError
        If a file is missing or is no JSON, or an entry lacks a field that pages show.
    """
    head, figures = _read(stage, "values.json"), _read(stage, "figures.json")
    for entry in ("title", "cutoff", "values"):
        if entry not in head:
            raise ResultsError(f"Expected '{entry}' in results/values.json, found {sorted(head)}: build it again.")
    _check(head["values"], VALUE_FIELDS, "value", "values.json")
    _check(figures, FIGURE_FIELDS, "figure", "figures.json")
    newest, before = (_read_if_there(stage, name) for name in ("newest.json", "before.json"))
    ages = head.get("ages", [])
    return Results(head["title"], head["cutoff"], head["values"], figures, stage / "extra", newest, before, ages)


def nearest(name: str, known: Mapping[str, Any]) -> str:
    """Name the known keys most like `name`, for a message.

    >>> nearest("losses.montly", {"losses.monthly": 1, "oil.urals_usd": 2})
    "nearest: 'losses.monthly'"
    >>> nearest("x", {})
    'nothing is recorded'
    """
    if not known:
        return "nothing is recorded"
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or sorted(known)[:3]
    return "nearest: " + ", ".join(f"'{key}'" for key in close)


def _read_if_there(stage: Path, name: str) -> dict[str, Any] | None:
    return _read(stage, name) if (stage / "results" / name).exists() else None


def _read(stage: Path, name: str) -> dict[str, Any]:
    """Read one JSON object of the stage's results."""
    path = stage / "results" / name
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ResultsError(
            f"Expected the results of an edition in results/{name}, found no such file in the stage folder: "
            "run its chapters first ('make book' does)."
        ) from None
    except ValueError as error:
        raise ResultsError(
            f"Expected JSON in results/{name}, found something else ({error}): build it again."
        ) from None
    if not isinstance(found, dict):
        raise ResultsError(f"Expected an object in results/{name}, found a {type(found).__name__}: build it again.")
    return found


def _check(rows: Mapping[str, Mapping[str, Any]], fields: tuple[str, ...], what: str, name: str) -> None:
    """Refuse an entry that lacks what pages show of it."""
    for key, row in rows.items():
        lacking = [field for field in fields if field not in row]
        if lacking:
            raise ResultsError(
                f"Expected {', '.join(fields)} in every {what} of results/{name}, found no {', '.join(lacking)} in "
                f"'{key}': build it again."
            )
