"""When a step of a build is up to date: answers that doit asks for, by content and never by time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from attrition.chapter import file_sha256


def opened_unchanged(room: Path) -> Callable:
    """Tell whether the files a step read last time, as it then said, hold what they held."""

    def unchanged(task, values) -> bool:
        opened = values.get("opened")
        return opened is not None and all(file_sha256(room / name) == known for name, known in opened.items())

    return unchanged


def same(settings: dict[str, Any]) -> Callable:
    """Tell whether the settings are those of the last run."""
    from doit.tools import config_changed

    return config_changed(json.dumps(settings, sort_keys=True, default=str))


def names(paths: Iterable[Path]) -> list[str]:
    """Name files as doit wants them: once each, in order."""
    return sorted({str(path) for path in paths})
