"""Publishing an edition: what its build found is kept for good, with hashes of all that it came from.

Kept are `values.json` and, in the lock, the inputs, the versions, the headline values and the forecasts, which are
scored when their days have come. Nothing here runs a chapter.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from attrition import values
from attrition.editions import lock
from attrition.editions.edition import Edition

HEADLINES = "headlines.txt"


def freeze(root: Path, edition: Edition, work: Path, *, day: date) -> Path:
    """Publish an edition from its finished build and return the path of its lock.

    Parameters
    ----------
    work : Path
        The build's folder of steps (`attrition.build.Plan.work`), complete and up to date.
    day : date
        The day of publication.

    Raises
    ------
    attrition.editions.lock.LockError
        If the edition is published already, or was not built.
    """
    stage = work / "stage"
    if not (stage / "extra" / "values.json").is_file():
        raise lock.LockError(
            f"Expected a finished build of edition {edition.name} in {work}, found none: build it first."
        )
    notebooks = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(_notebooks(stage))}
    text = (stage / "extra" / "values.json").read_text(encoding="utf-8")
    document = json.loads(text)
    changes = work / "changes.json"
    record = {
        "name": edition.name,
        "title": edition.title,
        "cutoff": edition.cutoff.isoformat(),
        "frozen": day.isoformat(),
        "versions": {"python": platform.python_version(), "requirements_sha256": _sha256(root / "requirements.txt")},
        "generated_from": document["generated_from"],
        "chapters": {f"notebooks/{name}": book["metadata"]["attrition"] for name, book in notebooks.items()},
        "headline": headline_values(document, headlines(root)),
        "forecasts": [one for book in notebooks.values() for one in values.forecasts(book)],
        "changes": json.loads(changes.read_text(encoding="utf-8")) if changes.exists() else None,
    }
    return lock.write(root / "editions", record, text)


def headlines(root: Path) -> list[str]:
    """Keys of the values that may not move in silence, from `editions/headlines.txt`; none without such a file."""
    path = root / "editions" / HEADLINES
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]


def headline_values(document: Mapping[str, Any], keys: list[str]) -> dict[str, dict[str, Any]]:
    """Pick value, interval and unit of the headline values that an edition has."""
    found = document["values"]
    return {
        key: {name: found[key][name] for name in ("value", "lower", "upper", "level", "unit")}
        for key in keys
        if key in found
    }


def _notebooks(stage: Path):
    return (stage / "notebooks").glob("*.ipynb")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
