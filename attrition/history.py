"""What a build looks back on: published editions, the one before run again, and what changed since.

An edition is compared with the published one before it. To tell method from data the older one is run again at its own
cutoff with today's code and data, chapter by chapter, unless its inputs are still those of its lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from attrition import changes, chapter, edition, freeze, lock, parameters, values
from attrition.files import write_atomically


@dataclass(frozen=True)
class History:
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


def look_back(root: Path, one: edition.Edition, room: Path) -> History:
    """Find the published editions up to one; none where the edition or the room is not the project's own."""
    folder = root / "editions"
    own = folder / f"{one.name}.yml"
    if room != root / "data" or not own.exists() or edition.read(own) != one:
        return History(folder)
    found = tuple(known for known in lock.published(folder) if known["cutoff"] <= one.cutoff.isoformat())
    older = [known for known in found if known["cutoff"] < one.cutoff.isoformat()]
    return History(folder, found, older[-1] if older else None)


def replaced(root: Path, asked: str | None, one: edition.Edition) -> dict[str, Any] | None:
    """The lock of an edition asked for by its name, if it is published and no longer the newest: it is not run anew."""
    newest = edition.load(None, root / "editions")
    path = root / "editions" / f"{one.name}{lock.ENDING}"
    return lock.read(path) if asked == one.name != newest.name and path.exists() else None


def run_again(root: Path, before: Mapping, one: chapter.Chapter, room: Path, work: Path, *, bar=None) -> bool:
    """Find what a chapter of the edition before says today, and why it differs; `work`/<chapter>.json keeps both.

    Returns
    -------
    bool
        Whether it had to run; a chapter whose inputs are those of the lock says what it said.
    """
    known = before["chapters"][f"notebooks/{one.path.name}"]
    given = _given(root, before, one, known)
    reasons = _reasons(one, known, room, date.fromisoformat(before["cutoff"]))
    if reasons:
        executed = chapter.run(one, given, work, room=room, bar=bar, draw=False)
        found = values.collect(json.loads(executed.read_text(encoding="utf-8")))
        rows = {key: {"value": v.value, "lower": v.lower, "upper": v.upper} for key, v in found.items()}
    else:
        rows = {
            key: {name: row[name] for name in ("value", "lower", "upper")}
            for key, row in lock.published_values(root / "editions", before)["values"].items()
            if row["notebook"] == f"notebooks/{one.path.name}"
        }
    write_atomically(work / f"{one.name}.json", values.to_json({"reasons": reasons, "values": rows}))
    return bool(reasons)


def compare(root: Path, history: History, document: Mapping, room: Path, work: Path) -> dict[str, Any]:
    """Compare the edition that is built with the one before; headlines that moved in silence are refused.

    Parameters
    ----------
    document : mapping
        What the new `values.json` holds.
    work : Path
        Where `run_again` left its records.

    Raises
    ------
    attrition.changes.ChangesError
        For a headline that moved without a word in the changelog.
    """
    from attrition.room import open_room

    before = history.before
    found = changes.compare(lock.published_values(history.folder, before), document, *again(before, work))
    cutoffs = before["cutoff"], document["cutoff"]
    found["cutoffs"] = list(cutoffs)
    found["restated"] = changes.restated(*(open_room(room, cutoff=day) for day in cutoffs))
    log = root / "CHANGELOG.md"
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    changes.check_headlines(found, freeze.headlines(root), text)
    return found


def again(before: Mapping, work: Path) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Read what the edition before says today: values by key, and reasons for a difference by chapter."""
    rows: dict[str, Any] = {}
    reasons: dict[str, list[str]] = {}
    for name in before["chapters"]:
        path = work / f"{Path(name).stem}.json"
        if not path.exists():
            reasons[name] = ["method"]
            continue
        kept = json.loads(path.read_text(encoding="utf-8"))
        rows |= kept["values"]
        reasons[name] = kept["reasons"]
    return rows, reasons


def drift(history: History, document: Mapping, book: Iterable[chapter.Chapter], room: Path) -> dict[str, Any] | None:
    """Compare an edition as computed now with the same edition as published; nothing where it is not, or is the same.

    Parameters
    ----------
    document : mapping
        What its `values.json` holds now.
    """
    known = next((one for one in history.published if one["name"] == document["edition"]), None)
    if known is None:
        return None
    cutoff = date.fromisoformat(known["cutoff"])
    reasons = {
        f"notebooks/{one.path.name}": _reasons(one, known["chapters"][f"notebooks/{one.path.name}"], room, cutoff)
        for one in book
        if f"notebooks/{one.path.name}" in known["chapters"]
    }
    before = lock.published_values(history.folder, known)
    found = changes.compare(before, document, document["values"], reasons)
    found |= {"cutoffs": [known["cutoff"]] * 2, "restated": []}
    return found if any(found[name] for name in ("moved", "verdicts", "new", "gone")) else None


def shown(history: History, found: Mapping | None, one: edition.Edition, drifted: Mapping | None = None) -> dict:
    """Put together what the page of changes shows: comparisons, newest first, and the addresses of all editions."""
    past = [known["changes"] for known in reversed(history.published) if known.get("changes")]
    past = [record for record in past if record["after"] != one.name]
    editions = [{k: known[k] for k in ("name", "title", "cutoff", "frozen")} for known in reversed(history.published)]
    here = {"name": one.name, "title": one.title, "cutoff": one.cutoff.isoformat()}
    return {"here": here, "editions": editions, "comparisons": [one for one in (drifted, found, *past) if one]}


def _given(root: Path, before: Mapping, one: chapter.Chapter, known: Mapping) -> dict[str, Any]:
    """The parameters of the published edition that its chapter still takes."""
    kept = {name: value for name, value in known["parameters"].items() if name in one.defaults}
    return parameters.validate(one.name, one.defaults, kept)


def _reasons(one: chapter.Chapter, known: Mapping, room: Path, cutoff: date) -> list[str]:
    """What changed in a chapter's inputs since it was published: "correction" of rows it saw, "method"."""
    method = chapter.code_sha256(one) != known["code_sha256"] or set(known["parameters"]) != set(one.defaults)
    correction = seen_today(room, cutoff, known["seen"]) != known["seen"]
    return ["correction"] * correction + ["method"] * method


def seen_today(room: Path, cutoff: date, known: Iterable[str]) -> dict[str, str]:
    """Hash what today's room shows, at a cutoff, of the tables that an edition saw."""
    from attrition.room import open_room

    opened = open_room(room, cutoff=cutoff)
    opened.read([name for name in known if not name.startswith(values.LOCKS)])
    locks = {name: chapter.file_sha256(room / name) for name in known if name.startswith(values.LOCKS)}
    return {**opened.seen(), **locks}
