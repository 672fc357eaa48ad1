"""A data room begun from nothing: what its check says, and that filling the gaps closes them."""

import json
import shutil
from pathlib import Path

import pytest

from attrition import cli
from attrition.room import RoomError, open_room
from attrition.room.skeleton import begin
from attrition.room.validation import check

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "examples" / "demo-war"


def test_the_command_makes_a_room_and_says_what_comes_next(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert cli.main(["new", "room", str(tmp_path / "mine")]) == 0
    told = capsys.readouterr().out
    assert f"Room: {tmp_path / 'mine'}" in told and "attrition check --room" in told
    assert cli.main(["check", "--room", str(tmp_path / "mine")]) == 2
    faults = capsys.readouterr().err.splitlines()
    assert "datapackage.json: war name: expected a name or a text, found none: fill it in." in faults
    assert "datapackage.json: war start: expected a day as 2022-12-31, found '': correct the contract." in faults
    assert all(line.endswith(".") for line in faults)


@pytest.mark.parametrize("like", [DEMO, ROOT / "data"], ids=["demo war", "own room"])
def test_nothing_of_another_war_is_left_in_it(tmp_path, like):
    begin(tmp_path / "mine", like)
    war = json.loads((like / "datapackage.json").read_text(encoding="utf-8"))["war"]
    text = (tmp_path / "mine" / "datapackage.json").read_text(encoding="utf-8")
    made = json.loads(text)
    assert set(made["war"]["speakers"]) == set(war["speakers"]) and set(made["war"]["speakers"].values()) == {""}
    assert not [side for side in war["sides"].values() if side["name"] in text and side["name"] != "both sides"]
    assert not [code for code in (war["side"], war["opponent"], war["buyer"]) if f'"{code}"' in text]
    assert {one.get("source", "") for one in made["resources"]} == {""}
    for path in (tmp_path / "mine").rglob("*.csv"):
        rows = path.read_text(encoding="utf-8").splitlines()
        assert len(rows) == 1 or path.stem in ("definitions", "sources"), path.name


def test_a_filled_contract_leaves_only_the_empty_tables(tmp_path):
    begin(tmp_path / "mine", DEMO)
    assert _faults(_filled(tmp_path / "mine")) == {"expected at least one row, found none"}


def test_a_room_whose_tables_are_filled_too_has_no_problem_and_opens(tmp_path):
    room = _filled(begin(tmp_path / "mine", DEMO))
    for path in DEMO.rglob("*.csv"):
        text = path.read_text(encoding="utf-8")
        for old, new in (("XV", "AA"), ("XC", "BB"), ("XT", "CC"), ("party_xv", "party_aa"), ("party_xc", "party_bb")):
            text = text.replace(f",{old},", f",{new},").replace(f"side={old}", f"side={new}")
        (room / path.relative_to(DEMO)).write_text(text, encoding="utf-8")
    assert [str(one) for one in check(room)] == []
    assert open_room(room).war.speaker("register") == "registrar"


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RoomError, match="Expected a folder that is new or empty, found .*mine in use"):
        begin(tmp_path / "mine", DEMO)


def test_a_part_that_nobody_plays_and_a_speaker_nobody_knows_are_named(tmp_path):
    room = tmp_path / "mine"
    shutil.copytree(DEMO, room)
    package = json.loads((room / "datapackage.json").read_text(encoding="utf-8"))
    package["war"]["speakers"]["register"] = "regstrar"
    (room / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    assert "found the unknown source 'regstrar' in war.speakers, 'register'" in str(check(room)[0])
    with pytest.raises(RoomError, match="Expected a speaker for the part 'registry' .*nearest: 'register'"):
        open_room(room).war.speaker("registry")


def _filled(room):
    """Give every gap of the contract an answer."""
    package = json.loads((room / "datapackage.json").read_text(encoding="utf-8"))
    there = json.loads((DEMO / "datapackage.json").read_text(encoding="utf-8"))
    war = package["war"]
    war |= {name: there["war"][name] for name in ("name", "start", "as_of", "daily_claim", "speakers", "marks", "cuts")}
    for code, side in war["sides"].items():
        side |= {"name": f"side {code}", "adjective": f"of {code}"}
    war["sides"] |= {"XL": {"name": "League", "adjective": "League"}, "WORLD": {"name": "world", "adjective": "world"}}
    for one, model in zip(package["resources"], there["resources"], strict=True):
        if "source" in one:
            one["source"] = model["source"]
    (room / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    rows = [f"{name},{name},media,,,," for name in {*war["speakers"].values(), "staff_xc"}]
    with (room / "sources.csv").open("a", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")
    return room


def _faults(room):
    return {one.sentence.partition(":")[0] for one in check(room)}
