"""Editions: found by name, by file or as the newest; refused in one sentence."""

from datetime import date

import pytest

from attrition.editions import edition
from attrition.editions.edition import EditionError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "2026-02.yml").write_text('name: "2026-02"\ntitle: February 2026\ncutoff: 2026-02-19\n')
    (tmp_path / "2026-05.yml").write_text('name: "2026-05"\ntitle: May 2026\ncutoff: 2026-05-31\n')
    return tmp_path


def test_the_newest_by_cutoff_is_the_default(folder):
    assert edition.load(None, folder).name == "2026-05"


def test_by_name_and_by_file(folder):
    assert edition.load("2026-02", folder).cutoff == date(2026, 2, 19)
    assert edition.load(str(folder / "2026-02.yml"), folder).title == "February 2026"


def test_the_cutoff_goes_to_chapters_that_have_one(folder):
    newest = edition.load(None, folder)
    assert newest.given("a", {"cutoff": "2020-01-01"}) == {"cutoff": date(2026, 5, 31)}
    assert newest.given("a", {"seed": 1}) == {}


def test_what_is_shared_goes_to_every_chapter_that_takes_it_unless_it_sets_its_own(tmp_path):
    path = tmp_path / "e.yml"
    path.write_text(
        "name: e\ntitle: E\ncutoff: 2026-01-31\nshared: {urals_usd: 40}\nparameters: {oil: {urals_usd: 50}}\n"
    )
    one = edition.read(path)
    assert one.given("balance", {"urals_usd": None, "seed": 1}) == {"urals_usd": 40}
    assert one.given("oil", {"urals_usd": None}) == {"urals_usd": 50}
    assert one.given("trends", {"seed": 1}) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "name: x\ntitle: X\ncutof: 2026-01-01\n",
            "Unknown entry 'cutof': did you mean 'cutoff'",
        ),
        ("name: x\ntitle: X\n", "expected an entry 'cutoff', found none"),
        ("name: x\ntitle: X\ncutoff: soon\n", "entry 'cutoff': .* found 'soon'"),
        ("just words", "Expected entries such as 'cutoff: 2026-05-31'"),
        ("a: [1", "Expected YAML in"),
    ],
)
def test_a_malformed_edition_gets_one_sentence(tmp_path, content, message):
    path = tmp_path / "e.yml"
    path.write_text(content)
    with pytest.raises(EditionError, match=message):
        edition.load(str(path), tmp_path)


def test_unknown_missing_and_none(folder, tmp_path_factory):
    with pytest.raises(EditionError, match="Unknown edition '2026-5': did you mean '2026-05'"):
        edition.load("2026-5", folder)
    with pytest.raises(EditionError, match="Expected an edition file at"):
        edition.load(str(folder / "none.yml"), folder)
    with pytest.raises(EditionError, match="Expected edition files"):
        edition.load(None, tmp_path_factory.mktemp("empty"))


@pytest.fixture
def room(tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "datapackage.json").write_text('{"war": {"as_of": "2026-08-31"}}')
    return tmp_path / "room"


def test_a_new_edition_begins_with_the_parameters_of_the_newest(folder, room):
    (folder / "2026-05.yml").write_text('name: "2026-05"\ntitle: M\ncutoff: 2026-05-31\nparameters: {a: {seed: 3}}\n')
    made = edition.read(edition.begin("2026-08", None, folder, room))
    assert (made.name, made.title, made.cutoff) == ("2026-08", "August 2026", date(2026, 8, 31))
    assert made.parameters == {"a": {"seed": 3}}
    assert edition.load(None, folder).name == "2026-08"
    assert edition.read(edition.begin("2026-09", "2026-09-30", folder, room)).cutoff == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("name", "cutoff", "message"),
    [
        ("2026-05", None, "Expected a name that is free, .* found 2026-05.yml in"),
        ("../x", None, "Expected a name that is free, .* found '../x'"),
        ("2026-08", "soon", "Expected a cutoff such as 2026-08-31, found 'soon'"),
        ("2026-08", "2026-05-31", "Expected a cutoff after 2026-05-31, that of edition 2026-05, found 2026-05-31"),
    ],
)
def test_a_new_edition_needs_a_free_name_and_a_later_day(folder, room, name, cutoff, message):
    with pytest.raises(EditionError, match=message):
        edition.begin(name, cutoff, folder, room)
