"""The command line: words in, one call each, an exit code out."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

EXAMPLES = {
    "build": "python -m attrition build --edition 2026-05 --jobs 2",
    "run": "python -m attrition run loss_trends -p cutoff=2024-06-30 -p horizon_weeks=8",
    "parameters": "python -m attrition parameters loss_trends",
    "sweep": "python -m attrition sweep examples/sweeps/balance.yml --jobs 2",
    "refresh": "python -m attrition refresh brent_daily --room data",
    "check": "python -m attrition check --room data",
    "compare": "python -m attrition compare 2026-02 2026-05",
    "freeze": "python -m attrition freeze 2026-05",
    "edition": "python -m attrition new edition 2026-08 --cutoff 2026-08-31",
    "chapter": "python -m attrition new chapter drone_strikes --series general_staff",
    "room": "python -m attrition new room my-war",
}
ROOMLESS = (
    "parameters",
    "compare",
    "freeze",
    "edition",
    "chapter",
    "room",
)  # commands that read the project's own data room


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every error is one sentence on stderr unless `--debug` asks for the traceback."""
    options = parser().parse_args(arguments)
    if options.debug:
        return options.call(options)
    try:
        return options.call(options)
    except KeyboardInterrupt:
        print("Stopped; nothing half-written is left in place.", file=sys.stderr)
        _end_kernels()
        os._exit(130)  # kernels and worker threads must not keep the process alive
    except BrokenPipeError:
        return 1
    except (ValueError, RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _end_kernels() -> None:
    """End forked kernels, where any were started; a module still being imported has started none."""
    end_all = getattr(sys.modules.get("attrition.kernels"), "end_all", None)
    if end_all is not None:
        end_all()


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    top = argparse.ArgumentParser(prog="attrition", description="Build, re-run and check the report book.")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    build = _command(commands, "build", "build an edition into a site", _build)
    build.add_argument("--edition", metavar="NAME|FILE", help="default: the newest in editions/")
    build.add_argument("--only", metavar="CHAPTER", help="run this chapter alone, take the others as they ran last")
    build.add_argument("--out", metavar="DIR", type=Path, help="default: _build/html")
    build.add_argument("--explain", action="store_true", help="say what would run and why; run nothing")
    _limit(build)
    build.add_argument("--jobs", metavar="N", type=_positive, default=os.cpu_count() or 1, help="chapters at once")

    run = _command(commands, "run", "run one chapter with other parameters", _run)
    run.add_argument("chapter")
    run.add_argument("-p", dest="given", metavar="name=value", action="append", default=[], help="set a parameter")
    run.add_argument("--out", metavar="FILE.ipynb", type=Path, help="default: a folder in _build/runs")
    _limit(run)

    many = _command(commands, "sweep", "run a chapter or a model function with many parameters", _sweep)
    many.add_argument("file", metavar="GRID.yml", type=Path, help="what is run and what varies")
    many.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask cluster, as tcp://host:8786; default: this machine"
    )
    many.add_argument("--out", metavar="DIR", type=Path, help="default: a folder in _build/sweeps")
    many.add_argument(
        "--jobs", metavar="N", type=_positive, default=os.cpu_count() or 1, help="workers on this machine"
    )
    _limit(many)

    shown = _command(commands, "parameters", "list what may be set", _parameters)
    shown.add_argument("chapter", nargs="?")
    shown.add_argument("--json", action="store_true", help="for programs")

    fresh = _command(commands, "refresh", "bring a data room up to date; exit code 0, 1 (not fetched) or 2", _refresh)
    fresh.add_argument("source", nargs="*", metavar="SOURCE", help="default: all that the room takes")
    fresh.add_argument("--mirror", metavar="URL", help="fetch URL/host/path for each https://host/path")

    _command(commands, "check", "validate a data room; exit code 0 or 2", _check)

    compare = _command(commands, "compare", "say what changed between two editions and why", _compare)
    compare.add_argument("before", metavar="EDITION")
    compare.add_argument("after", metavar="EDITION")
    compare.add_argument("--json", action="store_true", help="for programs")

    new = commands.add_parser("new", help="make a working skeleton", description="Make a working skeleton.")
    kinds = new.add_subparsers(metavar="WHAT", required=True)
    begun = _command(kinds, "edition", "begin an edition with the parameters of the newest", _new_edition)
    begun.add_argument("name")
    begun.add_argument("--cutoff", metavar="DAY", help="last day of data; default: the day to which data/ is compiled")
    page = _command(kinds, "chapter", "begin a chapter: notebook, test, table of contents", _new_chapter)
    page.add_argument("name")
    page.add_argument("--series", metavar="NAME", help="series of data/ to begin with; default: the first that will do")
    place = _command(kinds, "room", "begin a data room: a contract with gaps, empty tables, a guide", _new_room)
    place.add_argument("path", metavar="PATH", type=Path, help="folder that is new or empty")

    freeze = _command(commands, "freeze", "publish an edition: build it and keep it for good", _freeze)
    freeze.add_argument("name", metavar="EDITION")
    _limit(freeze)
    freeze.add_argument("--jobs", metavar="N", type=_positive, default=os.cpu_count() or 1, help="chapters at once")
    return top


def root() -> Path:
    """The project's top folder: the nearest one upwards that holds `_toc.yml`.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / "_toc.yml").exists():
            return folder
    raise FileNotFoundError(f"Expected a project with _toc.yml at or above {here}, found none.")


def _command(commands, name: str, does: str, call) -> argparse.ArgumentParser:
    one = commands.add_parser(name, help=does, description=f"{does.capitalize()}.", epilog=f"Example: {EXAMPLES[name]}")
    one.add_argument("--debug", action="store_true", help="show the traceback of an error")
    if name not in ROOMLESS:
        one.add_argument("--room", metavar="PATH", type=Path, help="data room; default: data/")
    one.set_defaults(call=call)
    return one


def _limit(command: argparse.ArgumentParser) -> None:
    """Let a command that runs chapters say how far each may go."""
    command.add_argument("--minutes", metavar="N", help="time limit of a chapter; default: 30")
    command.add_argument("--memory-gb", metavar="N", help="memory limit of a chapter; default: 4")


def _build(options) -> int:
    from attrition import another_room, build, limits
    from attrition.editions import edition

    top = root()
    own = options.edition is not None or another_room.is_own(top, _room(options))
    chosen = (None if own else another_room.edition_of(_room(options))) or edition.load(
        options.edition, top / "editions"
    )
    out = (options.out or top / "_build" / "html").resolve()
    within = limits.choose(chosen.limits, _limits(options))
    plan = build.Plan(top, chosen, _room(options), out, options.only, options.jobs, within)
    if options.explain:
        for step, why in build.explain(plan).items():
            print(f"{step}: {why}")
        return 0
    outcome = build.build(plan)
    for fault in outcome.faults:
        print(fault, file=sys.stderr)
    return outcome.code


def _limits(options) -> dict[str, str | None]:
    return {"minutes": options.minutes, "memory_gb": options.memory_gb}


def _compare(options) -> int:
    from attrition.editions import comparison

    found = comparison.between(root(), options.before, options.after)
    print(json.dumps(found, indent=1, ensure_ascii=False) if options.json else comparison.as_table(found))
    return 0


def _new_edition(options) -> int:
    from attrition.editions import edition

    top = root()
    print(f"Edition: {edition.begin(options.name, options.cutoff, top / 'editions', top / 'data')}")
    return 0


def _new_chapter(options) -> int:
    from attrition import skeleton

    top = root()
    notebook, test, toc = skeleton.begin(options.name, top, top / "data", options.series)
    print(f"Notebook: {notebook}\nTest:     {test}\nListed:   {toc}")
    return 0


def _new_room(options) -> int:
    from attrition.room import skeleton

    models = [one for one in (root() / "examples" / "demo-war", root() / "data") if one.is_dir()]
    made = skeleton.begin(options.path, models[0])
    print(f"Room: {made}\nNext: python -m attrition check --room {made}")
    return 0


def _freeze(options) -> int:
    from datetime import date

    from attrition import build, limits
    from attrition.editions import edition, freezing, lock

    top = root()
    chosen = edition.load(options.name, top / "editions")
    lock.refuse_published(top / "editions", chosen.name)
    out, within = top / "_build" / "frozen" / chosen.name, limits.choose(chosen.limits, _limits(options))
    plan = build.Plan(top, chosen, top / "data", out, None, options.jobs, within)
    outcome = build.build(plan)
    for fault in outcome.faults:
        print(fault, file=sys.stderr)
    if outcome.code == 0:
        print(f"Published: {freezing.freeze(top, chosen, plan.work, day=date.today())}")
    return outcome.code


def _run(options) -> int:
    from attrition import run

    given = dict(_pair(text) for text in options.given)
    done = run.run(root(), options.chapter, given, room=_room(options), out=options.out, within=_limits(options))
    print(f"Notebook: {done.notebook}\nPage:     {done.page}")
    return 0


def _sweep(options) -> int:
    from attrition import sweeps

    where = {"room": _room(options), "out": options.out, "scheduler": options.scheduler}
    return sweeps.sweep(root(), options.file, jobs=options.jobs, within=_limits(options), **where).code


def _parameters(options) -> int:
    from attrition import build, parameters

    chapters = {one.name: one.defaults for one in build.chapters(root())}
    if options.chapter is not None and options.chapter not in chapters:
        raise parameters.ParameterError(parameters.unknown("chapter", options.chapter, chapters))
    chosen = {options.chapter: chapters[options.chapter]} if options.chapter else chapters
    listed = {name: parameters.describe(defaults) for name, defaults in chosen.items()}
    if options.json:
        print(json.dumps(listed, indent=1))
        return 0
    for name, rows in listed.items():
        print(f"{name}:")
        for row in rows:
            print(f"  {row['name']} = {row['default']!r}\n      {row['meaning']}; {row['range']}")
    return 0


def _refresh(options) -> int:
    from attrition.refresh import refresh

    top = root()
    room = (options.room or top / "data").resolve()
    return refresh(room, top / "_build" / "snapshots", names=options.source, mirror=options.mirror).code


def _check(options) -> int:
    from attrition.room.validation import check

    problems = check(_room(options))
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'} in {_room(options)}.")
    return 2 if problems else 0


def _room(options) -> Path:
    room = (options.room or root() / "data").resolve()
    if not room.is_dir():
        raise FileNotFoundError(f"Expected a data room at {room}, found no such folder: name one with --room.")
    return room


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise ValueError(f"Expected a parameter as name=value, found '{text}'.")
    return name.strip(), value.strip()


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, found '{text}'")
    return int(text)
