"""Snapshots: written once, kept once, never lost, and read only if they are what their receipts say."""

import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from attrition.snapshots import SnapshotError, Snapshots

NOON = datetime(2026, 2, 13, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    return Snapshots(tmp_path / "snapshots")


def keep(store, body=b"one", at=NOON, address="https://e.org/a", **validators):
    return store.keep("source/part", address, body, at, validators)


def test_a_receipt_says_what_came_from_where_and_when(store):
    receipt = keep(store, If_None_Match="v1")
    assert receipt.sha256 == hashlib.sha256(b"one").hexdigest() and receipt.size == 3
    assert receipt.fetched == "2026-02-13T12:00:00.000000+00:00" and receipt.validators == {"If_None_Match": "v1"}
    assert store.latest("source/part", "https://e.org/a") == receipt
    assert store.read(receipt) == b"one"


def test_the_same_bytes_are_kept_once_and_every_arrival_has_its_receipt(store):
    for hours in range(3):
        keep(store, at=NOON + timedelta(hours=hours))
    assert len(list((store.folder / "content").iterdir())) == 1
    assert len(list((store.folder / "receipts").rglob("*.json"))) == 3


def test_the_latest_receipt_is_of_the_same_address(store):
    old, new = keep(store), keep(store, b"two", NOON + timedelta(1), "https://e.org/b")
    assert store.latest("source/part", "https://e.org/a") == old
    assert store.latest("source/part", "https://e.org/b") == new
    assert store.latest("source/part", "https://e.org/c") is None and store.latest("other/part", "x") is None


def test_a_snapshot_is_not_writable_and_never_written_again(store):
    receipt = keep(store)
    path = store.folder / "content" / receipt.sha256
    before = path.stat()
    assert not before.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    keep(store, at=NOON + timedelta(1))
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_bytes_that_were_changed_or_lost_are_not_handed_out(store):
    receipt = keep(store)
    path = store.folder / "content" / receipt.sha256
    os.chmod(path, 0o644)
    path.write_bytes(b"changed")
    with pytest.raises(
        SnapshotError, match="Expected the snapshot of source/part with hash .* found [0-9a-f]{12}: take"
    ):
        store.read(receipt)
    path.unlink()
    with pytest.raises(SnapshotError, match="found none"):
        store.read(receipt)
    assert store.latest("source/part", "https://e.org/a") is None


def test_a_full_disk_leaves_no_half_of_a_snapshot(store, monkeypatch):
    keep(store)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        keep(store, b"two", NOON + timedelta(1))
    assert [path.name for path in (store.folder / "content").iterdir()] == [hashlib.sha256(b"one").hexdigest()]
    assert store.latest("source/part", "https://e.org/a").sha256 == hashlib.sha256(b"one").hexdigest()
