"""A new chapter works at once: it runs, has a page, keeps the rules of notebooks, and brings a test that holds."""

import inspect
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import test_notebooks

from attrition import run, site, skeleton
from attrition.skeleton import SkeletonError

ROOT = Path(__file__).parents[1]
COPIED = ("_config.yml", "_toc.yml", "requirements.txt", "pyproject.toml")
RULES = [rule for name, rule in inspect.getmembers(test_notebooks, inspect.isfunction) if name.startswith("test_")]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with one new chapter."""
    root = tmp_path_factory.mktemp("fork")
    for name in COPIED:
        shutil.copy(ROOT / name, root)
    for name in ("book", "data", "editions", "notebooks"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "tests").mkdir()
    skeleton.begin("price_of_money", root, root / "data", "rub_usd")
    return root


def test_it_runs_and_has_a_page(project):
    done = run.run(project, "price_of_money", {"cutoff": "2025-06-30"}, room=project / "data")
    prose = json.loads(done.notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
    assert "On 30 June 2025 the figure stood at" in prose and "rub per usd, as given by" in prose
    assert "On 30 June 2025 the figure stood at" in done.page.read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_it_keeps_the_rules_of_notebooks(project, rule):
    rule(project / "notebooks" / "price_of_money.ipynb")


def test_it_is_in_the_house_style_and_its_own_test_holds(project):
    written = ["notebooks/price_of_money.ipynb", "tests/test_price_of_money_chapter.py"]
    for command in (["ruff", "check"], ["ruff", "format", "--check"], ["pytest", "-q", "-p", "no:cacheprovider"]):
        files = written[1:] if command[0] == "pytest" else written
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        asked = [sys.executable, "-m", *command, *files]
        done = subprocess.run(asked, cwd=project, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_stands_after_the_last_chapter_of_the_first_part(project):
    entries = site.toc_entries(project)
    before = site.toc_entries(ROOT)
    assert entries[entries.index("notebooks/price_of_money") - 1] == "notebooks/compounding"
    assert [entry for entry in entries if entry != "notebooks/price_of_money"] == before


def state(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and "_build" not in path.parts}


@pytest.mark.parametrize(
    ("name", "series", "message"),
    [
        ("Drones", None, "small letters, digits and single underscores, at most 40 long, found 'Drones': write one"),
        ("a b", None, "found 'a b'"),
        ("../drones", None, "found '../drones'"),
        ("a" * 41, None, "at most 40 long"),
        ("loss_trends", None, "Expected a free name, found notebooks/loss_trends.ipynb: choose another"),
        ("price_of_money", None, "Expected a free name, found notebooks/price_of_money.ipynb"),
        ("drones", "rub_us", "Unknown series with one row a date and a measured column 'rub_us': did you mean 'rub_u"),
    ],
)
def test_what_cannot_be_begun_is_refused_and_nothing_is_written(project, name, series, message):
    before = state(project)
    with pytest.raises(SkeletonError) as refused:
        skeleton.begin(name, project, project / "data", series)
    assert message in str(refused.value) and str(refused.value).count("\n") == 0
    assert state(project) == before


def test_a_disk_that_fills_up_leaves_everything_as_it_was(project, monkeypatch):
    before, write = state(project), skeleton.write_atomically

    def full(path, text):
        if path.name == "_toc.yml":
            raise OSError(28, "No space left on device")
        write(path, text)

    monkeypatch.setattr(skeleton, "write_atomically", full)
    with pytest.raises(OSError, match="No space left"):
        skeleton.begin("drones", project, project / "data")
    assert state(project) == before


def test_a_room_or_a_table_of_contents_without_a_place_for_it_is_told(project, tmp_path):
    contract = json.loads((project / "data" / "datapackage.json").read_text(encoding="utf-8"))
    contract["resources"] = [one for one in contract["resources"] if not one["name"].startswith("series/")]
    (tmp_path / "datapackage.json").write_text(json.dumps(contract))
    with pytest.raises(SkeletonError, match="Expected a series with one row a date and a measured column in .*found"):
        skeleton.begin("drones", project, tmp_path)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    with pytest.raises(SkeletonError, match="Expected a line '- file: notebooks/...' in _toc.yml, found none"):
        skeleton.begin("drones", tmp_path, project / "data")
