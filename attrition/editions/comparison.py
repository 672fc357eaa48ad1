"""Editions side by side: one with the one before, one as published with itself as computed now, any two for a reader.

What is compared and how is in `attrition.editions.changes`; this room finds the two and what they say today.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrition import values, wording
from attrition.editions import changes, edition, freezing, lock
from attrition.editions import past as pasts
from attrition.editions.edition import EditionError


def with_before(root: Path, past: pasts.Past, document: Mapping, room: Path, again: Iterable[Path]) -> dict[str, Any]:
    """Compare the edition that is built with the one before; headlines that moved in silence are refused.

    Parameters
    ----------
    document : mapping
        What the new `values.json` holds.
    again : iterable of Path
        The executed chapters of the edition before, run again.

    Raises
    ------
    attrition.editions.changes.ChangesError
        For a headline that moved without a word in the changelog.
    """
    found = _compare(root, past.before, document, room, computed(again))
    log = root / "CHANGELOG.md"
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    changes.check_headlines(found, freezing.headlines(root), text)
    return found


def drift(root: Path, known: Mapping[str, Any], document: Mapping, room: Path) -> dict[str, Any] | None:
    """Compare an edition as computed now with the same edition as published; nothing where they are the same.

    Parameters
    ----------
    known : mapping
        Its lock.
    document : mapping
        What its `values.json` would hold now.
    """
    kept = lock.published_values(root / "editions", known)
    found = changes.compare(kept, document, document["values"], pasts.reasons(root, known, room))
    found |= {"cutoffs": [known["cutoff"]] * 2, "restated": []}
    return found if any(found[name] for name in ("moved", "verdicts", "new", "gone")) else None


def computed(executed: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """Read value and interval of everything that executed chapters recorded, by key."""
    found: dict[str, values.Value] = {}
    for path in executed:
        found |= values.collect(json.loads(path.read_text(encoding="utf-8")))
    return {key: {"value": one.value, "lower": one.lower, "upper": one.upper} for key, one in found.items()}


def between(root: Path, before: str, after: str) -> dict[str, Any]:
    """Compare two editions of the project.

    Returns
    -------
    dict
        What `attrition.editions.changes.compare` gives, with `restated` and `cutoffs`. Where the last build compared
        the same two, its record is taken.

    Raises
    ------
    attrition.editions.edition.EditionError
        If an edition is unknown, was neither published nor built, or is not the older of the two.
    """
    folder = root / "editions"
    chosen = [edition.load(name, folder) for name in (before, after)]
    if chosen[0].cutoff >= chosen[1].cutoff:
        raise EditionError(f"Expected the older edition first, found {before} before {after}: swap them.")
    old, new = (_document(root, one) for one in chosen)
    steps = root / "_build" / "steps" / after
    found = _recorded(steps / "changes.json", old, new)
    if found is not None:
        return found
    path = folder / f"{before}{lock.ENDING}"
    executed = sorted((steps / "again" / before / "executed").glob("*.ipynb"))
    again = computed(one for one in executed if (root / "notebooks" / one.name).exists())
    if path.exists():
        return _compare(root, lock.read(path), new, root / "data", again)
    found = changes.compare(old, new, again, {})
    return {**found, **_dated(root / "data", old, new)}


def _compare(root: Path, known: Mapping, document: Mapping, room: Path, again: Mapping) -> dict[str, Any]:
    """A published edition with a later one."""
    kept = lock.published_values(root / "editions", known)
    found = changes.compare(kept, document, again, pasts.reasons(root, known, room))
    return {**found, **_dated(room, kept, document)}


def _dated(room: Path, old: Mapping, new: Mapping) -> dict[str, Any]:
    """Both cutoffs, and the figures restated between them."""
    from attrition.room import open_room

    cutoffs = [old["cutoff"], new["cutoff"]]
    return {"cutoffs": cutoffs, "restated": changes.restated(*(open_room(room, cutoff=day) for day in cutoffs))}


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
    published = root / "editions" / f"{one.name}{lock.ENDING}"
    built = root / "_build" / "steps" / one.name / "stage" / "extra" / "values.json"
    if published.exists():
        return lock.published_values(root / "editions", lock.read(published))
    if built.exists():
        return json.loads(built.read_text(encoding="utf-8"))
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


def _columns(rows) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
