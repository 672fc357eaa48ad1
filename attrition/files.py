"""Writing without losing: a file or folder is there in full, or as it was before."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: str | bytes, *, durable: bool = True) -> None:
    """Write a file so that a reader, a crash or a full disk never meets half of it.

    The content goes to a neighbour first, is flushed to disk, and takes the name in one step. One that is not `durable`
    is not flushed: it survives the end of the program, not for certain that of the machine, and costs far less.

    Raises
    ------
    OSError
        As the operating system says it; the old file is then untouched and the neighbour removed.
    """
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def swap_folder(new: Path, target: Path) -> None:
    """Put a finished folder in place of another in one step, and only then remove the old one.

    Where the system cannot exchange two names at once, the old folder stands aside as `.<name>.old` for a moment.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists() and exchange(new, target):
        os.rename(new, old)
    else:
        if target.exists():
            os.rename(target, old)
        try:
            os.rename(new, target)
        except OSError:
            if old.exists():
                os.rename(old, target)
            raise
    shutil.rmtree(old, ignore_errors=True)


def staged_at(target: Path) -> Path:
    """Where the folder that is to take the place of another is made: beside it, on the same disk."""
    return target.with_name(f".{target.name}.new")


def recover(target: Path) -> None:
    """Put right what a killed swap left: the old folder where the name is free, and nothing half-made beside it."""
    old = target.with_name(f".{target.name}.old")
    if not target.exists() and old.is_dir():
        os.rename(old, target)
    for left in (old, staged_at(target)):
        shutil.rmtree(left, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Let two paths exchange their names in one step, as Linux can on most disks; False where that is not to be had."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    here, both = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return rename(here, os.fsencode(one), here, os.fsencode(other), both) == 0
