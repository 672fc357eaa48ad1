"""What has to run again, and running it: room, chapters, site, in that order.

doit keeps the books: it compares contents, not times, of everything a step depends on, and runs independent chapters
side by side. A chapter depends on its notebook, the modules it imports, its parameters, the pinned versions and the
files of the room it said it read; the site depends on the executed chapters, the pages and the room.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from attrition import chapter, limits, parameters, site, steps, values
from attrition.editions import changes, changes_page, lock, past, sites
from attrition.editions.edition import Edition
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
    tasks = _prepare(plan, outcome, say)
    plan.work.mkdir(parents=True, exist_ok=True)
    _run_doit(plan, outcome, tasks)
    _tell_time(plan, outcome, len(tasks), time.perf_counter() - started, say)
    return outcome


def explain(plan: Plan) -> dict[str, str]:
    """Say what `build` would run and why (`attrition.explain`); nothing runs and nothing is written.

    Raises
    ------
    attrition.parameters.ParameterError, BuildError, attrition.chapter.ChapterError
        As `build` does before anything runs.
    """
    from attrition import explain as words

    tasks = _prepare(plan, Outcome(), print)
    return words.explain(plan.root, plan.room, plan.work / "state.json", tasks)


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
    return _tasks(plan, book, given, past.find(plan.root, plan.edition, plan.room), outcome, say)


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


def _tasks(plan: Plan, book, given: dict[str, dict], behind: past.Past, outcome: Outcome, say) -> list[dict]:
    """The steps as doit knows them."""
    stale = [one for one in book if plan.only in (None, one.name) or not _executed(plan, one).exists()]
    pinned = [plan.root / "requirements.txt"]
    code = chapter.imported("import attrition.room.validation")
    room_task = {
        "name": "room",
        "action": partial(_check_room, plan, outcome),
        "file_dep": steps.names([*site.room_files(plan.room), *code, *pinned]),
        "uptodate": [True],
    }
    chapter_tasks = [
        steps.of_chapter(one.name, plan, one, given[one.name], plan.work, outcome, say, bar=number)
        for number, one in enumerate(stale)
    ]
    executed, names = [_executed(plan, one) for one in book], [one.name for one in stale]
    published = sites.of_build(plan, book, executed, names, behind, outcome, say)
    older = {known["name"]: sites.folder(plan, known) for known in behind.published}
    compared = [plan.work / "changes.json"] if behind.before else []
    finished = [folder / "index.html" for folder in older.values()]
    settings = {
        "edition": plan.edition.model_dump(mode="json", exclude={"limits"}),
        "out": os.path.relpath(plan.out, plan.root),
        "editions": [[known["name"], known["frozen"]] for known in behind.published],
        **steps.surroundings(),
    }
    site_task = {
        "name": "site",
        "action": partial(_build_site, plan, executed, behind, older, outcome, say),
        "file_dep": steps.names([*executed, *compared, *finished, *steps.page_sources(plan)]),
        "task_dep": ["build:room", *(f"build:{one['name']}" for one in [*chapter_tasks, *published])],
        "uptodate": [steps.same(settings)],
        "targets": [str(plan.out / "index.html")],
    }
    tasks = [room_task, *chapter_tasks, *published, site_task]
    return [{"actions": [_guarded(outcome, task.pop("action"))], **task, "io": {"capture": False}} for task in tasks]


def _run_doit(plan: Plan, outcome: Outcome, tasks: list[dict[str, Any]]) -> None:
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
    loader = ModuleTaskLoader({"DOIT_CONFIG": settings, "task_build": lambda: (task for task in tasks)})
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


def _build_site(plan: Plan, executed: list[Path], behind: past.Past, older, outcome: Outcome, say) -> bool:
    started = time.perf_counter()
    outcome.ran.append("site")
    compared = plan.work / "changes.json"
    found = json.loads(compared.read_text(encoding="utf-8")) if behind.before else None
    recorded = [one for one in changes_page.recorded(behind.published) if one["after"] != plan.edition.name]
    drifted = sites.drift(plan, executed, behind, say)
    shown = changes_page.shown(plan.edition, behind.published, [drifted, found, *recorded])
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
    return steps.executed(plan.work, one)
