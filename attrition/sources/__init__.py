"""Live sources: one publisher each, a reader in `<name>.py` beside what is known of it in `<name>.yml`.

`fetch_all` is the only thing here that touches the network; a reader is pure: bytes in, tables of text out. A reader is
strict, because a publisher that changes its file without a word is the usual case: every field is taken out by name,
what remains is an error, labels are enumerated, and nothing unknown is folded away. Nothing here writes a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

import pandas as pd

from attrition.sources.client import Answer, FetchError, Patience, Request, fetch_all, mirrored
from attrition.sources.manifest import Limits, Manifest, ManifestError, Target, read_manifest
from attrition.sources.strict import SourceError

__all__ = [
    "Answer",
    "FetchError",
    "Limits",
    "Manifest",
    "ManifestError",
    "Patience",
    "Request",
    "SourceError",
    "Target",
    "fetch_all",
    "manifests",
    "mirrored",
    "parse",
]


def manifests() -> dict[str, Manifest]:
    """What is known of every live source, by name.

    Raises
    ------
    ManifestError
        If one of the files beside the readers is malformed.
    """
    return {path.stem: _manifest(path) for path in sorted(Path(__file__).parent.glob("*.yml"))}


@cache
def _manifest(path: Path) -> Manifest:
    return read_manifest(path)


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Read what a source sent into tables of text, one for each series it feeds.

    Parameters
    ----------
    source
        What is known of it.
    payloads
        The bytes behind each of its addresses, by the address's name.

    Returns
    -------
    dict of DataFrame
        By series: columns as the room's tables have them, cells as text, empty text where there is no value.

    Raises
    ------
    SourceError
        If a payload is not exactly what the source is known to send.
    """
    reader = import_module(f"attrition.sources.{source.name}")
    return {name: frame.reset_index(drop=True) for name, frame in reader.parse(source, payloads).items()}
