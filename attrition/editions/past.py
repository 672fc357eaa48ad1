"""The published editions that a build looks back on, and what they show when they are made from their chapters anew.

Of a published edition only its values are kept. Its chapters are run again at its own cutoff, with the code of today
and the data as known then; what they find is shown beside the published values, never in their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from attrition import chapter, parameters, values
from attrition.editions import edition, lock

ADDED = "Computed since, not published with this edition:"


@dataclass(frozen=True)
class Past:
    """Published editions up to the one that is built.

    Attributes
    ----------
    folder : Path
        The project's `editions`.
    published : tuple of dict
        Their locks, oldest first; the edition itself is among them if it is published.
    before : dict or None
        The lock of the edition before.
    """

    folder: Path
    published: tuple[dict[str, Any], ...] = ()
    before: dict[str, Any] | None = None


def find(root: Path, one: edition.Edition, room: Path) -> Past:
    """Find the published editions up to one; none where the edition or the room is not the project's own."""
    folder = root / "editions"
    own = folder / f"{one.name}.yml"
    if room != root / "data" or not own.exists() or edition.read(own) != one:
        return Past(folder)
    found = tuple(known for known in lock.published(folder) if known["cutoff"] <= one.cutoff.isoformat())
    older = [known for known in found if known["cutoff"] < one.cutoff.isoformat()]
    return Past(folder, found, older[-1] if older else None)


def load(folder: Path, known: Mapping[str, Any]) -> edition.Edition:
    """Open the file of a published edition."""
    return edition.read(folder / f"{known['name']}.yml")


def given(folder: Path, known: Mapping[str, Any], one: chapter.Chapter) -> dict[str, Any]:
    """Return the parameters for a chapter of a published edition: those of its lock, as far as it still takes them.

    A chapter that came after the edition was published gets what the edition's file sets, and its own defaults.
    """
    kept = known["chapters"].get(f"notebooks/{one.path.name}", {}).get("parameters", {})
    chosen = {**load(folder, known).given(one.name, one.defaults), **kept}
    return parameters.validate(one.name, one.defaults, {k: v for k, v in chosen.items() if k in one.defaults})


def reasons(root: Path, known: Mapping[str, Any], room: Path) -> dict[str, list[str]]:
    """Say what changed in the inputs of each chapter of a published edition, some of "correction" and "method".

    A *correction* changed rows that the chapter saw; a *method* is its code and the parameters it takes.
    """
    chapters = known["chapters"]
    names = {name for kept in chapters.values() for name in kept["seen"]}
    today = seen_today(room, date.fromisoformat(known["cutoff"]), names)
    return {name: _reasons(root / name, kept, today) for name, kept in chapters.items()}


def seen_today(room: Path, cutoff: date, known: Iterable[str]) -> dict[str, str]:
    """Hash what today's room shows, at a cutoff, of the tables that an edition saw."""
    from attrition.room import open_room

    names = list(known)
    opened = open_room(room, cutoff=cutoff)
    opened.read([name for name in names if not name.startswith(values.LOCKS)])
    locks = {name: chapter.file_sha256(room / name) for name in names if name.startswith(values.LOCKS)}
    return {**opened.seen(), **locks}


def overlay(kept: Mapping[str, Any], computed: Mapping[str, Any], chapters: Iterable[str]) -> dict[str, Any]:
    """Lay the published values over those computed now: a published number is shown, whatever it would be today.

    Parameters
    ----------
    kept, computed : mapping
        What `values.json` held when the edition was published, and holds now.
    chapters : iterable of str
        Notebooks of the book (``notebooks/name.ipynb``); a value of one that is gone names none.

    Returns
    -------
    dict
        A document like `kept`. Values that were not published are there too, and their definition says so.
    """
    now, here = computed["values"], set(chapters)
    rows = {key: {**row, "definition": f"{ADDED} {row['definition']}"} for key, row in now.items()}
    for key, row in kept["values"].items():
        place = now.get(key, row)["notebook"]
        rows[key] = {**now.get(key, {}), **row, "notebook": place if place in here else ""}
    return {**kept, "values": dict(sorted(rows.items()))}


def _reasons(path: Path, kept: Mapping[str, Any], today: Mapping[str, str]) -> list[str]:
    """What changed in one chapter's inputs since it was published; a chapter that is gone changed in method."""
    if not path.exists():
        return ["method"]
    one = chapter.load(path)
    method = chapter.code_sha256(one) != kept["code_sha256"] or set(kept["parameters"]) != set(one.defaults)
    correction = any(today.get(name, "") != known for name, known in kept["seen"].items())
    return ["correction"] * correction + ["method"] * method
