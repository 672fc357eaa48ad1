"""Locks of published editions: what an edition was made from, what it said, and what it foresaw.

Of a published edition three files are kept for good: ``<name>.yml``, ``<name>.values.json`` as it was published, and
the lock, ``<name>.lock.json``, which holds the hashes of the other two. Pages and figures are made from them anew at
every build. This room writes lock and values once, reads them, and refuses an edition whose files were changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrition.files import write_atomically

ENDING, VALUES = ".lock.json", ".values.json"
ENTRIES = ("name", "title", "cutoff", "frozen", "chapters", "headline", "forecasts", "files")


class LockError(ValueError):
    """A published edition that is missing, malformed, rewritten or about to be."""


def write(folder: Path, lock: Mapping[str, Any], values: str) -> Path:
    """Publish an edition: its values first, its lock last, so that a lock never stands without what it speaks of.

    Parameters
    ----------
    folder : Path
        The project's `editions`.
    lock : mapping
        `ENTRIES` but `files`, and what else is worth keeping.
    values : str
        The text of `values.json`.

    Raises
    ------
    LockError
        If the edition is published already, or has no file of its own in the folder.
    """
    name = lock["name"]
    path = refuse_published(folder, name)
    if not (folder / f"{name}.yml").is_file():
        raise LockError(f"Expected the edition's own file {name}.yml in {folder}, found none: put it there first.")
    write_atomically(folder / f"{name}{VALUES}", values)
    hashes = {kept: _held(folder / kept) for kept in (f"{name}.yml", f"{name}{VALUES}")}
    write_atomically(path, json.dumps({**lock, "files": hashes}, indent=1, ensure_ascii=False) + "\n")
    return path


def refuse_published(folder: Path, name: str) -> Path:
    """Return where the lock of an edition will lie.

    Raises
    ------
    LockError
        If it lies there already.
    """
    path = folder / f"{name}{ENDING}"
    if path.exists():
        raise LockError(
            f"Expected an edition that is not published, found {path.name}: a published edition is never rewritten, "
            "so make a new one."
        )
    return path


def published(folder: Path) -> list[dict[str, Any]]:
    """Read the locks of all published editions, oldest cutoff first."""
    return sorted((read(path) for path in folder.glob(f"*{ENDING}")), key=lambda lock: (lock["cutoff"], lock["name"]))


def read(path: Path) -> dict[str, Any]:
    """Read one lock.

    Raises
    ------
    LockError
        If it is missing, no JSON, or lacks an entry.
    """
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LockError(f"Expected a lock at {path}, found none: publish the edition with 'freeze'.") from None
    except ValueError:
        raise LockError(f"Expected JSON in {path}, found something else: take it back from version control.") from None
    lacking = [entry for entry in ENTRIES if not isinstance(lock, dict) or entry not in lock]
    if lacking:
        raise LockError(f"Expected {', '.join(lacking)} in {path}, found none: take it back from version control.")
    return lock


def check(folder: Path, lock: Mapping[str, Any]) -> None:
    """Refuse an edition whose files are not, byte for byte, those that were published.

    Raises
    ------
    LockError
        Naming the files that are missing or changed.
    """
    wrong = [name for name, known in lock["files"].items() if _held(folder / name) != known]
    if wrong:
        raise LockError(
            f"Expected edition {lock['name']} as it was published, found {', '.join(wrong)} changed or missing: take "
            f"{'it' if len(wrong) == 1 else 'them'} back from version control."
        )


def published_values(folder: Path, lock: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document behind `values.json` as it was published.

    Raises
    ------
    LockError
        If the edition's files are no longer those that were published.
    """
    check(folder, lock)
    return json.loads((folder / f"{lock['name']}{VALUES}").read_text(encoding="utf-8"))


def files(folder: Path, lock: Mapping[str, Any]) -> list[Path]:
    """List the files of a published edition."""
    return [folder / f"{lock['name']}{ENDING}", *(folder / name for name in lock["files"])]


def before(folder: Path, cutoff: str) -> list[dict[str, Any]]:
    """Read the locks of editions whose cutoff lies before a day (ISO), oldest first."""
    return [lock for lock in published(folder) if lock["cutoff"] < cutoff]


def locks_seen(room) -> list[dict[str, Any]]:
    """Read the locks of editions whose cutoff lies before the room's, and note in the room that they were read.

    Parameters
    ----------
    room : attrition.room.Room
        An open room; the editions lie in the folder beside it.
    """
    folder = room.contract.root.parent / "editions"
    found = before(folder, f"{room.cutoff:%Y-%m-%d}")
    room.opened.update(f"../{folder.name}/{lock['name']}{ENDING}" for lock in found)
    return found


def _held(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
