"""What a worker of the cluster does: it hands runs to a process of its own, watches it, and ends it where it must."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrition
from attrition.figures import LEFT_OUT

LOOK_SECONDS = 0.5  # between two looks at a process's memory
START_SECONDS = 300  # for a process to import what it needs
_OWN = threading.local()
_ALL: set[Runner] = set()


class WorkerError(RuntimeError):
    """A worker that cannot do the runs of this sweep."""


class Runner:
    """A process that does runs, one after another."""

    def __init__(self):
        top = str(Path(attrition.__file__).parents[1])
        environment = {**os.environ, LEFT_OUT: "1", "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [top, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "attrition.sweeps.runner"],
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

    def answer(self, seconds: float, memory_gb: float) -> dict[str, Any] | str:
        """Wait for its next answer, or say why there is none; the process is then ended."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self._answers.get(timeout=max(0.0, min(LOOK_SECONDS, end - time.monotonic())))
                return json.loads(line) if line else self._lost()
            except queue.Empty:
                used = memory_bytes(self._process.pid) / 1e9
            if used > memory_gb:
                self.end()
                return f"It was ended, as it took more than {memory_gb:g} GB of memory."
            if time.monotonic() >= end:
                self.end()
                return f"It was ended, as it had not finished after {seconds:g} seconds."

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

    def _lost(self) -> str:
        self.end()
        return ""

    def _read(self) -> None:
        with self._process.stdout as answers:
            for line in answers:
                self._answers.put(line)
        self._answers.put("")


def do(job: Mapping[str, Any], limits: Mapping[str, float]) -> list[dict[str, Any]]:
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
        for result in _results({**job, "runs": rest}, limits):
            if not isinstance(result, str):
                done.append(result)
                continue
            key = job["runs"][len(done)]["key"]
            if result or key in twice:
                done.append({"key": key, "failure": result or "The process that did it ended twice without a word."})
            twice.add(key)
    return done


def check(target: Mapping[str, str], identity: str) -> str:
    """Say why this worker cannot do the runs of a sweep; nothing if it can."""
    try:
        do({"target": target, "identity": identity, "runs": []}, {"seconds": START_SECONDS, "memory_gb": 1024})
    except WorkerError as error:
        return str(error)
    return ""


def end_all() -> None:
    """End every process that this worker started."""
    for one in list(_ALL):
        one.end()


def memory_bytes(pid: int) -> int:
    """Memory of a process and of all that it started; pages that several of them share count for each."""
    import psutil

    total = 0
    for one in _tree(pid):
        with contextlib.suppress(psutil.Error):
            total += one.memory_info().rss
    return total


def _results(job: Mapping[str, Any], limits: Mapping[str, float]) -> Iterable[dict[str, Any] | str]:
    """Yield the results of a job's runs as they come; a reason, or an empty one, ends it early."""
    runner = _runner()
    runner.ask(job)
    first = runner.answer(START_SECONDS, 1024)
    if isinstance(first, str) or "refused" in first:
        told = first if isinstance(first, str) else first["refused"]
        raise WorkerError(told or "Expected a process that does the runs, found that it ends at its start.")
    for _ in job["runs"]:
        result = runner.answer(limits["seconds"], limits["memory_gb"])
        yield result
        if isinstance(result, str):
            return


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
