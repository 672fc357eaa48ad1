"""One chapter with other parameters: a notebook whose prose holds its own numbers, and a page of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attrition import another_room, build, chapter, edition, limits, parameters, site, values
from attrition.files import write_atomically


@dataclass(frozen=True)
class Run:
    """What a run left: the executed notebook and the page made from it."""

    notebook: Path
    page: Path


def run(
    root: Path,
    name: str,
    given: Mapping[str, Any],
    *,
    room: Path,
    out: Path | None = None,
    within: Mapping[str, Any] | None = None,
) -> Run:
    """Run a chapter with the newest edition's parameters, changed by `given`; another room is seen on its last day.

    Parameters
    ----------
    given : mapping of str
        Parameters as typed by the user.
    out : Path, optional
        Where the executed notebook goes; by default a folder named after the parameters, so that runs never
        overwrite each other.
    within : mapping, optional
        Limits as typed by the user (`attrition.limits.choose`); those of the newest edition stand behind them.

    Raises
    ------
    attrition.parameters.ParameterError
        Before a kernel starts: unknown chapter or name, wrong type, out of range.
    attrition.chapter.ChapterError
        If the notebook fails.
    """
    known = {one.name: one for one in build.chapters(root)}
    if name not in known:
        raise parameters.ParameterError(parameters.unknown("chapter", name, known))
    one = known[name]
    guest = None if another_room.is_own(root, room) else another_room.edition_of(room)
    newest = guest or edition.load(None, root / "editions")
    chosen = parameters.validate(name, one.defaults, {**newest.given(name, one.defaults), **given})
    build.check_cutoffs(room, {name: chosen})
    key = hashlib.sha256(json.dumps([chosen, str(room)], default=str, sort_keys=True).encode()).hexdigest()[:8]
    work = root / "_build" / "runs" / f"{name}-{key}"
    executed = chapter.run(one, chosen, work, room=room, within=limits.choose(newest.limits, within or {}))
    notebook = json.loads(executed.read_text(encoding="utf-8"))
    target = out or work / f"{name}.ipynb"
    readable = chapter.resolved(notebook, values.collect(notebook))
    write_atomically(target, json.dumps(readable, indent=1, ensure_ascii=False) + "\n")
    seen_from = edition.Edition(name="run", title="Own run", cutoff=chosen["cutoff"])
    site.build_page(root, seen_from, room, executed, work, work / "html")
    return Run(target, work / "html" / "notebooks" / f"{name}.html")
