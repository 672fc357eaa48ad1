"""A chapter runs to its end or says where it stopped; two equal runs leave equal notebooks."""

import json

import pytest

from attrition import chapter, values
from attrition.chapter import ChapterError
from notebooks import write


@pytest.fixture
def room(tmp_path):
    folder = tmp_path / "room"
    (folder / "series").mkdir(parents=True)
    (folder / "series" / "a.csv").write_text("date,x\n2026-01-01,1\n")
    return folder


def run(path, room, tmp_path, **given):
    one = chapter.load(path)
    return chapter.run(one, {**one.defaults, **given}, tmp_path / "work", room=room)


def texts(notebook):
    return [out["text"] for cell in notebook["cells"] for out in cell.get("outputs", ()) if "text" in out]


def test_parameters_reach_the_notebook_and_the_room_its_environment(tmp_path, room):
    path = write(tmp_path / "n" / "a.ipynb", "import os\nprint(seed, os.environ['ATTRITION_ROOM'])")
    executed = json.loads(run(path, room, tmp_path, seed=5).read_text())
    assert "".join(texts(executed)[0]) == f"5 {room}\n"


def test_two_equal_runs_leave_the_same_bytes_and_no_machine_path(tmp_path, room):
    path = write(tmp_path / "n" / "a.ipynb", "print(seed)", opened=["series/a.csv"])
    first = run(path, room, tmp_path).read_bytes()
    second = run(path, room, tmp_path).read_bytes()
    assert first == second
    assert str(tmp_path).encode() not in first
    assert not (tmp_path / "work" / "running" / "a.ipynb").exists()


def test_the_hash_of_inputs_covers_parameters_cells_and_data(tmp_path, room):
    path = write(tmp_path / "n" / "a.ipynb", opened=["series/a.csv"])
    one = chapter.load(path)
    read = {"opened": ["series/a.csv"]}
    base = inputs_sha256(one, {"seed": 1}, room, read)
    assert base == inputs_sha256(one, {"seed": 1}, room, read)
    assert base != inputs_sha256(one, {"seed": 2}, room, read)
    (room / "series" / "a.csv").write_text("date,x\n2026-01-01,2\n")
    changed = inputs_sha256(one, {"seed": 1}, room, read)
    assert changed != base
    write(path, "1 + 1", opened=["series/a.csv"])
    assert inputs_sha256(chapter.load(path), {"seed": 1}, room, read) != changed


def test_what_was_seen_at_the_cutoff_counts_not_the_bytes_of_the_file(tmp_path, room):
    one = chapter.load(write(tmp_path / "n" / "a.ipynb", opened=["series/a.csv"]))
    read = {"opened": ["series/a.csv"], "seen": {"series/a.csv": "1"}}
    base = inputs_sha256(one, {"seed": 1}, room, read)
    (room / "series" / "a.csv").write_text("day,x\n1,2\n2,3\n")
    assert inputs_sha256(one, {"seed": 1}, room, read) == base
    assert inputs_sha256(one, {"seed": 1}, room, {**read, "seen": {"series/a.csv": "2"}}) != base


def inputs_sha256(*arguments):
    return chapter.inputs(*arguments)["inputs_sha256"]


def test_a_cell_that_raises_is_named_and_the_partial_notebook_kept(tmp_path, room):
    path = write(tmp_path / "n" / "a.ipynb", "print('so far')", "raise ValueError('seven is not a month')")
    with pytest.raises(ChapterError, match=r"Chapter a stopped at cell 4: ValueError: seven is not a month; what it"):
        run(path, room, tmp_path)
    kept = json.loads((tmp_path / "work" / "failed" / "a.ipynb").read_text())
    assert "so far\n" in ["".join(text) for text in texts(kept)]
    assert not (tmp_path / "work" / "executed" / "a.ipynb").exists()


def test_a_kernel_that_dies_ends_the_run_and_names_the_cell(tmp_path, room):
    path = write(tmp_path / "n" / "a.ipynb", "print('so far')", "import os\nos._exit(1)", "print('never')")
    with pytest.raises(ChapterError, match=r"Chapter a stopped at cell 4: DeadKernelError"):
        run(path, room, tmp_path)
    assert (tmp_path / "work" / "failed" / "a.ipynb").exists()


def test_a_failure_leaves_the_last_good_run(tmp_path, room):
    path = write(tmp_path / "n" / "a.ipynb", "print(1)")
    good = run(path, room, tmp_path)
    before = good.read_bytes()
    write(path, "1 / 0")
    with pytest.raises(ChapterError, match="ZeroDivisionError"):
        run(path, room, tmp_path)
    assert good.read_bytes() == before


def test_a_notebook_without_receipt_is_refused(tmp_path, room):
    path = write(tmp_path / "n" / "a.ipynb")
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "cells": content["cells"][:-1]}))
    with pytest.raises(ChapterError, match="Expected a receipt of the files read, found none"):
        run(path, room, tmp_path)


@pytest.mark.parametrize(("content", "message"), [("{}", "Expected a notebook in"), ("no", "Expected a notebook in")])
def test_a_file_that_is_no_notebook(tmp_path, content, message):
    path = tmp_path / "a.ipynb"
    path.write_text(content)
    with pytest.raises(ChapterError, match=message):
        chapter.load(path)


def test_a_missing_chapter(tmp_path):
    with pytest.raises(ChapterError, match="Expected the chapter a at .*, found no such file"):
        chapter.load(tmp_path / "a.ipynb")


def test_imports_are_followed_through_the_package():
    names = {path.name for path in chapter.imported("from attrition import values")}
    assert {"__init__.py", "values.py", "wording.py"} <= names
    assert "build.py" not in names and "cli.py" not in names
    assert {path.name for path in chapter.imported("import os, json")} == set()


def test_prose_shows_values_in_the_readable_copy():
    details = {"label": "A", "definition": "A.", "unit": "persons", "as_of": "2026-05-31", "sources": ["s"]}
    found = values.make("a.b", 12, interval=(10, 15), level=0.9, **details)
    cells = [
        {"cell_type": "markdown", "source": ["About {value}`a.b`, ", "{value}`a.b|range`; {value}`x.y`"]},
        {"cell_type": "code", "source": "'{value}`a.b`'"},
    ]
    copy = chapter.resolved({"cells": cells}, {"a.b": found})
    assert (
        copy["cells"][0]["source"]
        == f"About {found.text}, {found.text} (90 % interval {found.interval}); {{value}}`x.y`"
    )
    assert copy["cells"][1]["source"] == "'{value}`a.b`'"
