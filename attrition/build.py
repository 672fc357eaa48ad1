"""What has to run again, and running it: room, chapters, site, in that order.

doit keeps the books: it compares contents, not times, of everything a step depends on, and runs independent chapters
side by side. A chapter depends on its notebook, the modules it imports, its parameters, the pinned versions and the
files of the room it said it read; the site depends on the executed chapters, the pages and the room.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from attrition import changes, chapter, history, limits, lock, look_back, parameters, site, upkeep, values
from attrition.edition import Edition
from attrition.files import write_atomically

BROKEN_ROOM, FAILED, DONE = 2, 1, 0
KNOWN = (
    *(chapter.ChapterError, site.SiteError, values.ValueRecordError, changes.ChangesError, lock.LockError),
    *(parameters.ParameterError, OSError),
)


class BuildError(RuntimeError):
    """A build that cannot start."""


@dataclass(frozen=True)
class Plan:
    """One edition to be built from one room.

    Attributes
    ----------
    root : Path
        The project's top folder.
    room, out : Path
        Data room to read; folder that becomes the site.
    only : str or None
        Run this chapter alone and take the others as they were executed last.
    jobs : int
        Chapters run at the same time.
    within : attrition.limits.Limits or None
        Time and memory that each chapter may use; by default what the environment says, else the usual.
    """

    root: Path
    edition: Edition
    room: Path
    out: Path
    only: str | None = None
    jobs: int = os.cpu_count() or 1
    within: limits.Limits | None = None

    @property
    def work(self) -> Path:
        """Folder of everything in between; one for each edition and room."""
        room = "" if self.room == self.root / "data" else "-" + hashlib.sha256(str(self.room).encode()).hexdigest()[:8]
        return self.root / "_build" / "steps" / f"{self.edition.name}{room}"


@dataclass
class Outcome:
    """What a build did: the exit code, sentences about failures, and the steps that ran."""

    code: int = DONE
    faults: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    def fail(self, code: int, faults: Iterable[str]) -> bool:
        """Note a failed step; the gravest code wins. Returns False, which doit reads as failure."""
        self.code = max(self.code, code)
        self.faults += faults
        return False


def chapters(root: Path) -> list[chapter.Chapter]:
    """Load the chapters named in `_toc.yml`, in the reader's order."""
    return [chapter.load(root / f"{entry}.ipynb") for entry in site.toc_entries(root) if entry.startswith("notebooks/")]


def build(plan: Plan, say: Callable[[str], None] = print) -> Outcome:
    """Build an edition; only what changed runs. Nothing of the last site is touched unless the new one is whole.

    Raises
    ------
    attrition.parameters.ParameterError, BuildError, attrition.chapter.ChapterError
        Before anything runs: a bad parameter, an unknown chapter, a malformed notebook.
    """
    started, outcome = time.perf_counter(), Outcome()
    steps = _prepare(plan, outcome, say)
    plan.work.mkdir(parents=True, exist_ok=True)
    _run_doit(plan, outcome, steps)
    _tell_time(plan, outcome, len(steps), time.perf_counter() - started, say)
    return outcome


def explain(plan: Plan) -> dict[str, str]:
    """Say what `build` would run and why (`attrition.explain`); nothing runs and nothing is written.

    Raises
    ------
    attrition.parameters.ParameterError, BuildError, attrition.chapter.ChapterError
        As `build` does before anything runs.
    """
    from attrition import explain as words

    steps = _prepare(plan, Outcome(), print)
    return words.explain(plan.root, plan.room, plan.work / "state.json", steps)


def _prepare(plan: Plan, outcome: Outcome, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Check what is wished and list the steps; nothing runs."""
    book = chapters(plan.root)
    names = [one.name for one in book]
    if plan.only is not None and plan.only not in names:
        raise BuildError(parameters.unknown("chapter", plan.only, names))
    for name in plan.edition.parameters:
        if name not in names:
            raise BuildError(f"In edition {plan.edition.name}: {parameters.unknown('chapter', name, names)}")
    taken = {parameter for one in book for parameter in one.defaults}
    for parameter in plan.edition.shared:
        if parameter not in taken:
            raise BuildError(f"In edition {plan.edition.name}: {parameters.unknown('parameter', parameter, taken)}")
    given = {
        one.name: parameters.validate(one.name, one.defaults, plan.edition.given(one.name, one.defaults))
        for one in book
    }
    check_cutoffs(plan.room, given)
    past = history.look_back(plan.root, plan.edition, plan.room)
    return _tasks(plan, book, given, past, outcome, say)


def lay_out(plan: Plan, known: Mapping[str, Any], say: Callable[[str], None] = print) -> Outcome:
    """Put a published edition, as it was published, where the site of the newest would go; nothing runs."""
    outcome = Outcome()

    def action() -> bool:
        outcome.ran.append(f"edition {known['name']}")
        work = plan.work / "published"
        site.build_published(plan.root, plan.root / "editions", known, work, plan.out, newest=None)
        return True

    if _guarded(outcome, action)():
        say(f"Edition {known['name']}, as published on {known['frozen']}: {plan.out}")
    return outcome


def check_cutoffs(room: Path, given: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse a cutoff before the room's first useful day or after its last, before a kernel starts.

    Raises
    ------
    attrition.parameters.ParameterError
        Naming the days between which the room can be opened.
    """
    try:
        war = json.loads((room / "datapackage.json").read_text(encoding="utf-8"))["war"]
        first, last = (date.fromisoformat(day) for day in (war.get("first_cutoff", war["start"]), war["as_of"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return  # the check of the room says in full what is wrong with it
    for name, chosen in given.items():
        if "cutoff" in chosen and not first <= chosen["cutoff"] <= last:
            raise parameters.ParameterError(
                f"Expected {name}'s cutoff from {first} to {last}, found {chosen['cutoff']}: choose one of these days."
            )


def _tasks(plan: Plan, book, given: dict[str, dict], past: history.History, outcome: Outcome, say) -> list[dict]:
    """The steps as doit knows them."""
    stale = [one for one in book if plan.only in (None, one.name) or not _executed(plan, one).exists()]
    pinned, runner = [plan.root / "requirements.txt"], [chapter.PACKAGE / "chapter.py"]
    versions = upkeep.versions(upkeep.COMPUTING)
    room_files = site.room_files(plan.room)
    code = chapter.imported("import attrition.room.validation")
    room_task = {
        "name": "room",
        "action": partial(_check_room, plan, outcome),
        "file_dep": upkeep.names([*room_files, *code, *pinned]),
        "uptodate": [True],
    }
    chapter_tasks = [
        {
            "name": one.name,
            "action": partial(_run_chapter, plan, one, given[one.name], number, outcome, say),
            "file_dep": upkeep.names([*one.code, *pinned, *runner, *look_back.locks_read(plan, one)]),
            "task_dep": ["build:room"],
            "uptodate": [
                upkeep.same({"parameter": given[one.name], "version": versions}),
                upkeep.opened_unchanged(plan.room),
            ],
            "targets": [str(_executed(plan, one))],
        }
        for number, one in enumerate(stale)
    ]
    executed = [_executed(plan, one) for one in book]
    back = look_back.steps(plan, book, executed, [one.name for one in stale], past, outcome, say)
    older = {known["name"]: look_back.published_site(plan, known) for known in past.published}
    compared = [plan.work / "changes.json"] if past.before else []
    site_task = {
        "name": "site",
        "action": partial(_build_site, plan, executed, past, older, outcome, say),
        "file_dep": upkeep.names(
            [
                *executed,
                *compared,
                *(folder / "index.html" for folder in older.values()),
                *site.page_files(plan.root),
                *site.source_files(),
                *room_files,
                *pinned,
                *chapter.imported("import attrition.site"),
            ]
        ),
        "task_dep": ["build:room", *(f"build:{one.name}" for one in stale), *(f"build:{one['name']}" for one in back)],
        "uptodate": [
            upkeep.same(
                {
                    "edition": plan.edition.model_dump(mode="json", exclude={"limits"}),
                    "out": os.path.relpath(plan.out, plan.root),
                    "editions": [[known["name"], known["frozen"]] for known in past.published],
                    "version": upkeep.versions(upkeep.PUBLISHING),
                    "repository": [os.environ.get(name) for name in ("GITHUB_REPOSITORY", "GITHUB_REF_NAME")],
                }
            )
        ],
        "targets": [str(plan.out / "index.html")],
    }
    steps = [room_task, *chapter_tasks, *back, site_task]
    return [{"actions": [_guarded(outcome, step.pop("action"))], **step, "io": {"capture": False}} for step in steps]


def _run_doit(plan: Plan, outcome: Outcome, steps: list[dict[str, Any]]) -> None:
    """Hand the steps to doit; outcomes are told through `Outcome`, so its own reporter stays silent."""
    from doit.cmd_base import ModuleTaskLoader
    from doit.doit_cmd import DoitMain
    from doit.reporter import ZeroReporter

    state = plan.work / "state.json"
    _forget_if_broken(state)
    settings = {
        "backend": "json",
        "dep_file": str(state),
        "num_process": plan.jobs if plan.jobs > 1 else 0,
        "par_type": "thread",
        "continue": True,
        "verbosity": 2,
        "reporter": ZeroReporter,
        "check_file_uptodate": "md5",
    }
    loader = ModuleTaskLoader({"DOIT_CONFIG": settings, "task_build": lambda: (step for step in steps)})
    code = DoitMain(loader).run(["run"])
    if code and not outcome.faults:
        raise BuildError(f"Expected every step to run or to say why not, found doit's exit code {code} without a word.")


def _forget_if_broken(state: Path) -> None:
    """Drop doit's books where a killed build left half of them: everything then runs again."""
    try:
        json.loads(state.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except ValueError:
        state.unlink()


def _guarded(outcome: Outcome, action: Callable) -> Callable:
    """Wrap a step so that nothing it raises is lost: doit's silent reporter would swallow it."""

    def guarded():
        try:
            return action()
        except Exception as error:
            known = isinstance(error, KNOWN)
            told = str(error) if known else "".join(traceback.format_exception(error)).strip()
            return outcome.fail(FAILED, [told])

    return guarded


def _check_room(plan: Plan, outcome: Outcome) -> bool:
    from attrition.room.validation import check

    chapter.warm_up()
    faults = [str(problem) for problem in check(plan.room)]
    outcome.ran.append("room")
    return outcome.fail(BROKEN_ROOM, faults) if faults else True


def _run_chapter(plan: Plan, one: chapter.Chapter, given: dict, number: int, outcome: Outcome, say):
    """Run one chapter; returns the hashes of the room's files it read, which doit keeps for the next build."""
    started = time.perf_counter()
    outcome.ran.append(one.name)
    bar = {"desc": one.name, "position": number, "leave": False, "file": sys.stderr} if sys.stderr.isatty() else None
    executed = chapter.run(one, given, plan.work, room=plan.room, bar=bar, within=plan.within)
    files = chapter.opened(json.loads(executed.read_text(encoding="utf-8")))
    say(f"chapter {one.name}: {time.perf_counter() - started:.1f} s")
    return {"opened": {name: chapter.file_sha256(plan.room / name) for name in files}}


def _build_site(plan: Plan, executed: list[Path], past: history.History, older, outcome: Outcome, say) -> bool:
    started = time.perf_counter()
    outcome.ran.append("site")
    compared = plan.work / "changes.json"
    found = json.loads(compared.read_text(encoding="utf-8")) if past.before else None
    drifted = look_back.drift(plan, executed, past, say)
    shown = history.shown(past, found, plan.edition, drifted)
    site.build(plan.root, plan.edition, plan.room, executed, plan.work, plan.out, history=shown, older=older)
    say(f"site: {time.perf_counter() - started:.1f} s")
    return True


def _tell_time(plan: Plan, outcome: Outcome, n_steps: int, seconds: float, say) -> None:
    """Say how long it took and, where nothing had to run, which part of the last full build that was."""
    if outcome.code != DONE:
        return
    note = plan.work / "full_build.json"
    if len(outcome.ran) == n_steps:
        write_atomically(note, json.dumps({"seconds": round(seconds, 1)}) + "\n")
    if outcome.ran:
        say(f"Edition {plan.edition.name} built in {seconds:.1f} s: {plan.out}")
        return
    full = json.loads(note.read_text())["seconds"] if note.exists() else None
    part = f" ({seconds / full:.1%} of the full build's {full} s)" if full else ""
    say(f"Edition {plan.edition.name} is up to date, checked in {seconds:.2f} s{part}: {plan.out}")


def _executed(plan: Plan, one: chapter.Chapter) -> Path:
    return plan.work / "executed" / one.path.name
