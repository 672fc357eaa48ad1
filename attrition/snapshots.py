"""Raw bytes as they arrived, written once, each with a receipt: what came from where, when, and how large it was.

A snapshot is named by the hash of its content, so the same bytes are kept once however often they arrive; every arrival
has its own receipt. Nothing here is ever changed or removed, and nothing here knows a format.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path


class SnapshotError(RuntimeError):
    """A snapshot that is missing or is not what its receipt says."""


@dataclass(frozen=True)
class Receipt:
    """What arrived from where and when.

    Attributes
    ----------
    name
        Source and payload, as `source/payload`.
    address
        The address asked.
    fetched
        When, in UTC, as 2022-12-31T06:00:00+00:00.
    validators
        Headers that make the next request for the same address conditional.
    """

    name: str
    address: str
    fetched: str
    sha256: str
    size: int
    validators: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Snapshots:
    """A folder of snapshots: `content/<hash>` and `receipts/<source>/<payload>/<time>.json`."""

    folder: Path

    def keep(self, name: str, address: str, body: bytes, fetched: datetime, validators: Mapping[str, str]) -> Receipt:
        """Keep what arrived; bytes that are there already are not written again."""
        sha256 = hashlib.sha256(body).hexdigest()
        _write_once(self._content(sha256), body)
        receipt = Receipt(
            name, address, fetched.isoformat(timespec="microseconds"), sha256, len(body), dict(validators)
        )
        stamp = f"{fetched:%Y%m%dT%H%M%S%f}"
        text = json.dumps(asdict(receipt), indent=1) + "\n"
        _write_once(self.folder / "receipts" / name / f"{stamp}-{sha256[:8]}.json", text.encode())
        return receipt

    def latest(self, name: str, address: str) -> Receipt | None:
        """The last receipt of a payload from the same address whose bytes are still there, or None."""
        for path in sorted((self.folder / "receipts" / name).glob("*.json"), reverse=True):
            receipt = Receipt(**json.loads(path.read_text(encoding="utf-8")))
            if receipt.address == address and self._content(receipt.sha256).exists():
                return receipt
        return None

    def read(self, receipt: Receipt) -> bytes:
        """The bytes behind a receipt.

        Raises
        ------
        SnapshotError
            If they are missing or have been changed.
        """
        path = self._content(receipt.sha256)
        body = path.read_bytes() if path.exists() else b""
        found = hashlib.sha256(body).hexdigest()
        if found != receipt.sha256:
            raise SnapshotError(
                f"Expected the snapshot of {receipt.name} with hash {receipt.sha256[:12]} in {path}, found "
                f"{'none' if not body else found[:12]}: take its file away to fetch it again."
            )
        return body

    def _content(self, sha256: str) -> Path:
        return self.folder / "content" / sha256


def _write_once(path: Path, content: bytes) -> None:
    """Write a file whole under a name that is not taken; one that is there stays as it is."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o444)
        with contextlib.suppress(FileExistsError):
            os.link(name, path)  # fails where the name is taken, so nothing is overwritten
    finally:
        os.unlink(name)
