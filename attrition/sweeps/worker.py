"""What a worker of the cluster does: it hands runs to a process of its own, watches it, and ends it where it must."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrition
from attrition import limits

COMMAND = [sys.executable, "-m", "attrition.sweeps.runner"]
START = limits.Limits(minutes=5)  # for a process to import what it needs
SPARE = limits.Limits(minutes=1, memory_gb=2)
_OWN = threading.local()
_ALL: set[Runner] = set()


class WorkerError(RuntimeError):
    """A worker that cannot do the runs of this sweep."""


class Runner:
    """A process that does runs, one after another."""

    def __init__(self):
        top = str(Path(attrition.__file__).parents[1])
        environment = {**os.environ, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [top, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=top,
            env=environment,
            start_new_session=True,  # an interrupt at the keyboard reaches the client only
        )
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        _ALL.add(self)

    def ask(self, job: Mapping[str, Any]) -> None:
        """Give it a job."""
        with contextlib.suppress(BrokenPipeError):  # its end is noticed when the answer is awaited
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()

    def answer(self, within: limits.Limits) -> dict[str, Any] | str:
        """Wait for its next answer, or say why there is none; the process has then ended."""
        watch = limits.Watch(within)
        watch.begin(self._process.pid)
        line = self._answers.get()
        watch.end()
        if line:
            return json.loads(line)
        self.end()
        ends = f"{within.minutes:g} minutes and {within.memory_gb:g} GB"
        told = f"It was ended beyond its limits of {ends}: raise them with --minutes or --memory-gb."
        return told if watch.said else ""

    def end(self) -> None:
        """End the process and all that it started."""
        for one in _tree(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, 9)
        self._process.wait()
        self._process.stdin.close()
        _ALL.discard(self)

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self in _ALL and self._process.poll() is None

    def _read(self) -> None:
        with self._process.stdout as answers:
            for line in answers:
                self._answers.put(line)
        self._answers.put("")


def do(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Do the runs of a job; each has a result or a reason why it has none.

    A run during which its process ends without a word, as when the system needs memory, is done once more.

    Raises
    ------
    WorkerError
        If code or data here are not those of the sweep.
    """
    done: list[dict[str, Any]] = []
    twice: set[str] = set()
    while len(done) < len(job["runs"]):
        rest = job["runs"][len(done) :]
        for result in _results({**job, "runs": rest}):
            if not isinstance(result, str):
                done.append(result)
                continue
            key = job["runs"][len(done)]["key"]
            if result or key in twice:
                done.append({"key": key, "failure": result or "The process that did it ended twice without a word."})
            twice.add(key)
    return done


def check(job: Mapping[str, Any]) -> str:
    """Say why this worker cannot do the runs of a sweep; nothing if it can."""
    try:
        list(_results({**job, "runs": []}))
    except WorkerError as error:
        return str(error)
    return ""


def end_all() -> None:
    """End every process that this worker started."""
    for one in list(_ALL):
        one.end()


def _results(job: Mapping[str, Any]) -> Iterable[dict[str, Any] | str]:
    """Yield the results of a job's runs as they come; a reason, or an empty one, ends it early."""
    runner = _runner()
    runner.ask(job)
    first = runner.answer(START)
    if isinstance(first, str) or "refused" in first:
        told = first if isinstance(first, str) else first["refused"]
        raise WorkerError(told or "Expected a process that does the runs, found that it ends at its start.")
    within = _outer(job)
    for _ in job["runs"]:
        result = runner.answer(within)
        yield result
        if isinstance(result, str):
            return


def _outer(job: Mapping[str, Any]) -> limits.Limits:
    """What the process may use for a run; for a chapter some more, as its own watch names the cell and comes first."""
    within = limits.Limits(**job["limits"])
    if "function" in job["target"]:
        return within
    return limits.Limits(within.minutes + SPARE.minutes, within.memory_gb + SPARE.memory_gb)


def _runner() -> Runner:
    """The process of this thread, a new one where the last has ended."""
    if getattr(_OWN, "runner", None) is None or not _OWN.runner.alive:
        _OWN.runner = Runner()
    return _OWN.runner


def _tree(pid: int) -> list:
    import psutil

    try:
        process = psutil.Process(pid)
        return [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return []
