"""Two editions side by side, for the command line: found in their locks or last builds, told as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrition import changes, edition, history, lock, wording
from attrition.edition import EditionError


def between(root: Path, before: str, after: str) -> dict[str, Any]:
    """Compare two editions of the project.

    Returns
    -------
    dict
        What `attrition.changes.compare` gives, with `restated` and `cutoffs`. Where the last build compared the same
        two, its record is taken, which tells method from data by having run the older edition again.

    Raises
    ------
    attrition.edition.EditionError
        If an edition is unknown, was neither published nor built, or is not the older of the two.
    """
    from attrition.room import open_room

    folder = root / "editions"
    chosen = [edition.load(name, folder) for name in (before, after)]
    if chosen[0].cutoff >= chosen[1].cutoff:
        raise EditionError(f"Expected the older edition first, found {before} before {after}: swap them.")
    old, new = (_document(root, one) for one in chosen)
    steps = root / "_build" / "steps" / after
    found = _recorded(steps / "changes.json", old, new)
    if found is None:
        found = changes.compare(old, new, *_again(folder, before, steps))
        found["cutoffs"] = [one.cutoff.isoformat() for one in chosen]
        found["restated"] = changes.restated(*(open_room(root / "data", cutoff=one.cutoff) for one in chosen))
    return found


def as_table(found: Mapping[str, Any]) -> str:
    """Tell a comparison as lines of text."""
    lines = [f"{found['after']} against {found['before']}: {wording.count(len(found['moved']), 'number')} moved."]
    rows = [(row["key"], row["old_text"], row["new_text"], ", ".join(row["causes"])) for row in found["moved"]]
    lines += _columns([("key", "was", "is", "why"), *rows]) if rows else []
    lines += ["", f"Claims judged otherwise: {len(found['verdicts'])}."]
    lines += [f"  {row['key']}: {row['old_text']} -> {row['new_text']}" for row in found["verdicts"]]
    lines += ["", f"Figures restated: {len(found['restated'])}."]
    lines += [f"  {r['source']} {r['measure']} {r['as_of']}: {r['old']} -> {r['new']}" for r in found["restated"]]
    return "\n".join(lines)


def _document(root: Path, one: edition.Edition) -> dict[str, Any]:
    """What an edition's `values.json` holds: as published, else as last built."""
    published = root / "editions" / one.name / "values.json"
    built = root / "_build" / "steps" / one.name / "stage" / "extra" / "values.json"
    for path in (published, built):
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
    raise EditionError(
        f"Expected results of edition {one.name}, found none: run 'python -m attrition build --edition {one.name}' "
        "first."
    )


def _recorded(path: Path, old: Mapping, new: Mapping) -> dict[str, Any] | None:
    """The comparison of the last build, if it is of these two and still holds."""
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    same = (found["before"], found["after"]) == (old["edition"], new["edition"])
    return found if same and found["generated_from"] == [old["generated_from"], new["generated_from"]] else None


def _again(folder: Path, before: str, steps: Path) -> tuple[dict, dict]:
    path = folder / f"{before}{lock.ENDING}"
    return history.again(lock.read(path), steps / "again") if path.exists() else ({}, {})


def _columns(rows) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
