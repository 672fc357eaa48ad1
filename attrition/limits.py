"""How long a chapter may run and how much memory it may take, and the watch that ends it beyond that.

A cell that hangs would hold a build for ever, and one that eats memory would take the machine with it. Memory is held
twice: where the system can refuse it (Linux) the cell gets a `MemoryError` at once; everywhere the watch adds up what
the kernel and its children really hold. This room knows processes, not notebooks.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

ENVIRONMENT = {"minutes": "ATTRITION_MINUTES", "memory_gb": "ATTRITION_MEMORY_GB"}
EVERY_SECONDS = 0.2
GB = 10**9


class LimitError(ValueError):
    """A limit that is no number above zero."""


@dataclass(frozen=True)
class Limits:
    """What one chapter may use.

    Attributes
    ----------
    minutes : float
        From the start of its kernel to the end of its last cell.
    memory_gb : float
        Billion bytes that its kernel and the processes it starts hold together.
    """

    minutes: float = 30.0
    memory_gb: float = 4.0


def choose(*layers: Mapping[str, float | str | None]) -> Limits:
    """Pick the limits: of the layers the last that names one, before them the environment, before it the default.

    Raises
    ------
    LimitError
        Naming the limit that is no number above zero.

    Examples
    --------
    >>> choose({"minutes": 5}, {"minutes": None, "memory_gb": 1})
    Limits(minutes=5.0, memory_gb=1.0)
    """
    found = {name: os.environ.get(variable) for name, variable in ENVIRONMENT.items()}
    for layer in layers:
        found |= {name: value for name, value in layer.items() if value is not None}
    return Limits(**{name: _positive(name, value) for name, value in found.items() if value not in (None, "")})


class Watch:
    """Watches one kernel and ends it, with all it started, when it goes beyond its limits.

    Attributes
    ----------
    said : str or None
        Which limit was passed, in words; None as long as none was.
    """

    def __init__(self, limits: Limits):
        self.limits, self.said = limits, None
        self._over = threading.Event()

    def begin(self, pid: int) -> None:
        """Start watching a process."""
        _refuse_memory(pid, self.limits)
        threading.Thread(target=self._look, args=(pid,), name="limits", daemon=True).start()

    def end(self) -> None:
        """Stop watching."""
        self._over.set()

    def passed(self, error: BaseException) -> str | None:
        """Say which limit ended a run with this error; None if none did."""
        refused = getattr(error, "ename", type(error).__name__).endswith("MemoryError")
        return self.said or (too_much(self.limits, f"{getattr(error, 'evalue', error)}") if refused else None)

    def _look(self, pid: int) -> None:
        import psutil

        started = time.monotonic()
        while not self._over.wait(EVERY_SECONDS):
            try:
                family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
            except psutil.Error:
                return  # it has ended
            if time.monotonic() - started > self.limits.minutes * 60:
                self.said = too_long(self.limits)
            elif sum(_held(one) for one in family) > self.limits.memory_gb * GB:
                self.said = too_much(self.limits)
            if self.said:
                for one in reversed(family):
                    with contextlib.suppress(psutil.Error):
                        one.kill()
                return


def too_long(limits: Limits) -> str:
    """Say that the time was up, and what to do.

    >>> too_long(Limits(minutes=1))
    'it had not ended after 1 minute, the limit for a chapter (raise it with --minutes, or look for a cell that hangs)'
    """
    unit = "minute" if limits.minutes == 1 else "minutes"
    return (
        f"it had not ended after {limits.minutes:g} {unit}, the limit for a chapter (raise it with --minutes, or look"
        " for a cell that hangs)"
    )


def too_much(limits: Limits, detail: str = "") -> str:
    """Say that the memory was used up, and what to do."""
    more = f": {detail}" if detail else ""
    return (
        f"it wanted more than {limits.memory_gb:g} GB of memory, the limit for a chapter{more} (raise it with"
        " --memory-gb, or ask for less at once)"
    )


def _refuse_memory(pid: int, limits: Limits) -> None:
    """Let the system refuse memory beyond the limit; address space alone, as libraries reserve it, does not count."""
    if sys.platform != "linux":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):  # a lower limit of the system's own stays
        _, hard = resource.prlimit(pid, resource.RLIMIT_DATA)
        wanted = int(limits.memory_gb * GB)
        resource.prlimit(pid, resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))


def _held(process) -> int:
    """Bytes a process holds in memory; none of one that has ended."""
    import psutil

    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _positive(name: str, value: float | str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not (number > 0 and math.isfinite(number)):
        raise LimitError(
            f"Expected a number above 0 for the limit {name} (--{name.replace('_', '-')}, {ENVIRONMENT[name]}, or"
            f" 'limits' in the edition), found '{value}': write one such as {getattr(Limits(), name):g}."
        )
    return number
