"""The whole line on a small synthetic project: what runs, what runs again, and what survives a failure."""

import json
import shutil
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from rooms import TODAY, set_cell, write_room

from attrition import build, edition, limits, run, site, sources, upkeep
from attrition.edition import Edition
from attrition.parameters import ParameterError
from attrition.room import validation
from notebooks import write

ROOT = Path(__file__).parents[1]
TOC = "format: jb-book\nroot: book/index\nchapters:\n  - file: notebooks/first\n  - file: notebooks/second\n"
JUPYTER_BOOK = site._jupyter_book
PAGES = ("values", "sources", "definitions", "data")
CHAPTER = """
from attrition import values
from attrition.room import open_room
room = open_room(cutoff=cutoff)
table = room.TABLE
about = {"label": "Rows", "definition": "Rows.", "unit": "count", "as_of": cutoff, "sources": ["staff"]}
values.record("NAME.rows", len(table) + seed, **about);
"""
RECEIPT = "values.receipt(room)"


def notebook(root, name, table):
    """A chapter that counts the rows of one table."""
    path = write(root / "notebooks" / f"{name}.ipynb", CHAPTER.replace("TABLE", table).replace("NAME", name))
    content = json.loads(path.read_text())
    content["cells"][-1]["source"] = RECEIPT
    path.write_text(json.dumps(content))
    return path


@pytest.fixture(scope="module", autouse=True)
def in_2030():
    """The synthetic war lies in the future; there, today is the day after it was compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "check", partial(validation.check, today=date.fromisoformat(TODAY)))
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A project of two chapters, built once; tests work on copies."""
    root = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "_config.yml", root)
    shutil.copy(ROOT / "requirements.txt", root)
    for name in ("_ext", "_static"):
        shutil.copytree(ROOT / "book" / name, root / "book" / name)
    toc = TOC + "".join(f"  - file: {page}\n" for page in PAGES)
    (root / "_toc.yml").write_text(toc)
    (root / "book" / "index.md").write_text("# Is it so?\n\nThere are {value}`first.rows` rows.\n")
    (root / "editions").mkdir()
    (root / "editions" / "e.yml").write_text("name: e\ntitle: E\ncutoff: 2030-04-30\n")
    notebook(root, "first", 'series("daily")')
    notebook(root, "second", 'series("monthly")')
    write_room(root / "data")
    said = []
    assert build.build(plan(root), said.append) == build.Outcome(0, [], ["room", "first", "second", "site"])
    return root


@pytest.fixture
def project(built, tmp_path, monkeypatch):
    """A fresh copy of the built project, doit's books moved along, whose pages are laid out instead of built."""
    copy = shutil.copytree(built, tmp_path / "p")
    books = copy / "_build" / "steps" / "e" / "state.json"
    books.write_text(books.read_text().replace(str(built), str(copy)))
    monkeypatch.setattr(site, "_jupyter_book", laid_out)
    return copy


def laid_out(staged, work, *, strict):
    """Stands in for jupyter-book where a test is about what runs, not about pages."""
    shutil.copytree(staged / "extra", work / "laid")
    shutil.copytree(staged / "notebooks", work / "laid" / "notebooks")
    (work / "laid" / "index.html").write_text("laid out")
    return work / "laid"


def plan(root, parameters=None, cutoff=date(2030, 4, 30), shared=None, **more):
    edition = Edition(name="e", title="E", cutoff=cutoff, shared=shared or {}, parameters=parameters or {})
    return build.Plan(root, edition, root / "data", root / "_build" / "html", jobs=1, **more)


def again(root, *arguments, **more):
    """Build again and return what happened."""
    return build.build(plan(root, *arguments, **more), lambda _: None)


def site_bytes(root):
    return {path: path.read_bytes() for path in (root / "_build" / "html").rglob("*") if path.is_file()}


def test_the_site_holds_what_the_interface_promises(built):
    html = built / "_build" / "html"
    for name in ("index.html", "values.html", "values.json", "datapackage.json", "notebooks/first.html"):
        assert (html / name).exists(), name
    assert (html / "data" / "series" / "daily.csv").read_bytes() == (built / "data/series/daily.csv").read_bytes()
    found = json.loads((html / "values.json").read_text())
    assert found["edition"] == "e" and found["cutoff"] == "2030-04-30"
    assert found["values"]["first.rows"]["value"] == 61
    assert found["values"]["first.rows"]["notebook"] == "notebooks/first.ipynb"
    assert "61" in (html / "index.html").read_text()
    package = json.loads((html / "datapackage.json").read_text())
    assert all((html / resource["path"]).exists() for resource in package["resources"])


def test_nothing_runs_when_nothing_changed(built):
    said = []
    assert build.build(plan(built), said.append).ran == []
    assert "up to date" in said[-1] and "% of the full build" in said[-1]


def test_one_changed_parameter_runs_one_chapter(built, project):
    assert again(project, {"second": {"seed": 9}}).ran == ["second", "site"]
    assert json.loads((project / "_build/html/values.json").read_text())["values"]["second.rows"]["value"] == 12


def test_a_shared_parameter_runs_only_the_chapters_that_take_it(project):
    path = project / "notebooks" / "second.ipynb"
    content = json.loads(path.read_text())
    content["cells"][1]["source"] += "\nurals_usd: float | None = None  # dollars"
    path.write_text(json.dumps(content))
    assert again(project).ran == ["second", "site"]
    assert again(project, shared={"urals_usd": 40}).ran == ["second", "site"]
    assert again(project, shared={"urals_usd": 40}).ran == []


def test_an_oil_price_reaches_the_balance_and_no_chapter_that_does_not_take_it(tmp_path):
    file = tmp_path / "low.yml"
    file.write_text("name: low\ntitle: Low\ncutoff: 2026-05-31\nshared: {urals_usd: 40}\n")
    low, plain = edition.read(file), edition.read(ROOT / "editions" / "2026-05.yml")
    chosen = {one.name: [each.given(one.name, one.defaults) for each in (low, plain)] for one in build.chapters(ROOT)}
    changed = {name for name, (new, old) in chosen.items() if new.get("urals_usd") != old.get("urals_usd")}
    assert changed == {"manpower_balance", "oil_sanctions"}
    assert all(chosen[name][0]["urals_usd"] == 40 for name in changed)


def test_only_readers_of_changed_data_run_again(project):
    set_cell(project / "data", "series/monthly", "2030-01", "price", "11.5")
    assert again(project).ran == ["room", "second", "site"]


def test_a_changed_cell_runs_its_chapter_and_a_changed_page_only_the_site(project):
    path = project / "notebooks" / "first.ipynb"
    path.write_text(path.read_text().replace("Rows.", "Lines."))
    assert again(project).ran == ["first", "site"]
    (project / "book" / "index.md").write_text("# Is it?\n\nYes: {value}`first.rows`.\n")
    assert again(project).ran == ["site"]


def test_descriptions_of_sources_count_for_the_site():
    assert {path.stem for path in site.source_files()} == set(sources.manifests())


def test_touching_without_changing_runs_nothing(project):
    for path in (project / "data" / "series").glob("*.csv"):
        path.touch()
    (project / "notebooks" / "first.ipynb").touch()
    assert again(project).ran == []


def test_a_broken_room_builds_nothing_and_lists_every_fault(project):
    before = site_bytes(project)
    set_cell(project / "data", "evidence/losses", "L7", "low", "2000")
    set_cell(project / "data", "evidence/losses", "L8", "source", "nobody")
    outcome = again(project)
    assert outcome.code == 2 and outcome.ran == ["room"]
    assert any("L7" in fault or "low" in fault for fault in outcome.faults)
    assert any("nobody" in fault for fault in outcome.faults)
    assert site_bytes(project) == before


def test_a_room_without_its_contract_is_told_as_a_broken_room(project):
    for content in ("", "[]", '{"war": 3}', '{"war": {"start": "soon"}}'):
        (project / "data" / "datapackage.json").write_text(content)
        outcome = again(project)
        assert outcome.code == 2 and outcome.faults and "Traceback" not in "".join(outcome.faults)
    (project / "data" / "datapackage.json").unlink()
    assert again(project).code == 2


def test_books_that_a_killed_build_left_half_written_are_dropped(project):
    (project / "_build/steps/e/state.json").write_text('{"build:room": {"che')
    outcome = again(project)
    assert outcome.code == 0 and outcome.ran == ["room", "first", "second", "site"]


def test_a_failing_chapter_leaves_the_site_and_lets_others_finish(project):
    before = site_bytes(project)
    for name in ("first", "second"):
        notebook(project, name, 'series("daily")')
    write(project / "notebooks" / "first.ipynb", "1 / 0")
    outcome = again(project)
    assert outcome.code == 1
    assert outcome.ran == ["first", "second"]
    assert len(outcome.faults) == 1 and "Chapter first stopped at cell 3: ZeroDivisionError" in outcome.faults[0]
    assert (project / "_build/steps/e/failed/first.ipynb").exists()
    assert site_bytes(project) == before


def test_an_unknown_value_fails_the_build_and_names_the_nearest(project, monkeypatch):
    monkeypatch.setattr(site, "_jupyter_book", JUPYTER_BOOK)
    before = site_bytes(project)
    (project / "book" / "index.md").write_text("# Is it?\n\n{value}`first.row`.\n")
    outcome = again(project)
    assert outcome.code == 1 and "first.row" in outcome.faults[0] and "'first.rows'" in outcome.faults[0]
    assert str(project) not in outcome.faults[0]
    assert site_bytes(project) == before


def test_what_nobody_foresaw_is_not_swallowed(project, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("nobody foresaw this")

    monkeypatch.setattr(site, "stage", broken)
    (project / "book" / "index.md").write_text("# Is it?\n")
    outcome = again(project)
    assert outcome.code == 1 and "nobody foresaw this" in outcome.faults[0]


def test_two_builds_of_the_same_inputs_give_the_same_results(built, project):
    shutil.rmtree(project / "_build")
    assert again(project).ran == ["room", "first", "second", "site"]
    for name in ("values.json", "datapackage.json"):
        assert (project / "_build/html" / name).read_bytes() == (built / "_build/html" / name).read_bytes()


def test_jobs_do_not_change_results(built, project):
    shutil.rmtree(project / "_build")
    two = build.Plan(**{**plan(project).__dict__, "jobs": 2})
    assert build.build(two, lambda _: None).code == 0
    assert (project / "_build/html/values.json").read_bytes() == (built / "_build/html/values.json").read_bytes()


def test_only_one_chapter(project):
    for name in ("first", "second"):
        path = project / "notebooks" / f"{name}.ipynb"
        path.write_text(path.read_text().replace("Rows.", "Lines."))
    assert again(project, only="second").ran == ["second", "site"]
    found = json.loads((project / "_build/html/values.json").read_text())["values"]
    assert found["first.rows"]["definition"] == "Rows." and found["second.rows"]["definition"] == "Lines."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"parameters": {"frst": {}}}, "Unknown chapter 'frst': did you mean 'first'"),
        ({"shared": {"sed": 1}}, "In edition e: Unknown parameter 'sed': did you mean 'seed'"),
        ({"only": "sec"}, "Unknown chapter 'sec': did you mean 'second'"),
        ({"parameters": {"first": {"sed": 1}}}, "Unknown parameter of first 'sed': did you mean 'seed'"),
        ({"parameters": {"first": {"seed": "x"}}}, "Expected a whole number"),
        ({"cutoff": date(2031, 1, 1)}, "Expected first's cutoff from 2030-01-01 to 2030-04-30, found 2031-01-01"),
        ({"cutoff": date(2020, 1, 1)}, "Expected first's cutoff from 2030-01-01 to 2030-04-30, found 2020-01-01"),
    ],
)
def test_bad_wishes_stop_before_anything_runs(built, arguments, message):
    before = site_bytes(built)
    with pytest.raises((build.BuildError, ParameterError), match=message):
        build.build(plan(built, **arguments), lambda _: None)
    assert site_bytes(built) == before


def test_a_run_of_one_chapter_leaves_a_readable_notebook_and_a_page(project, tmp_path, monkeypatch):
    monkeypatch.setattr(site, "_jupyter_book", JUPYTER_BOOK)
    path = project / "notebooks" / "first.ipynb"
    content = json.loads(path.read_text())
    content["cells"][0]["source"] = "# Is it so?\n\nRows: {value}`first.rows`."
    path.write_text(json.dumps(content))
    before = site_bytes(project)
    given = {"seed": "41", "cutoff": "2030-02-28"}
    done = run.run(project, "first", given, room=project / "data", out=tmp_path / "mine.ipynb")
    prose = json.loads(done.notebook.read_text())["cells"][0]["source"]
    assert "Rows: 100." in prose
    assert "100" in done.page.read_text()
    assert site_bytes(project) == before
    with pytest.raises(ParameterError, match="Unknown chapter 'frst': did you mean 'first'"):
        run.run(project, "frst", {}, room=project / "data")


def test_runs_with_other_parameters_never_share_a_folder(project):
    one = run.run(project, "first", {"seed": "1"}, room=project / "data")
    two = run.run(project, "first", {"seed": "2"}, room=project / "data")
    assert one.notebook != two.notebook and one.notebook.exists() and two.notebook.exists()


def test_chapters_come_in_the_readers_order(project):
    assert [one.name for one in build.chapters(project)] == ["first", "second"]
    toc = project / "_toc.yml"
    toc.write_text(toc.read_text().replace("first", "x").replace("second", "first").replace("/x", "/second"))
    assert [one.name for one in build.chapters(project)] == ["second", "first"]


def change_parameter(root):
    return {"parameters": {"second": {"seed": 9}}}


def change_notebook(root):
    path = root / "notebooks" / "first.ipynb"
    path.write_text(path.read_text().replace("Rows.", "Lines."))


def change_data(root):
    path = root / "data" / "series" / "monthly.csv"
    path.write_text(path.read_text().replace("11.5", "11.6"))


def change_pin(root):
    (root / "requirements.txt").write_text("numpy==0\n")


def change_page(root):
    (root / "book" / "index.md").write_text("# Is it?\n\nThere are {value}`first.rows` rows.\n")


def change_window(root):
    return {"cutoff": date(2030, 4, 29)}


EVERY = ["room", "first", "second", "site"]
CHANGES = [
    (change_parameter, ["second", "site"], {"second": "parameter seed changed from 1 to 9"}),
    (change_notebook, ["first", "site"], {"first": "notebook changed: notebooks/first.ipynb"}),
    (change_data, ["room", "second", "site"], {"second": "data changed: series/monthly.csv"}),
    (change_pin, EVERY, dict.fromkeys(EVERY, "versions changed: requirements.txt")),
    (change_page, ["site"], {"site": "page changed: book/index.md"}),
    (change_window, ["first", "second", "site"], {"first": "parameter cutoff changed from 2030-04-30 to 2030-04-29"}),
]


@pytest.mark.parametrize(("change", "runs", "reasons"), CHANGES, ids=lambda one: getattr(one, "__name__", ""))
def test_each_change_runs_what_depends_on_it_and_is_explained_before(project, change, runs, reasons):
    """What `--explain` says would run is what then runs, and saying it touches nothing."""
    wished = plan(project, **(change(project) or {}))
    before = everything(project)
    told = build.explain(wished)
    assert everything(project) == before
    assert [name for name, why in told.items() if why != "up to date"] == runs
    assert all(reason in told[name] for name, reason in reasons.items()), told
    assert build.build(wished, lambda _: None).ran == runs
    assert set(build.explain(wished).values()) == {"up to date"}


def test_the_site_waits_for_what_a_chapter_finds(project):
    change_notebook(project)
    assert build.explain(plan(project))["site"] == "would run if what it takes comes out different: first"


@pytest.mark.parametrize("state", [None, '{"build:room": {"che'], ids=["none", "half"])
def test_what_was_never_built_is_said_to_be(project, state):
    books = project / "_build/steps/e/state.json"
    books.unlink()
    if state:
        books.write_text(state)
    assert build.explain(plan(project)) == dict.fromkeys(EVERY, "would run: never built")
    assert (books.read_text() if books.exists() else None) == state


def test_a_missing_result_is_a_reason(project):
    (project / "_build/steps/e/executed/first.ipynb").unlink()
    told = build.explain(plan(project))
    assert told["first"] == "would run: its result is missing: _build/steps/e/executed/first.ipynb"


def test_changed_code_is_named_as_a_module_and_runs_those_that_import_it(project, monkeypatch):
    """As a change of `attrition/values.py` in a checkout of one's own: both chapters import it, the check does not."""
    changed = {}
    for name in ("values", "pages"):
        changed[name] = project / "attrition" / f"{name}.py"
        changed[name].parent.mkdir(exist_ok=True)
        changed[name].write_bytes((ROOT / "attrition" / f"{name}.py").read_bytes())
    monkeypatch.setattr(upkeep, "names", lambda paths: [str(moved(path, changed)) for path in unique(paths)])
    assert again(project).code == 0
    changed["values"].write_text("# another\n" + changed["values"].read_text())
    told = build.explain(plan(project))
    assert "code changed: attrition.values" in told["first"] and "code changed: attrition.values" in told["second"]
    assert told["room"] == "up to date"
    assert again(project).ran == ["first", "second", "site"]
    changed["pages"].write_text("# another\n" + changed["pages"].read_text())
    assert again(project).ran == ["site"]


def moved(path, changed):
    """The copy that stands in for a module of the package, where there is one."""
    return changed.get(path.stem, path) if path.parent == ROOT / "attrition" else path


def unique(paths):
    return sorted({Path(path) for path in paths})


def test_another_version_of_a_library_runs_the_chapters_whatever_is_pinned(project, monkeypatch):
    real = upkeep.metadata.version
    monkeypatch.setattr(upkeep.metadata, "version", lambda name: "0.1" if name == "pandas" else real(name))
    told = build.explain(plan(project))
    assert "version pandas changed from" in told["first"] and "to 0.1" in told["first"]
    assert again(project).ran == ["first", "second"]  # their results are the same, so the site stands


def test_deleting_everything_built_loses_nothing_that_was_accepted(project):
    """Accepted data, their vintages and corrections, and published editions lie outside `_build`."""
    before = {path: path.read_bytes() for top in ("data", "editions") for path in (project / top).rglob("*.*")}
    found = (project / "_build/html/values.json").read_bytes()
    shutil.rmtree(project / "_build")
    assert again(project).code == 0
    assert {path: path.read_bytes() for path in before} == before
    assert (project / "_build/html/values.json").read_bytes() == found


def everything(root):
    """All files of a project with their bytes and times."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in root.rglob("*") if path.is_file()}


def test_a_chapter_that_hangs_ends_and_the_others_finish(project):
    notebook(project, "second", 'series("daily")')
    write(project / "notebooks" / "first.ipynb", "import time\nwhile True: time.sleep(0.1)")
    outcome = again(project, within=limits.Limits(minutes=0.1))
    assert outcome.code == 1 and outcome.ran == ["first", "second"]
    (told,) = outcome.faults
    assert "Chapter first stopped at cell 3: it had not ended after 0.1 minutes, the limit for a chapter" in told
    assert (project / "_build/steps/e/failed/first.ipynb").exists()
    assert (project / "_build/steps/e/executed/second.ipynb").exists()
