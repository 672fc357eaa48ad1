"""The sites of published editions, and the comparison with the one before, as steps of a build.

The chapters of each published edition run again at its cutoff, once in a build. Their figures and tables make its
pages, the published values its numbers, and what differs is counted and listed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from attrition import chapter, site, steps, values
from attrition.editions import changes_page, comparison, lock
from attrition.editions import past as pasts
from attrition.editions.past import Past
from attrition.files import write_atomically

Chapters = list[chapter.Chapter]


def of_build(plan, book: Chapters, found: list[Path], own: list[str], past: Past, outcome, say) -> list[dict[str, Any]]:
    """Return the steps for one plan; none where nothing is published.

    Parameters
    ----------
    plan, outcome
        Of `attrition.build`.
    book : list of Chapter
        Chapters in the reader's order; `found` are their executed notebooks in the edition that is built, `own` the
        names of the steps that run them.
    """
    again = [step for known in past.published for step in _again(plan, book, past, known, outcome, say)]
    done = [f"build:{name}" for name in [*own, *(step["name"] for step in again)]]
    pages = [_pages(plan, book, found, past, known, outcome, say) for known in past.published]
    compared = [_comparison(plan, book, found, past, outcome)] if past.before else []
    return [*again, *({**step, "task_dep": done} for step in [*pages, *compared])]


def folder(plan, known: Mapping[str, Any]) -> Path:
    """Folder of the finished site of a published edition."""
    return _work(plan, known) / "html"


def drift(plan, found: list[Path], past: Past, say) -> dict[str, Any] | None:
    """Find and say how the edition that is built, computed now, differs from what was published under its name."""
    known = next((one for one in past.published if one["name"] == plan.edition.name), None)
    if known is None:
        return None
    moved = comparison.drift(plan.root, known, site.read_document(plan.edition, plan.room, found), plan.room)
    if moved:
        say(
            f"Edition {plan.edition.name} as computed now differs from what was published in {_count(moved)} values; "
            f"the published ones stay at editions/{plan.edition.name}/, and a new edition would publish the change."
        )
    return moved


def _again(plan, book: Chapters, past: Past, known: Mapping[str, Any], outcome, say) -> list[dict[str, Any]]:
    """Run the chapters of one published edition again; those of the edition that is built run anyway."""
    if known["name"] == plan.edition.name:
        return []
    work, cutoff = _work(plan, known), date.fromisoformat(known["cutoff"])
    return [
        steps.of_chapter(
            f"{one.name} {known['name']}",
            plan,
            one,
            pasts.given(past.folder, known, one),
            work,
            outcome,
            say,
            cutoff=cutoff,
        )
        for one in _asked(plan, book, work)
    ]


def _asked(plan, book: Chapters, work: Path) -> Chapters:
    """The chapters that may run: all, or the one asked for and those that never ran."""
    return [one for one in book if plan.only in (None, one.name) or not steps.executed(work, one).exists()]


def _pages(plan, book: Chapters, found: list[Path], past: Past, known: Mapping, outcome, say) -> dict[str, Any]:
    """Build the site of one published edition; it changes with its chapters, its files and today's pages."""
    notebooks = _executed(plan, book, found, known)
    return {
        "name": f"edition {known['name']}",
        "action": partial(_build, plan, notebooks, past, known, outcome, say),
        "file_dep": steps.names([*notebooks, *lock.files(past.folder, known), *steps.page_sources(plan)]),
        "uptodate": [steps.same({"newest": plan.edition.title, "editions": _listed(past), **steps.surroundings()})],
        "targets": [str(folder(plan, known) / "index.html")],
    }


def _comparison(plan, book: Chapters, found: list[Path], past: Past, outcome) -> dict[str, Any]:
    """Compare with the edition before, once all chapters of both are there."""
    again = _executed(plan, book, found, past.before)
    said = [path for path in (plan.root / "CHANGELOG.md", past.folder / "headlines.txt") if path.exists()]
    code = chapter.imported("import attrition.editions.comparison")
    kept = lock.files(past.folder, past.before)
    inputs = [*found, *again, *kept, *said, *site.room_files(plan.room), *code]
    return {
        "name": "changes",
        "action": partial(_compare, plan, found, again, past, outcome),
        "file_dep": steps.names([*inputs, *(path for one in book for path in one.code)]),
        "uptodate": [steps.same({"edition": plan.edition.model_dump(mode="json", exclude={"limits"})})],
        "targets": [str(plan.work / "changes.json")],
    }


def _build(plan, notebooks: list[Path], past: Past, known: Mapping[str, Any], outcome, say) -> bool:
    started = time.perf_counter()
    outcome.ran.append(f"edition {known['name']}")
    one = pasts.load(past.folder, known)
    computed = site.read_document(one, plan.room, notebooks)
    moved = comparison.drift(plan.root, known, computed, plan.room)
    names = [f"notebooks/{path.name}" for path in notebooks]
    kept = lock.published_values(past.folder, known)
    newest = plan.edition.title if known["name"] != plan.edition.name else None
    added = [name.removesuffix(".ipynb") for name in names if name not in known["chapters"]]
    note = {"day": known["frozen"], "moved": _count(moved), "added": added, "newest": newest}
    published = site.Published(known, kept, pasts.overlay(kept, computed, names), note)
    earlier = [other for other in past.published if other["cutoff"] <= known["cutoff"]]
    shown = changes_page.shown(one, past.published, [moved, *changes_page.recorded(earlier)], home="../../")
    out, work = folder(plan, known), _work(plan, known)
    site.build(plan.root, one, plan.room, notebooks, work, out, history=shown, published=published)
    say(f"edition {known['name']} at its address: {time.perf_counter() - started:.1f} s")
    return True


def _compare(plan, found: list[Path], again: list[Path], past: Past, outcome) -> bool:
    outcome.ran.append("changes")
    document = site.read_document(plan.edition, plan.room, found)
    compared = comparison.with_before(plan.root, past, document, plan.room, again)
    write_atomically(plan.work / "changes.json", values.to_json(compared))
    return True


def _executed(plan, book: Chapters, found: list[Path], known: Mapping[str, Any]) -> list[Path]:
    """The executed chapters of a published edition: run again, or, if it is the one that is built, its own."""
    own = known["name"] == plan.edition.name
    return found if own else [steps.executed(_work(plan, known), one) for one in book]


def _work(plan, known: Mapping[str, Any]) -> Path:
    return plan.work / "again" / known["name"]


def _listed(past: Past) -> list[list[str]]:
    return [[known["name"], known["frozen"]] for known in past.published]


def _count(moved: Mapping[str, Any] | None) -> int:
    """Numbers and verdicts that read otherwise."""
    return len(moved["moved"]) + len(moved["verdicts"]) if moved else 0
