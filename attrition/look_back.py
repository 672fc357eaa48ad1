"""The steps of a build that look back, as doit knows them.

Sites of published editions, the edition before run again, and the comparison with it. What a step does is in
`attrition.history`; here stands what it depends on.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from attrition import chapter, history, lock, site, upkeep, values
from attrition.files import write_atomically

# code that decides how a published edition looks
LOOK = ("site.py", "lock.py", "changes.py", "extras.py", "styles.py", "wording.py", "figures/__init__.py")


def steps(plan, book, executed: list[Path], stale: list[str], past: history.History, outcome, say) -> list[dict]:
    """Return the steps for one plan; none where nothing is published.

    Parameters
    ----------
    plan, outcome
        Of `attrition.build`.
    book : list of Chapter
        Chapters in the reader's order; `executed` are their notebooks, `stale` the names of those that may run.
    """
    pages = [Path(entry).name if entry.startswith("book/") else entry for entry in site.toc_entries(plan.root)]
    found = [_published(plan, past, known, pages, outcome, say) for known in past.published]
    if past.before is None:
        return found
    kept = [one for one in book if f"notebooks/{one.path.name}" in past.before["chapters"]]
    found += [_again(plan, past, one, outcome, say) for one in kept]
    return [*found, _comparison(plan, executed, stale, kept, past, outcome)]


def published_site(plan, known: Mapping) -> Path:
    """Folder of the finished site of a published edition."""
    return _published_work(plan, known) / "html"


def locks_read(plan, one: chapter.Chapter) -> list[Path]:
    """The locks of published editions, for a chapter that reads them."""
    reads = any(path.name == "lock.py" for path in one.code)
    return sorted((plan.root / "editions").glob(f"*{lock.ENDING}")) if reads else []


def _published(plan, past: history.History, known: Mapping, pages: list[str], outcome, say) -> dict[str, Any]:
    """Build the site of one published edition; it changes with its files, today's look and the newest edition."""
    code = [chapter.PACKAGE / name for name in LOOK]
    return {
        "name": f"edition {known['name']}",
        "action": partial(_build_published, plan, past, known, pages, outcome, say),
        "file_dep": upkeep.names([_lock(past, known), *site.look_files(plan.root), *code]),
        "uptodate": [upkeep.same({"newest": plan.edition.title, "pages": pages})],
        "targets": [str(published_site(plan, known) / "index.html")],
    }


def _again(plan, past: history.History, one: chapter.Chapter, outcome, say) -> dict[str, Any]:
    """Run one chapter of the edition before again, where its inputs changed."""
    return {
        "name": f"again {one.name}",
        "action": partial(_run_again, plan, past, one, outcome, say),
        "file_dep": upkeep.names([_lock(past, past.before), *one.code]),
        "task_dep": ["build:room"],
        "uptodate": [upkeep.opened_unchanged(plan.room)],
        "targets": [str(_record(plan, one))],
    }


def _comparison(plan, executed, stale, kept, past: history.History, outcome) -> dict[str, Any]:
    """Compare with the edition before, once all chapters of both are there."""
    said = [path for path in (plan.root / "CHANGELOG.md", past.folder / "headlines.txt") if path.exists()]
    code = chapter.imported("import attrition.history")
    inputs = [*executed, *(_record(plan, one) for one in kept), *said, *site.room_files(plan.room), *code]
    return {
        "name": "changes",
        "action": partial(_compare, plan, executed, past, outcome),
        "file_dep": upkeep.names(inputs),
        "task_dep": [*(f"build:{name}" for name in stale), *(f"build:again {one.name}" for one in kept)],
        "uptodate": [upkeep.same({"edition": plan.edition.model_dump(mode="json", exclude={"limits"})})],
        "targets": [str(plan.work / "changes.json")],
    }


def _build_published(plan, past: history.History, known: Mapping, pages: list[str], outcome, say) -> bool:
    started = time.perf_counter()
    outcome.ran.append(f"edition {known['name']}")
    newest = {"title": plan.edition.title, "pages": pages} if known["name"] != plan.edition.name else None
    out = published_site(plan, known)
    site.build_published(plan.root, past.folder, known, _published_work(plan, known), out, newest=newest)
    say(f"edition {known['name']} as published: {time.perf_counter() - started:.1f} s")
    return True


def _run_again(plan, past: history.History, one: chapter.Chapter, outcome, say) -> dict[str, Any]:
    """Returns the hashes of the files a chapter depends on, which doit keeps for the next build."""
    started = time.perf_counter()
    outcome.ran.append(f"again {one.name}")
    if history.run_again(plan.root, past.before, one, plan.room, _record(plan, one).parent):
        say(f"chapter {one.name} again at {past.before['cutoff']}: {time.perf_counter() - started:.1f} s")
    seen = past.before["chapters"][f"notebooks/{one.path.name}"]["seen"]
    return {"opened": {name: chapter.file_sha256(plan.room / name) for name in seen}}


def _compare(plan, executed: list[Path], past: history.History, outcome) -> bool:
    outcome.ran.append("changes")
    found = history.compare(plan.root, past, _document(plan, executed), plan.room, plan.work / "again")
    write_atomically(plan.work / "changes.json", values.to_json(found))
    return True


def drift(plan, executed: list[Path], past: history.History, say) -> dict[str, Any] | None:
    """Find and say how an edition, computed now, differs from what was published under its name."""
    if plan.edition.name not in {known["name"] for known in past.published}:
        return None
    book = [chapter.load(plan.root / "notebooks" / path.name) for path in executed]
    found = history.drift(past, _document(plan, executed), book, plan.room)
    if found:
        n = len(found["moved"]) + len(found["verdicts"])
        say(
            f"Edition {plan.edition.name} as computed now differs from what was published in {n} values; the published "
            f"state stays at editions/{plan.edition.name}/, and a new edition would publish the change."
        )
    return found


def _document(plan, executed: list[Path]) -> dict[str, Any]:
    from attrition.room import open_room

    notebooks = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in executed}
    return site.document(plan.edition, open_room(plan.room, cutoff=plan.edition.cutoff), notebooks)


def _record(plan, one: chapter.Chapter) -> Path:
    return plan.work / "again" / f"{one.name}.json"


def _published_work(plan, known: Mapping) -> Path:
    return plan.root / "_build" / "steps" / "published" / known["name"]


def _lock(past: history.History, known: Mapping) -> Path:
    return past.folder / f"{known['name']}{lock.ENDING}"
