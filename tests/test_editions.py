"""Editions from first to next: published once, kept byte for byte, compared, and never moved in silence."""

import json
import re
import shutil
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from rooms import TODAY, add_row, write_room
from test_build import PAGES, ROOT, laid_out, notebook, site_bytes

from attrition import build, changes, changes_page, cli, compared, edition, freeze, history, lock, look_back, site
from attrition.changes import ChangesError
from attrition.lock import LockError
from attrition.room import open_room, validation

TOC = "format: jb-book\nroot: book/index\nchapters:\n  - file: notebooks/first\n  - file: notebooks/second\n"
STEPS = ["room", "first", "second", "edition 2030-01", "again first", "again second", "changes", "site"]
OLD = 'name: "2030-01"\ntitle: January 2030\ncutoff: 2030-01-31\n'
NEW = 'name: "2030-04"\ntitle: April 2030\ncutoff: 2030-04-30\n'


@pytest.fixture(scope="module", autouse=True)
def in_2030():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "check", partial(validation.check, today=date.fromisoformat(TODAY)))
        yield


def quick(staged, work, *, strict):
    """Stands in for jupyter-book: every page's source becomes a page, so that what pages say can be read."""
    html = laid_out(staged, work, strict=strict)
    for page in staged.glob("*.md"):
        (html / f"{page.stem}.html").write_text(page.read_text())
    newest = staged / "results" / "newest.json"
    (html / "newest.txt").write_text(newest.read_text() if newest.exists() else "none")
    return html


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A project of two chapters whose first edition is published; tests work on copies."""
    root = tmp_path_factory.mktemp("project")
    for name in ("_config.yml", "requirements.txt"):
        shutil.copy(ROOT / name, root)
    for name in ("_ext", "_static"):
        shutil.copytree(ROOT / "book" / name, root / "book" / name)
    (root / "_toc.yml").write_text(TOC + "".join(f"  - file: {page}\n" for page in [*PAGES, "changes"]))
    (root / "book" / "index.md").write_text("# Is it so?\n\nThere are {value}`first.rows` rows.\n")
    (root / "editions").mkdir()
    (root / "editions" / "2030-01.yml").write_text(OLD)
    (root / "editions" / "2030-04.yml").write_text(NEW)
    (root / "editions" / "headlines.txt").write_text("# keys\nfirst.rows  # rows\nnone.such\n")
    (root / "CHANGELOG.md").write_text("# Log\n\n## Edition 2030-04\n\n`first.rows`: two more months.\n")
    notebook(root, "first", 'series("daily")')
    notebook(root, "second", 'series("monthly")')
    write_room(root / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "_jupyter_book", quick)
        publish(root, "2030-01")
        assert run(root).ran == STEPS
    return root


@pytest.fixture
def project(published, tmp_path, monkeypatch):
    """A copy of the project with both editions built, doit's books moved along."""
    monkeypatch.setattr(site, "_jupyter_book", quick)
    copy = shutil.copytree(published, tmp_path / "p")
    for books in copy.glob("_build/steps/*/state.json"):
        books.write_text(books.read_text().replace(str(published), str(copy)))
    return copy


def plan(root, name, **more):
    chosen = edition.load(name, root / "editions")
    return build.Plan(root, chosen, root / "data", root / "_build" / "html", jobs=1, **more)


def run(root, name="2030-04", **more):
    return build.build(plan(root, name, **more), lambda _: None)


def publish(root, name):
    one = plan(root, name)
    outcome = build.build(one, lambda _: None)
    assert outcome.code == 0, outcome.faults
    return freeze.freeze(root, one.edition, one.work, day=date(2030, 5, 2))


def found_values(root, folder="_build/html"):
    return json.loads((root / folder / "values.json").read_text())["values"]


def test_a_lock_tells_what_an_edition_was_made_from(published):
    known = lock.read(published / "editions" / "2030-01.lock.json")
    one = known["chapters"]["notebooks/first.ipynb"]
    assert one["parameters"] == {"seed": 1, "cutoff": "2030-01-31"} and len(one["code_sha256"]) == 64
    assert {"datapackage.json", "series/daily.csv"} <= set(one["seen"])
    assert known["headline"]["first.rows"]["value"] == 32 and known["frozen"] == "2030-05-02"
    assert known["versions"]["python"] and known["generated_from"]


def test_the_next_build_keeps_the_old_edition_at_its_address(published):
    kept = published / "_build/html/editions/2030-01"
    for name in ("index.html", "values.json", "lock.json", "notebooks/first.ipynb", "changes.html", "values.html"):
        assert (kept / name).is_file(), name
    assert (kept / "values.json").read_bytes() == (published / "editions/2030-01/values.json").read_bytes()
    assert json.loads((kept / "newest.txt").read_text())["title"] == "April 2030"
    assert found_values(published)["first.rows"]["value"] == 61


def test_nothing_runs_a_second_time(project):
    before = site_bytes(project)
    assert run(project).ran == [] and site_bytes(project) == before


def test_a_rebuilt_old_edition_has_the_same_bytes(project):
    shutil.rmtree(project / "_build")
    again = plan(project, "2030-01")
    assert build.build(again, lambda _: None).code == 0
    kept = (project / "editions/2030-01/values.json").read_bytes()
    assert (project / "_build/html/values.json").read_bytes() == kept
    out = build.Plan(**{**again.__dict__, "out": project / "laid"})
    assert build.lay_out(out, lock.read(project / "editions/2030-01.lock.json"), lambda _: None).code == 0
    assert (project / "laid/values.json").read_bytes() == kept


def test_rows_that_came_later_leave_a_rebuilt_old_edition_as_it_was(project):
    add_row(project / "data", "series/daily", "2030-05-01,6100,60")
    package = project / "data" / "datapackage.json"
    package.write_text(package.read_text().replace('"as_of": "2030-04-30"', '"as_of": "2030-05-01"'))
    shutil.rmtree(project / "_build")
    assert run(project, "2030-01").code == 0
    kept = (project / "editions/2030-01/values.json").read_bytes()
    assert (project / "_build/html/values.json").read_bytes() == kept


def test_a_published_edition_is_refused_a_second_time(project):
    before = {path: path.read_bytes() for path in (project / "editions").rglob("*") if path.is_file()}
    with pytest.raises(LockError, match=r"found 2030-01.lock.json: a published edition is never rewritten"):
        publish(project, "2030-01")
    assert before == {path: path.read_bytes() for path in (project / "editions").rglob("*") if path.is_file()}


def test_a_rewritten_edition_stops_the_build_and_leaves_the_site(project):
    before = site_bytes(project)
    path = project / "editions/2030-01/values.json"
    path.write_text(path.read_text().replace('"value": 32.0', '"value": 33.0'))
    known = project / "editions/2030-01.lock.json"
    known.write_text(known.read_text() + "\n")  # so that doit looks again
    outcome = run(project)
    assert outcome.code == 1 and "found values.json changed or missing" in outcome.faults[0]
    assert site_bytes(project) == before


def test_broken_locks_are_told_in_one_sentence(project, tmp_path):
    with pytest.raises(LockError, match="Expected a lock at .*none.lock.json, found none"):
        lock.read(tmp_path / "none.lock.json")
    (tmp_path / "a.lock.json").write_text("{")
    with pytest.raises(LockError, match="Expected JSON in .*a.lock.json"):
        lock.read(tmp_path / "a.lock.json")
    (tmp_path / "a.lock.json").write_text('{"name": "a"}')
    with pytest.raises(LockError, match="Expected title, cutoff, .* in .*a.lock.json, found none"):
        lock.read(tmp_path / "a.lock.json")
    with pytest.raises(
        LockError, match="Expected a finished build of edition 2030-04 in .*, found none: build it first"
    ):
        freeze.freeze(project, edition.load("2030-04", project / "editions"), tmp_path, day=date(2030, 5, 2))


def test_later_data_are_the_cause_where_code_and_seen_rows_are_the_same(project):
    rows = {row["key"]: row for row in json.loads((project / "_build/steps/2030-04/changes.json").read_text())["moved"]}
    assert rows["first.rows"]["causes"] == ["data"] and rows["first.rows"]["old"] == 32


def test_a_changed_chapter_is_a_cause_of_its_own(project):
    path = project / "notebooks" / "first.ipynb"
    path.write_text(path.read_text().replace("len(table) + seed", "len(table) + seed + 100"))
    run(project)
    found = json.loads((project / "_build/steps/2030-04/changes.json").read_text())
    rows = {row["key"]: row for row in found["moved"]}
    assert rows["first.rows"]["causes"] == ["data", "method"]
    assert (rows["first.rows"]["old"], rows["first.rows"]["new"]) == (32, 161)
    assert "second.rows" not in rows or "method" not in rows["second.rows"]["causes"]


def test_a_corrected_row_that_the_old_edition_saw_is_named_a_correction(project):
    text = (project / "data/series/daily.csv").read_text().splitlines()
    dropped = [line for line in text if not line.startswith("2030-01-1")]
    (project / "data/series/daily.csv").write_text("\n".join(dropped) + "\n")
    outcome = run(project)
    if outcome.code == 2:
        pytest.fail(str(outcome.faults))
    found = json.loads((project / "_build/steps/2030-04/changes.json").read_text())
    row = next(row for row in found["moved"] if row["key"] == "first.rows")
    assert row["causes"] == ["data", "correction"] and row["new"] == 51


def test_a_silent_headline_fails_the_build_with_one_sentence(project):
    (project / "CHANGELOG.md").write_text("# Log\n\n## Edition 2030-01\n\n`first.rows`\n")
    outcome = run(project)
    assert outcome.code == 1 and "site" not in outcome.ran
    assert re.search(
        r"Expected an entry in CHANGELOG.md, under a heading that names 2030-04, for every headline that moved by more "
        r"than 2 % since 2030-01, found none for `first.rows` \(32 to 61: data\)",
        outcome.faults[0],
    )


def test_a_headline_that_moved_less_needs_no_word():
    less = changes.compare(document("old", a=100.0), document(a=102.0), {}, {})
    assert less["moved"] and changes.silent_headlines(less, ["a"], "") == []
    more = changes.compare(document("old", a=100.0), document(a=97.9), {}, {})
    with pytest.raises(ChangesError, match="`a`"):
        changes.check_headlines(more, ["a"], "## new\n\nb moved\n")
    changes.check_headlines(more, ["a"], "## Edition new\n\n`a` moved\n")
    changes.check_headlines(more, ["b"], "")
    unseen = document(a=97.9)
    unseen["values"]["a"] |= {"text": "100.0", "interval": "0 to 200"}
    changes.check_headlines(changes.compare(document("old", a=100.0), unseen, {}, {}), ["a"], "")


def document(name="new", **rows):
    """A small values.json: numbers by key, words where a string is given."""
    plain = {"interval": "", "lower": None, "upper": None, "notebook": "notebooks/n.ipynb", "level": None}
    made = {
        key.replace("__", "."): {
            **plain,
            "value": value,
            "text": str(value),
            "unit": "words" if isinstance(value, str) else "persons",
            "label": f"Label <{key}>",
        }
        for key, value in rows.items()
    }
    return {"edition": name, "title": name.title(), "cutoff": "2030-01-01", "generated_from": name, "values": made}


def test_causes_are_told_apart_by_running_the_old_edition_again():
    old, new = document("old", a=100.0, b=100.0, c=100.0, d=100.0), document(a=110.0, b=110.0, c=110.0, d=100.0)
    plain = {"lower": None, "upper": None}
    again = {"a": {"value": 100.0, **plain}, "b": {"value": 110.0, **plain}, "c": {"value": 105.0, **plain}}
    found = changes.compare(old, new, again, {"notebooks/n.ipynb": ["correction", "method"]})
    causes = {row["key"]: row["causes"] for row in found["moved"]}
    assert causes == {"a": ["data"], "b": ["correction", "method"], "c": ["data", "correction", "method"]}


def test_verdicts_new_and_gone_values_are_listed_apart():
    old = document("old", claims__x__verdict="likely right", gone=1.0, said="words")
    new = document(claims__x__verdict="wrong", new=2.0, said="other words")
    found = changes.compare(old, new, {}, {})
    assert [row["key"] for row in found["verdicts"]] == ["claims.x.verdict"] and found["moved"] == []
    assert (found["new"], found["gone"]) == (["new"], ["gone"])


def test_pages_learn_of_the_edition_before_from_its_comparison():
    found = changes.compare(document("old", a=1.0, b=1.0), document(a=2.0, b=1.0, c=1.0), {}, {})
    shown = {"comparisons": [found | {"cutoffs": ["2030-01-01", "2030-02-01"]}]}
    shown["editions"] = [{"name": "old", "title": "Old"}]
    told = changes.since(shown, "new")
    assert (told["name"], told["title"], told["cutoff"]) == ("old", "Old", "2030-01-01")
    assert told["moved"] == {"a": {"text": "1.0", "interval": ""}} and told["new"] == ["c"]


def test_an_edition_without_a_past_or_beside_itself_has_nothing_before_it():
    drifted = changes.compare(document(a=1.0), document(a=2.0), {}, {})
    for comparisons in ([], [None], [drifted]):
        assert changes.since({"comparisons": comparisons, "editions": []}, "new") is None


def test_restated_figures_are_those_given_again_with_another_number(tmp_path):
    room = write_room(tmp_path / "room")
    listed = open_room(room).figures()
    found = changes.restated(open_room(room, cutoff="2030-01-31"), open_room(room))
    assert {row["id"] for row in found} <= set(listed["id"])
    assert changes.restated(open_room(room), open_room(room)) == []


def test_the_page_of_changes_is_escaped_and_says_what_moved():
    old, new = document("old", a=100.0, claims__x__verdict="likely"), document(a=150.0, claims__x__verdict="wrong")
    found = changes.compare(old, new, {}, {}) | {"cutoffs": ["2030-01-01", "2030-02-01"]}
    row = {"source": "<b>", "measure": "m", "side": "AA", "as_of": "2030-01-01", "old": "1", "new": "2", "id": "i"}
    found["restated"] = [row]
    shown = {"here": {"name": "new", "title": "New", "cutoff": "2030-02-01"}, "comparisons": [found]}
    shown["editions"] = [{"name": "old", "title": "Old", "cutoff": "2030-01-01", "frozen": "2030-01-05"}]
    import pandas as pd

    text = changes_page.write(pd.DataFrame({"name": []}), new, shown)
    assert "Label &lt;a&gt;" in text and "<b>" not in text and "+50 %" in text and "later data" in text
    assert 'href="notebooks/n.html#claim-x"' in text and 'href="editions/old/index.html"' in text
    assert "in preparation" in text and "published 5 January 2030" in text
    first = changes_page.write(pd.DataFrame({"name": []}), new, changes_page.alone(new))
    assert "nothing yet to compare" in first


def test_an_edition_that_is_not_the_projects_own_has_no_past(project):
    other = edition.Edition(name="mine", title="Mine", cutoff=date(2030, 4, 30))
    assert history.look_back(project, other, project / "data").published == ()
    own = edition.load("2030-04", project / "editions")
    assert history.look_back(project, own, project / "elsewhere").before is None
    assert history.look_back(project, own, project / "data").before["name"] == "2030-01"


def test_only_a_published_edition_with_a_newer_one_is_laid_out(project):
    one, newest = (edition.load(name, project / "editions") for name in ("2030-01", "2030-04"))
    assert history.replaced(project, "2030-01", one)["name"] == "2030-01"
    assert history.replaced(project, "2030-04", newest) is None
    assert history.replaced(project, None, newest) is None
    assert history.replaced(project, str(project / "editions/2030-01.yml"), one) is None


def test_compare_prints_a_table_and_json(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    assert cli.main(["compare", "2030-01", "2030-04"]) == 0
    told = capsys.readouterr().out
    assert "2030-04 against 2030-01" in told and re.search(r"first.rows +32 +61 +data", told)
    assert cli.main(["compare", "2030-01", "2030-04", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["key"] for row in found["moved"]} >= {"first.rows"} and "restated" in found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["2030-04", "2030-01"], "Expected the older edition first, found 2030-04 before 2030-01"),
        (["2030-01", "2030-4"], "Unknown edition '2030-4': did you mean '2030-04'"),
        (["2030-01", "2030-04"], "Expected results of edition 2030-04, found none: run"),
    ],
)
def test_compare_says_what_is_missing(project, monkeypatch, capsys, arguments, message):
    shutil.rmtree(project / "_build")
    monkeypatch.chdir(project)
    assert cli.main(["compare", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_freeze_by_command_publishes_once(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    assert cli.main(["freeze", "2030-04", "--jobs", "1"]) == 0
    assert "Published: " in capsys.readouterr().out
    assert cli.main(["freeze", "2030-04"]) == 1
    assert "never rewritten" in capsys.readouterr().err
    known = [one["name"] for one in lock.published(project / "editions")]
    assert known == ["2030-01", "2030-04"]
    assert compared.between(project, "2030-01", "2030-04")["moved"]


def test_a_published_edition_that_would_now_read_otherwise_says_so_and_keeps_its_numbers(project):
    publish(project, "2030-04")
    said = []
    assert build.build(plan(project, "2030-04"), said.append).code == 0
    assert not [line for line in said if "differs from what was published" in line]
    path = project / "notebooks" / "first.ipynb"
    path.write_text(path.read_text().replace("len(table) + seed", "len(table) + seed + 1"))
    outcome = build.build(plan(project, "2030-04"), said.append)
    assert outcome.code == 0, outcome.faults
    assert any("2030-04 as computed now differs from what was published in 1 values" in line for line in said)
    html = project / "_build/html"
    assert found_values(project)["first.rows"]["value"] == 62
    kept = json.loads((html / "editions/2030-04/values.json").read_text())["values"]["first.rows"]
    assert kept["value"] == 61 and (html / "editions/2030-04/newest.txt").read_text() == "none"
    text = (html / "changes.html").read_text()
    assert "April 2030 as computed now against as published" in text and "April 2030 against January 2030" in text


def test_a_chapter_sees_the_locks_before_its_cutoff_and_its_receipt_says_so(project):
    later, then = (open_room(project / "data", cutoff=day) for day in ("2030-04-30", "2030-01-31"))
    assert [known["name"] for known in lock.locks_seen(later)] == ["2030-01"] and lock.locks_seen(then) == []
    assert "../editions/2030-01.lock.json" in later.opened


def test_only_a_chapter_that_reads_locks_runs_again_when_one_is_published(project):
    path = project / "notebooks" / "first.ipynb"
    path.write_text(path.read_text().replace("from attrition import values", "from attrition import lock, values"))
    one = plan(project, "2030-04")
    found = {chapter.name: look_back.locks_read(one, chapter) for chapter in build.chapters(project)}
    assert found == {"first": [project / "editions/2030-01.lock.json"], "second": []}


def test_published_editions_of_this_project_are_as_they_were():
    folder = Path(ROOT) / "editions"
    for known in lock.published(folder):
        lock.check(folder, known)
        assert lock.published_values(folder, known)["generated_from"] == known["generated_from"]
