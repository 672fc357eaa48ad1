"""What a build would run and why, in words; it runs nothing and writes nothing.

doit is asked what it would do and says why in its own terms; here its answers become sentences about chapters. A step
whose input another step makes anew can only be told apart when that one has run: it would run if its input comes out
different.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrition.chapter import file_sha256

SHOWN = 4  # so many files of one kind are named, the others counted
UP_TO_DATE = "up to date"


def explain(root: Path, room: Path, state: Path, steps: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Say for every step of a build whether it would run, and why.

    Parameters
    ----------
    root, room : Path
        The project and the data room; files are named from there.
    state : Path
        doit's books of the last build; they are read, never written.
    steps : iterable of mapping
        The steps as doit knows them, in order, each after those whose results it takes.

    Returns
    -------
    dict
        By name of the step: ``up to date``, or ``would run: `` and the reasons.
    """
    books = _books(state)
    told: dict[str, str] = {}
    anew: dict[str, str] = {}  # which step makes a file anew
    for step in steps:
        reasons = _reasons(root, room, books, step)
        fresh = sorted({anew[path] for path in step["file_dep"] if path in anew})
        if reasons:
            told[step["name"]] = f"would run: {'; '.join(reasons)}"
        elif fresh:
            told[step["name"]] = f"would run if what it takes comes out different: {_few(fresh)}"
        else:
            told[step["name"]] = UP_TO_DATE
        if reasons or fresh:
            anew |= dict.fromkeys(step.get("targets", ()), step["name"])
    return told


def differences(before: Any, after: Any, where: str = "") -> list[str]:
    """List in words how settings differ, entry by entry.

    >>> differences({"parameters": {"seed": 1}}, {"parameters": {"seed": 9, "draws": 5}})
    ['parameters draws is new: 5', 'parameters seed changed from 1 to 9']
    """
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return [] if before == after else [f"{where} changed from {before} to {after}"]
    found = []
    for name in sorted({*before, *after}):
        entry = f"{where} {name}".strip()
        if name not in before:
            found.append(f"{entry} is new" if isinstance(after[name], Mapping) else f"{entry} is new: {after[name]}")
        elif name not in after:
            found.append(f"{entry} is gone")
        else:
            found += differences(before[name], after[name], entry)
    return found


def _books(state: Path):
    """Open doit's books; empty ones where there are none or a killed build left half of them."""
    from doit.dependency import DatabaseException, Dependency, JsonDB

    try:
        return Dependency(JsonDB, str(state))
    except DatabaseException:
        return Dependency(JsonDB, str(state.with_suffix(".none")))


def _reasons(root: Path, room: Path, books, step: Mapping[str, Any]) -> list[str]:
    """Why a step would run for its own sake; nothing where it would not."""
    from doit.task import dict_to_task

    settings = {name: value for name, value in step.items() if name != "task_dep"}
    task = dict_to_task({**settings, "name": f"build:{step['name']}"})
    if not books._in(task.name):
        return ["never built"]
    status = books.get_status(task, {}, get_log=True)
    if status.status == UP_TO_DATE.replace(" ", "-"):
        return []
    changed = status.reasons.get("changed_file_dep", [])
    added = [path for path in status.reasons.get("added_file_dep", ()) if path not in changed]
    gone = status.reasons.get("removed_file_dep", [])
    lost = status.reasons.get("missing_file_dep", [])
    known = books.get_values(task.name)
    return [
        *_settings(step, known),
        *_data(room, known),
        *_named(root, room, changed, "changed"),
        *_named(root, room, added, "new"),
        *_named(root, room, [*gone, *lost], "gone"),
        *(f"its result is missing: {_near(root, path)}" for path in status.reasons.get("missing_target", ())),
    ] or ["its inputs changed"]


def _settings(step: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    before = known.get("_config_changed")
    now = [one.config for one in step.get("uptodate", ()) if hasattr(one, "config")]
    return differences(json.loads(before), json.loads(now[0])) if before and now else []


def _data(room: Path, known: Mapping[str, Any]) -> list[str]:
    """Files of the room that the step said it read and that hold something else now."""
    changed = [name for name, hashed in known.get("opened", {}).items() if file_sha256(room / name) != hashed]
    return [f"data changed: {_few(changed)}"] if changed else []


def _named(root: Path, room: Path, paths: Iterable[str], what: str) -> list[str]:
    """Changed, new or missing files in words, those of one kind together."""
    kinds: dict[str, list[str]] = {}
    for path in sorted(paths):
        kind, name = _kind(root, room, Path(path))
        kinds.setdefault(kind, []).append(name)
    return [f"{kind} {what}: {_few(names)}" for kind, names in kinds.items()]


def _kind(root: Path, room: Path, path: Path) -> tuple[str, str]:
    """What a file is to a reader of the book, and its name.

    >>> _kind(Path("/p"), Path("/p/data"), Path("/p/notebooks/trends.ipynb"))
    ('notebook', 'notebooks/trends.ipynb')
    >>> _kind(Path("/p"), Path("/r"), Path("/r/series/daily.csv"))
    ('data', 'series/daily.csv')
    """
    if path.is_relative_to(room):
        return "data", path.relative_to(room).as_posix()
    if path.suffix == ".py" and "attrition" in path.parts and "book" not in path.parts:
        inside = path.with_suffix("").parts
        start = len(inside) - 1 - inside[::-1].index("attrition")
        return "code", ".".join(part for part in inside[start:] if part != "__init__")
    near = _near(root, path)
    kinds = {"notebooks": "notebook", "requirements.txt": "versions", "editions": "published edition"}
    if near.startswith("_build/"):
        return "result", near
    return kinds.get(near.split("/")[0], "page"), near


def _near(root: Path, path: str | Path) -> str:
    path = Path(path)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _few(names: list[str]) -> str:
    """The first names, and how many more."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
