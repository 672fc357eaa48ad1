"""A chapter: one notebook, what it depends on, and how it is run.

papermill does the running. This room finds out what a run depends on (the notebook's own cells, the modules it
imports, the files it says it opened), names the failing cell in one sentence, and keeps what a dead run left behind.
It does not decide when to run: `attrition.build` does.
"""

from __future__ import annotations

import ast
import hashlib
import json
import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attrition import limits, parameters, values
from attrition.files import write_atomically

PACKAGE = Path(__file__).parent
UNDRAWN = {"ATTRITION_FIGURES": "off"}  # what `attrition.figures.show` looks for
KEPT = "; what it had done is in "
MODULE_NAME = re.compile(rf"{PACKAGE.name}(\.[a-z_]+)+")
ROLE = re.compile(r"\{value\}`([^`|]+)(?:\|(\w+))?`")


class ChapterError(RuntimeError):
    """A chapter that is missing, malformed or did not run to its end."""


@dataclass(frozen=True)
class Chapter:
    """One notebook of the book.

    Attributes
    ----------
    name : str
        File name without its ending.
    path : Path
        The notebook, committed without outputs.
    defaults : dict
        Parameters it declares and their defaults.
    code : tuple of Path
        The notebook and every module of the package it imports, directly or not, sorted.
    """

    name: str
    path: Path
    defaults: dict[str, Any]
    code: tuple[Path, ...]


def load(path: Path) -> Chapter:
    """Read what a notebook declares, without running it.

    Raises
    ------
    ChapterError
        If the file is missing or is no notebook.
    attrition.parameters.ParameterError
        If its parameters cell is missing or malformed.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        raise ChapterError(f"Expected the chapter {path.stem} at {path}, found no such file.") from None
    except (ValueError, KeyError, TypeError):
        raise ChapterError(
            f"Expected a notebook in {path}, found something else: open and save it in Jupyter."
        ) from None
    source = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    return Chapter(path.stem, path, parameters.declared(path), (path, *sorted(imported(source))))


def imported(source: str) -> set[Path]:
    """List the package's own modules that a piece of code imports, directly or through one another."""
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        new = _module_files(waiting.pop()) - found
        found |= new
        waiting += [path.read_text(encoding="utf-8") for path in new]
    return found


def warm_up(also: Sequence[str] = ()) -> None:
    """Start importing what chapters need, and modules named besides, in a process of its own, before the first runs."""
    from attrition import kernels

    kernels.warm_up(environment(), also)


def run(
    chapter: Chapter,
    given: Mapping[str, Any],
    folder: Path,
    *,
    room: Path,
    bar: Mapping | None = None,
    within: limits.Limits | None = None,
    draw: bool = True,
) -> Path:
    """Run a chapter and return its executed notebook, `folder`/executed/<name>.ipynb.

    Parameters
    ----------
    given : mapping
        All parameters, as `attrition.parameters.validate` returns them.
    folder : Path
        Where `executed`, `running` and `failed` notebooks live; the executed one appears only when it is whole.
    room : Path
        Data room that the notebook opens.
    bar : mapping, optional
        Options of the progress bar (tqdm).
    within : attrition.limits.Limits, optional
        Time and memory it may use; by default what the environment says, else half an hour and four gigabytes.
    draw : bool
        False where only the values are wanted: figures are left out, which take half of a chapter's time, and the
        notebook is written at its end only.

    Raises
    ------
    ChapterError
        Naming notebook, cell and error or limit; the partial notebook is kept in `folder`/failed.
    """
    running, failed = folder / "running" / chapter.path.name, folder / "failed" / chapter.path.name
    running.parent.mkdir(parents=True, exist_ok=True)
    watch = limits.Watch(within or limits.choose())
    try:
        told = environment(room) | ({} if draw else UNDRAWN)
        _execute(chapter, given, running, told, bar, watch, follow=draw)
    except Exception as error:
        failed.parent.mkdir(parents=True, exist_ok=True)
        if running.exists():
            os.replace(running, failed)
        raise ChapterError(failure(chapter, failed, error, watch.passed(error))) from error
    executed = folder / "executed" / chapter.path.name
    executed.parent.mkdir(parents=True, exist_ok=True)
    notebook = clean(json.loads(running.read_text(encoding="utf-8")))
    notebook["metadata"]["attrition"] = inputs(chapter, given, room, receipt(notebook))
    write_atomically(executed, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    running.unlink()
    failed.unlink(missing_ok=True)
    return executed


def failure(chapter: Chapter, partial: Path, error: Exception, limit: str | None = None) -> str:
    """Say in one sentence which cell of which notebook failed, and with what: its error, or the limit it passed."""
    told = f"{error.ename}: {error.evalue}" if hasattr(error, "ename") else f"{type(error).__name__}: {error}"
    where = _stopped_at(chapter, partial) if partial.exists() else "its start"
    kept = f"{KEPT}{_near(partial)}" if partial.exists() else ""
    return f"Chapter {chapter.name} stopped at {where}: {' '.join((limit or told).split())}{kept}."


def clean(notebook: Mapping) -> dict:
    """Return a copy of an executed notebook without what differs between two equal runs: times, versions, paths."""
    notebook = json.loads(json.dumps(notebook))
    notebook["metadata"] = {"kernelspec": notebook["metadata"]["kernelspec"]}
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {k: v for k, v in cell["metadata"].items() if k not in ("papermill", "execution")}
        if cell["cell_type"] == "code":
            cell["execution_count"] = None
            for output in cell["outputs"]:
                output.pop("execution_count", None)
        if "injected-parameters" in cell["metadata"].get("tags", ()):
            cell["id"] = f"injected-{number}"
    return notebook


def receipt(notebook: Mapping) -> dict[str, Any]:
    """Return what an executed notebook says it read: the names of files, and hashes of what it saw of them.

    Raises
    ------
    ChapterError
        If it holds no receipt.
    """
    for cell in reversed(notebook["cells"]):
        for output in cell.get("outputs", ()):
            if values.RECEIPT_MIME in output.get("data", {}):
                return output["data"][values.RECEIPT_MIME]
    raise ChapterError("Expected a receipt of the files read, found none: end the notebook with 'receipt(room)'.")


def opened(notebook: Mapping) -> list[str]:
    """Return the room's files that an executed notebook says it read."""
    return list(receipt(notebook)["opened"])


def inputs(chapter: Chapter, given: Mapping[str, Any], room: Path, read: Mapping[str, Any]) -> dict[str, Any]:
    """Say what a chapter's results come from: parameters, a hash of its code, hashes of the data it saw.

    Parameters
    ----------
    read : mapping
        The chapter's receipt. Where it tells what was seen at the cutoff, that counts, so that rows which came later
        leave the inputs of an old edition as they were; otherwise the bytes of the files count.
    """
    seen = read.get("seen") or {name: file_sha256(room / name) for name in sorted(read["opened"])}
    locks = {name: file_sha256(room / name) for name in read["opened"] if name.startswith(values.LOCKS)}
    found = {
        "parameters": {name: _plain(value) for name, value in given.items()},
        "code_sha256": code_sha256(chapter),
        "seen": {**seen, **locks},
    }
    return {**found, "inputs_sha256": _sha256(json.dumps(found, sort_keys=True).encode())}


def file_sha256(path: Path) -> str:
    """Hash a file; nothing for one that is not there."""
    return _sha256(path.read_bytes()) if path.is_file() else ""


def code_sha256(chapter: Chapter) -> str:
    """Hash a chapter's cells and every module it imports."""
    digest = hashlib.sha256()
    for path in chapter.code:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def resolved(notebook: Mapping, found: Mapping[str, values.Value]) -> dict:
    """Return a copy of an executed notebook whose prose shows the recorded values instead of naming their keys."""

    def text(match: re.Match) -> str:
        value = found.get(match[1].strip())
        return values.spoken(value, match[2] or "text") if value is not None else match[0]

    copy = json.loads(json.dumps(notebook))
    for cell in copy["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = ROLE.sub(text, "".join(cell["source"]))
    return copy


def environment(room: Path | None = None) -> dict[str, str]:
    """Return what kernels find in their environment: which room to open, where the package lies, one thread a kernel.

    It is ours with these entries; ours is left as it is.
    """
    path = [str(PACKAGE.parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    own = {"PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, path)))}
    opened = {"ATTRITION_ROOM": str(room.resolve())} if room is not None else {}
    return {"OMP_NUM_THREADS": "1", **os.environ, **own, **opened}


def _module_files(source: str) -> set[Path]:
    """Files of the package that `source` imports, by statement or by name."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and MODULE_NAME.fullmatch(node.value):
            names.add(node.value)  # a module loaded by name, when it is needed
    paths = {PACKAGE.parent.joinpath(*name.split(".")) for name in names if name.split(".")[0] == PACKAGE.name}
    files = {path.with_suffix(".py") for path in paths} | {path / "__init__.py" for path in paths}
    return {path for path in files if path.is_file()}


def _execute(
    chapter: Chapter,
    given: Mapping[str, Any],
    running: Path,
    told: Mapping[str, str],
    bar: Mapping | None,
    watch: limits.Watch,
    *,
    follow: bool,
) -> None:
    """Let papermill run a notebook; it writes what is done so far after every cell, if the run is to be followed."""
    import papermill
    from jupyter_core.utils import ensure_event_loop

    from attrition import kernels

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # its errors reach the user as one sentence instead
    try:
        papermill.execute_notebook(
            chapter.path,
            running,
            {name: _plain(value) for name, value in given.items()},
            kernel_name="python3",
            kernel_manager_class=kernels.manager(told, watch, str(chapter.path.parent.resolve())),
            progress_bar=dict(bar) if bar else False,
            request_save_on_cell_execute=follow,
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        )
    finally:
        watch.end()
        loop = ensure_event_loop()
        if not loop.is_running():
            loop.close()  # papermill leaves this thread's loop open, with its sockets


def _stopped_at(chapter: Chapter, partial: Path) -> str:
    """Number, in the notebook as committed, of the last cell that was started."""
    ids = [cell["id"] for cell in json.loads(chapter.path.read_text(encoding="utf-8"))["cells"]]
    cells = json.loads(partial.read_text(encoding="utf-8"))["cells"]
    started = [cell["id"] for cell in cells if cell["metadata"].get("papermill", {}).get("start_time")]
    known = [name for name in started if name in ids]
    return f"cell {ids.index(known[-1]) + 1}" if known else "its start"


def _plain(value: Any) -> Any:
    """A parameter as papermill writes it into the notebook: dates as ISO text."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _near(path: Path) -> Path:
    """A path as a person at the project's top would write it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
