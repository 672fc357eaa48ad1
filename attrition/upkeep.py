"""When a step of a build is up to date: answers that doit asks for, by content and never by time."""

from __future__ import annotations

import contextlib
import json
import platform
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from attrition.chapter import file_sha256

COMPUTING = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn", "ruptures", "papermill", "ipykernel")
PUBLISHING = ("jupyter-book", "sphinx", "myst-nb", "sphinx-book-theme", "matplotlib")


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


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Versions of Python and of packages as they are installed, whatever is pinned."""
    found = {}
    for name in packages:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return {"python": platform.python_version(), **found}


def names(paths: Iterable[Path]) -> list[str]:
    """Name files as doit wants them: once each, in order."""
    return sorted({str(path) for path in paths})
