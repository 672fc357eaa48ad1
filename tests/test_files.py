"""Writing is all or nothing."""

import errno
import os

import pytest

from attrition.files import swap_folder, write_atomically


def test_a_file_is_written_and_replaced(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    write_atomically(path, "one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["a.txt"]


def test_a_full_disk_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_atomically(path, "good")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, "x" * 100)
    assert path.read_text() == "good"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_ctrl_c_while_writing_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_atomically(path, "good")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "good"
    assert os.listdir(tmp_path) == ["a.txt"]


def folder(path, text):
    path.mkdir()
    (path / "index.html").write_text(text)
    return path


def test_a_folder_takes_the_place_of_another(tmp_path):
    target = folder(tmp_path / "html", "old")
    swap_folder(folder(tmp_path / "new", "new"), target)
    assert (target / "index.html").read_text() == "new"
    assert os.listdir(tmp_path) == ["html"]


def test_a_swap_that_fails_puts_the_old_folder_back(tmp_path):
    target = folder(tmp_path / "html", "old")
    with pytest.raises(OSError):
        swap_folder(tmp_path / "absent", target)
    assert (target / "index.html").read_text() == "old"
