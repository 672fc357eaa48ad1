"""The process that does the runs of one worker: jobs come in as lines, results go out as lines.

It is apart from the worker so that a run that hangs, or takes more memory than it may, can be ended without the worker:
whoever started it kills it and starts another. It ends by itself when nobody is left to give it work.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import warnings
from collections.abc import Mapping
from typing import Any, TextIO

from attrition import chapter, limits
from attrition.sweeps import targets

IDLE_SECONDS = 900  # after which a runner that was forgotten ends


def main() -> None:
    """Work until the input ends."""
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not come between the answers
    jobs: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    known: dict[str, targets.Target] = {}
    while True:
        try:
            work(json.loads(jobs.get(timeout=IDLE_SECONDS)), known, answers)
        except queue.Empty:
            _end(0)


def work(job: Mapping[str, Any], known: dict[str, targets.Target], answers: TextIO) -> None:
    """Do one job: several runs of one target, each answered by a line as soon as it is done.

    The first line says that the runs have started, or why they are refused.

    Parameters
    ----------
    job : mapping
        ``target`` (words), ``identity`` that it must have here, ``limits`` of a run, ``runs`` (``key`` and
        ``parameters`` of each).
    known : dict
        Targets found before, by their words.
    """
    words = json.dumps(job["target"], sort_keys=True)
    try:
        if words not in known:
            known[words] = targets.find(job["target"])
            _warm(known[words])
        found = known[words].identity()
    except Exception as error:
        return _answer(answers, {"refused": _one_line(error)})
    if found != job["identity"]:
        return _answer(answers, {"refused": "Expected the code and data of the sweep, found others."})
    _answer(answers, {"started": len(job["runs"])})
    within = limits.Limits(**job["limits"])
    for run in job["runs"]:
        _answer(answers, {"key": run["key"], **_result(known[words], run["parameters"], within)})
    return None


def _result(target: targets.Target, given: Mapping[str, Any], within: limits.Limits) -> dict[str, Any]:
    try:
        return {"values": target.run(given, within)}
    except Exception as error:
        return {"failure": _one_line(error)}


def _warm(target: targets.Target) -> None:
    """Let the process that kernels are forked from import the chapter's modules as well."""
    if isinstance(target, targets.ChapterTarget):
        top = chapter.PACKAGE.parent
        modules = [path.relative_to(top).with_suffix("") for path in target.chapter.code if path.suffix == ".py"]
        chapter.warm_up([".".join(part for part in path.parts if part != "__init__") for path in modules])


def _answer(answers: TextIO, content: Mapping[str, Any]) -> None:
    answers.write(json.dumps(content) + "\n")
    answers.flush()


def _read(jobs: queue.Queue) -> None:
    for line in sys.stdin:
        jobs.put(line)
    _end(1)  # whoever gave work is gone


def _end(code: int) -> None:
    loaded = sys.modules.get("attrition.kernels")
    if loaded is not None:
        loaded.end_all()
    os._exit(code)


def _one_line(error: Exception) -> str:
    return " ".join(f"{error}".split()) or type(error).__name__


if __name__ == "__main__":
    main()
