"""What one run of a sweep does: a whole chapter, or one call of a model function.

A target is described by a few words (`describe`), so that it can be sent to another machine, found there (`find`) and
compared: `Target.identity` covers code, data and versions, and two machines give the same numbers where it is the same.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from attrition import chapter, limits, parameters, values
from attrition.sweeps.plan import SweepError

LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels")
SHOWN = ("key", "value", "lower", "upper", "level", "unit", "text")


class RunError(RuntimeError):
    """A run that did not reach its end; the message is what the list of failures shows."""


@dataclass(frozen=True)
class ChapterTarget:
    """A chapter, and the room that it opens."""

    chapter: chapter.Chapter
    room: Path

    def identity(self) -> str:
        """Hash of what its values come from, parameters aside: cells, modules, data, published editions, versions."""
        locks = sorted(self.room.parent.glob("editions/*.json"))
        room = sorted(path for path in self.room.rglob("*") if path.is_file() and not path.name.startswith("."))
        digest = hashlib.sha256(chapter.code_sha256(self.chapter).encode())
        for path in (*room, *locks):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return hashlib.sha256(f"{digest.hexdigest()} {_versions()}".encode()).hexdigest()

    def run(self, given: Mapping[str, Any], within: limits.Limits) -> list[dict[str, Any]]:
        """Run it without its figures in a folder of its own and return its values.

        Raises
        ------
        RunError
            Naming cell and error.
        """
        typed = parameters.validate(self.chapter.name, self.chapter.defaults, given)
        with tempfile.TemporaryDirectory(prefix="sweep-", ignore_cleanup_errors=True) as scratch:
            try:
                executed = chapter.run(self.chapter, typed, Path(scratch), room=self.room, within=within, draw=False)
                found = values.collect(json.loads(executed.read_text(encoding="utf-8")))
            except (chapter.ChapterError, values.ValueRecordError) as error:
                told = _one_line(str(error)).partition(chapter.KEPT)  # the folder is gone by then
                raise RunError(told[0] + "." if told[1] else told[0]) from error
        return [{name: asdict(one)[name] for name in SHOWN} for one in found.values()]


@dataclass(frozen=True)
class FunctionTarget:
    """A function of the models, by its dotted name."""

    name: str

    def identity(self) -> str:
        """Hash of its module, of those that module imports, and of versions."""
        digest = hashlib.sha256(self.name.encode())
        for path in _code(self.name.partition(":")[0]):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return hashlib.sha256(f"{digest.hexdigest()} {_versions()}".encode()).hexdigest()

    def run(self, given: Mapping[str, Any], within: limits.Limits) -> list[dict[str, Any]]:
        """Call it, `within` being held by whoever started this process, and return its result as values.

        Raises
        ------
        RunError
            Naming its error.
        """
        from attrition.sweeps import functions

        try:
            return functions.values_of(functions.call(self.name, given))
        except Exception as error:
            raise RunError(_one_line(f"{self.name} stopped: {type(error).__name__}: {error}")) from error


Target = ChapterTarget | FunctionTarget


def describe(root: Path, *, function: str | None = None, one: chapter.Chapter | None = None, room: Path) -> dict:
    """Describe a target in words that another machine understands; what lies in the project is named from its top."""
    if one is None:
        return {"function": function}
    near = [path.relative_to(root) if path.is_relative_to(root) else path for path in (one.path, room)]
    return {"chapter": near[0].as_posix(), "room": near[1].as_posix(), "root": str(root)}


def find(words: Mapping[str, str]) -> Target:
    """Find what was described on this machine: in the same folder, or else in the project this package belongs to.

    Raises
    ------
    SweepError
        If it is not here.
    """
    if "function" in words:
        return FunctionTarget(words["function"])
    root = Path(words["root"])
    root = root if (root / "_toc.yml").is_file() else chapter.PACKAGE.parent
    room = root / words["room"]
    if not (root / words["chapter"]).is_file() or not room.is_dir():
        raise SweepError(f"Expected {words['chapter']} and the room {words['room']} in {root}, found them not.")
    return ChapterTarget(chapter.load(root / words["chapter"]), room)


def run_key(identity: str, given: Mapping[str, Any]) -> str:
    """Name of a run: the same for the same target, code, data, versions and parameters.

    >>> run_key("a", {"x": 1}) == run_key("a", {"x": 1}), run_key("a", {"x": 1}) == run_key("b", {"x": 1})
    (True, False)
    """
    return hashlib.sha256(json.dumps([identity, given], sort_keys=True, default=str).encode()).hexdigest()[:20]


@cache
def _code(module: str) -> list[Path]:
    return sorted(chapter.imported(f"import {module}"))


@cache
def _versions() -> str:
    return " ".join(f"{name} {_version(name)}" for name in LIBRARIES)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def _one_line(text: str) -> str:
    return " ".join(text.split())
