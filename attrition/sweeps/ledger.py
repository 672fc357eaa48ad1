"""What a sweep has done so far: one small file a run, written whole, so that a stopped sweep goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrition.files import write_atomically
from attrition.sweeps.plan import SweepError


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep a second sweep out of a folder.

    Raises
    ------
    SweepError
        If another sweep is at work there.
    """
    from filelock import FileLock, Timeout

    with guarded(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise SweepError(f"Expected {folder} to be free, found another sweep at work: wait, or name another.") from None
    try:
        yield
    finally:
        lock.release()


def finished(folder: Path, keys: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Read the runs that are done, by key; a file that was cut off by a crash of the machine does not count."""
    found = {}
    for key in keys:
        try:
            found[key] = json.loads(_path(folder, key).read_text(encoding="utf-8"))["values"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            continue
    return found


def keep(folder: Path, key: str, parameters: Mapping[str, Any], values: list[dict[str, Any]]) -> None:
    """Write one finished run.

    Raises
    ------
    SweepError
        If it cannot be written; what was written before stays.
    """
    with guarded(folder):
        content = json.dumps({"parameters": parameters, "values": values}, ensure_ascii=False, sort_keys=True)
        write_atomically(_path(folder, key), content + "\n", durable=False)


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Say in one sentence what the system says when something cannot be written."""
    try:
        yield
    except OSError as error:
        raise SweepError(
            f"Expected to write into {folder}, found '{error.strerror or error}': make room there and give the same"
            " command; finished runs are kept."
        ) from error


def _path(folder: Path, key: str) -> Path:
    return folder / "runs" / f"{key}.json"
