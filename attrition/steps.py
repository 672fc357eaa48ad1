"""The steps of a build as doit knows them: when one is up to date, and running a chapter as one.

doit asks by content and never by time. This room decides nothing about what a build consists of.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from attrition import chapter, site
from attrition.chapter import Chapter, file_sha256
from attrition.editions import lock
from attrition.editions.past import seen_today

COMPUTING = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn", "ruptures", "papermill", "ipykernel")
PUBLISHING = ("jupyter-book", "sphinx", "myst-nb", "sphinx-book-theme", "matplotlib")


def opened_unchanged(room: Path, cutoff: date | None = None) -> Callable:
    """Tell whether the files a step read last time, as it then said, hold what they held.

    With a cutoff, rows that came after it do not count, nor does anything else that the step could not see.
    """

    def unchanged(task, values) -> bool:
        opened, seen = values.get("opened"), values.get("seen")
        same = opened is not None and all(file_sha256(room / name) == known for name, known in opened.items())
        return same or bool(cutoff and seen and seen_today(room, cutoff, seen) == seen)

    return unchanged


def same(settings: dict[str, Any]) -> Callable:
    """Tell whether the settings are those of the last run."""
    from doit.tools import config_changed

    return config_changed(json.dumps(settings, sort_keys=True, default=str))


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Versions of Python and of packages as they are installed, whatever is pinned."""
    found = {}
    for name in packages:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return {"python": platform.python_version(), **found}


def surroundings() -> dict[str, Any]:
    """What a site depends on that is no file: installed versions, and the repository it is built for."""
    repository = [os.environ.get(name) for name in ("GITHUB_REPOSITORY", "GITHUB_REF_NAME")]
    return {"version": versions(PUBLISHING), "repository": repository}


def names(paths: Iterable[Path]) -> list[str]:
    """Name files as doit wants them: once each, in order."""
    return sorted({str(path) for path in paths})


def of_chapter(
    name: str,
    plan,
    one: Chapter,
    given: Mapping[str, Any],
    work: Path,
    outcome,
    say,
    *,
    bar: int | None = None,
    cutoff: date | None = None,
) -> dict[str, Any]:
    """Return the step that runs a chapter.

    Parameters
    ----------
    name : str
        Of the step, as a build tells it.
    plan, outcome
        Of `attrition.build`.
    given : mapping
        Its parameters.
    work : Path
        Folder of what it leaves (`attrition.chapter.run`).
    bar : int, optional
        Line of its progress bar; none without it.
    cutoff : date, optional
        Of a published edition: what came after it does not make the chapter run again.
    """
    locks = sorted((plan.root / "editions").glob(f"*{lock.ENDING}")) if _reads_locks(one) else []
    return {
        "name": name,
        "action": partial(_run, name, plan, one, given, work, outcome, say, bar),
        "file_dep": names([*one.code, plan.root / "requirements.txt", chapter.PACKAGE / "chapter.py", *locks]),
        "task_dep": ["build:room"],
        "uptodate": [
            same({"parameter": dict(given), "version": versions(COMPUTING)}),
            opened_unchanged(plan.room, cutoff),
        ],
        "targets": [str(executed(work, one))],
    }


def executed(work: Path, one: Chapter) -> Path:
    """Where a chapter's executed notebook lies in a folder of steps."""
    return work / "executed" / one.path.name


def page_sources(plan) -> list[Path]:
    """Every file but results that the pages of a site are made of."""
    pages = [*site.page_files(plan.root), *site.source_files(), *site.room_files(plan.room)]
    return [*pages, plan.root / "requirements.txt", *chapter.imported("import attrition.site")]


def _reads_locks(one: Chapter) -> bool:
    return any(path.parts[-2:] == ("editions", "lock.py") for path in one.code)


def _run(name: str, plan, one: Chapter, given: Mapping, work: Path, outcome, say, bar: int | None):
    """Run a chapter; returns hashes of what it read and saw of the room, which doit keeps for the next build."""
    started, room = time.perf_counter(), plan.room
    outcome.ran.append(name)
    told = {"desc": name, "position": bar, "leave": False, "file": sys.stderr}
    shown = told if bar is not None and sys.stderr.isatty() else None
    done = chapter.run(one, given, work, room=room, bar=shown, within=plan.within)
    notebook = json.loads(done.read_text(encoding="utf-8"))
    say(f"chapter {name}: {time.perf_counter() - started:.1f} s")
    opened = {file: file_sha256(room / file) for file in chapter.opened(notebook)}
    return {"opened": opened, "seen": notebook["metadata"]["attrition"]["seen"]}
