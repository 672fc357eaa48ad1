import json
from datetime import date, timedelta

import pandas as pd
import pytest
import rooms
from hypothesis import given, settings
from hypothesis import strategies as st

from attrition.definitions import Range
from attrition.room import RoomError, find_room, open_room
from attrition.room.validation import check

STAFF = {"side": "AA", "source": "staff"}


@pytest.fixture
def folder(tmp_path):
    return rooms.write_room(tmp_path)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    return rooms.write_room(tmp_path_factory.mktemp("room"))


def ids(frame):
    return list(frame["id"])


# ---- opening


def test_the_environment_names_the_room(folder, monkeypatch):
    monkeypatch.setenv("ATTRITION_ROOM", str(folder))
    assert find_room() == folder
    assert open_room().war.name == "the invented war"


def test_without_it_the_nearest_data_folder_upwards_is_opened(tmp_path, monkeypatch):
    monkeypatch.delenv("ATTRITION_ROOM", raising=False)
    room = rooms.write_room(tmp_path / "data")
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "notebooks" / "deep")
    assert find_room() == room


def test_no_room_is_said_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.delenv("ATTRITION_ROOM", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        RoomError, match="Expected a folder 'data' with a datapackage.json in .*name the room with ATTR"
    ):
        open_room()
    with pytest.raises(RoomError, match="expected the file datapackage.json in .*, found none: is this a data room"):
        open_room(tmp_path)


def test_a_room_says_what_it_is_about(folder):
    room = open_room(folder)
    assert (room.war.side, room.war.opponent) == ("AA", "BB")
    assert room.war.sides["AA"].name == "Aland" and room.war.sides["BB"].adjective == "Belish"
    assert room.war.daily_claim.measure == "lost_total" and room.war.daily_claim.source == "staff"
    assert room.war.start == pd.Timestamp("2030-01-01")
    assert room.topics == ["losses", "trade"]


@pytest.mark.parametrize("cutoff", ["2030-02-30", "soon", 5, ""])
def test_an_impossible_cutoff_is_refused(folder, cutoff):
    with pytest.raises(RoomError, match=f"Expected a cutoff as 2022-12-31, found '{cutoff}'"):
        open_room(folder, cutoff=cutoff)


def test_a_cutoff_beyond_what_the_room_knows_is_refused(folder):
    with pytest.raises(RoomError, match="Expected a cutoff up to 2030-04-30, .*found '2030-05-01'"):
        open_room(folder, cutoff="2030-05-01")
    assert open_room(folder, cutoff=date(2030, 4, 30)).cutoff == open_room(folder).cutoff


# ---- reading


def test_tables_are_typed(folder):
    frame = open_room(folder).evidence("losses")
    assert frame["as_of"].dtype == frame["published"].dtype == "datetime64[us]"
    assert frame[["low", "central", "high"]].dtypes.eq(float).all()
    assert frame.loc[0, "region"] == "" and frame["published"].isna().any() and frame["low"].isna().any()


def test_a_month_is_its_last_day(folder):
    frame = open_room(folder).series("monthly")
    assert list(frame.index) == [pd.Timestamp(2030, month, day) for month, day in ((1, 31), (2, 28), (3, 31))]
    assert frame.index.name == "month"


def test_gaps_stay_gaps(folder):
    assert pd.isna(open_room(folder).series("daily").loc["2030-01-05", "guns"])
    assert pd.isna(open_room(folder).series("monthly").loc["2030-02-28", "price"])


def test_speakers_and_measures_are_found_by_their_key(folder):
    room = open_room(folder)
    assert room.sources().loc["echo", "copies"] == "staff;list"
    assert room.definitions().loc["imports", "known_after_days"] == 30
    assert room.definition("dead").per_period and room.definition("dead_total").cumulative
    assert room.claims().loc["c1", "value_high"] == 2000


def test_a_figure_carries_its_definition(folder):
    figure = open_room(folder).figure("losses", "L7")
    assert (figure.range, figure.days, figure.definition.measure) == (Range(800, 1000, 1200), 31, "dead")
    assert open_room(folder).figure("losses", "L8").range == Range(900, None, None)


def test_only_what_is_asked_for_is_opened(folder):
    room = open_room(folder)
    assert room.opened == {"datapackage.json"}
    room.sources()
    assert room.opened == {"datapackage.json", "sources.csv", "corrections.csv"}
    room.series("daily")
    assert "series/daily.csv" in room.opened and "evidence/losses.csv" not in room.opened
    assert set(room.resource_files()) >= {*room.opened, "evidence/trade.csv"}


def test_all_files_are_listed_with_their_rows(folder):
    rows = open_room(folder).resources().set_index("path")["rows"]
    assert rows["evidence/losses.csv"] == 10 and rows["series/daily.csv"] == rooms.DAYS
    assert open_room(folder, cutoff="2030-01-02").resources()["rows"].sum() == rows.sum()


def test_frames_are_the_callers_own(folder):
    room = open_room(folder)
    daily, losses = room.series("daily"), room.evidence("losses")
    daily["lost"], losses["central"] = 0.0, 0.0
    assert room.series("daily")["lost"].max() == 6000 and room.evidence("losses")["central"].max() == 8400


def test_a_schema_of_its_own_file_is_part_of_the_contract(folder):
    package = rooms.contract(folder)
    for one in package["resources"]:
        if one["name"].startswith("evidence/"):
            (folder / "figures.json").write_text(json.dumps(one["schema"]))
            one["schema"] = "figures.json"
    rooms.write_contract(folder, package)
    room = open_room(folder)
    assert room.opened == {"datapackage.json", "figures.json"} and len(room.evidence("losses")) == 10
    assert "figures.json" in room.resource_files()
    assert check(folder, today=rooms.TODAY) == []


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda room: room.evidence("loses"),
            r"a topic of the room, found 'loses' \(nearest: 'losses'\): choose one of",
        ),
        (lambda room: room.series("dayly"), r"a series of the room, found 'dayly' \(nearest: 'daily'\)"),
        (
            lambda room: room.definition("dead_totals"),
            r"found 'dead_totals' \(nearest: 'dead_total'\): correct the name",
        ),
        (
            lambda room: room.figure("losses", "L77"),
            r"a row 'L77' in evidence/losses.csv known by 2030-04-30, found none",
        ),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(folder, ask, message):
    with pytest.raises(RoomError, match=message):
        ask(open_room(folder))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x89PNG\r\n\xff\xfe", "expected UTF-8 text, found byte 1 to be none"),
        (b"date,lost,guns\n2030-01-01,1\0,2\n", "found binary zeros"),
        (b"", "found an empty file or line"),
        (b'date,lost,guns\n"2030-01-01,1,2\n', "found a malformed one"),
        (b"date,lost,guns\n2030-01-01,1,2,3\n", "row 2: expected 3 cells as in the header, found 4"),
        (b"date,lost\n2030-01-01,1\n", "column guns: expected this column, found none"),
        (b"date,lost,guns,more\n2030-01-01,1,2,3\n", "column more: found a column that the contract does not know"),
        (b"date,lost,guns\n2030-01-01,many,2\n", "row 2, column lost: expected a integer, found 'many'"),
        (b"date,lost,guns\n2030-01-01,inf,2\n", "row 2, column lost: expected a integer, found 'inf'"),
        (b"date,lost,guns\n2030-13-01,1,2\n", "row 2, column date: expected a date, found '2030-13-01'"),
        (b"date,lost,guns\n,1,2\n", "row 2, column date: expected the day a row is of, found none"),
    ],
)
def test_a_broken_table_is_refused_when_it_is_read(folder, content, message):
    rooms.write_rows(folder / "corrections.csv", rooms.read_rows(folder / "corrections.csv")[:1])
    (folder / "series/daily.csv").write_bytes(content)
    with pytest.raises(RoomError, match=f"series/daily.csv.*{message}"):
        open_room(folder).series("daily")


def test_a_missing_table_is_refused_when_it_is_read(folder):
    (folder / "events.csv").unlink()
    room = open_room(folder)
    with pytest.raises(RoomError, match="events.csv: expected this file, found none"):
        room.events()


# ---- corrections


def test_corrections_are_applied_and_the_file_is_left_alone(folder):
    before = (folder / "series/daily.csv").read_bytes()
    assert open_room(folder).series("daily").loc["2030-01-20", "lost"] == 2000
    assert (folder / "series/daily.csv").read_bytes() == before and b"9999" in before


def test_a_correction_of_a_figure_goes_by_its_id(folder):
    rooms.add_row(folder, "corrections", "k2,evidence/losses,L8,low,900,950,A slip.,https://e.org/17,2030-04-02")
    assert open_room(folder).figure("losses", "L8").low == 950


def test_a_correction_may_withdraw_a_value(folder):
    rooms.add_row(folder, "corrections", "k2,series/monthly,2030-03,price,11.5,,Withdrawn.,https://e.org/17,2030-04-02")
    assert pd.isna(open_room(folder).series("monthly").loc["2030-03-31", "price"])


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("expected", "9998", "found '9999'"),
        ("key", "2029-01-20", "found no row '2029-01-20' with a column 'lost'"),
        ("field", "killed", "found no row '2030-01-20' with a column 'killed'"),
    ],
)
def test_a_correction_that_no_longer_matches_stops_the_reading(folder, column, value, found):
    rooms.set_cell(folder, "corrections", "k1", column, value)
    with pytest.raises(RoomError, match=f"corrections.csv, row 2, .*the correction 'k1' expected .*{found}.*"):
        open_room(folder).series("daily")


def test_transcriptions_are_those_of_the_measure_asked_for(folder):
    room = open_room(folder)
    assert len(room.transcriptions()) == 5
    lost = room.transcriptions("lost_total")
    assert set(lost["field"]) == {"lost"} and set(lost["decided"]) == {2000}
    assert open_room(folder, cutoff="2030-01-19").transcriptions().empty


def test_a_room_without_transcriptions_has_none(folder):
    package = rooms.contract(folder)
    package["resources"] = [one for one in package["resources"] if "transcribes" not in one]
    rooms.write_contract(folder, package)
    assert open_room(folder).transcriptions().empty


# ---- the cutoff


def test_a_figure_is_hidden_until_its_day_and_its_publication(folder):
    assert ids(open_room(folder, cutoff="2030-03-31").evidence("losses")) == [
        "L1",
        "L2",
        "L3",
        "L4",
        "L6",
        "L7",
        "L9",
        "L10",
    ]
    assert ids(open_room(folder, cutoff="2030-04-01").evidence("losses"))[-3:] == ["L8", "L9", "L10"]
    with pytest.raises(RoomError, match="a row 'L8' .* known by 2030-03-31, found none"):
        open_room(folder, cutoff="2030-03-31").figure("losses", "L8")


def test_a_measure_may_be_known_later_than_its_day_unless_publication_is_known(folder):
    shown = {
        day: ids(open_room(folder, cutoff=day).evidence("trade")) for day in ("2030-03-01", "2030-03-02", "2030-03-05")
    }
    assert shown == {"2030-03-01": ["T4"], "2030-03-02": ["T1", "T4"], "2030-03-05": ["T1", "T2", "T4"]}


def test_a_plan_is_known_on_the_day_it_is_stated(folder):
    rooms.set_cell(folder, "definitions", "imports", "known_after_days", "")
    assert "T3" in ids(open_room(folder).evidence("trade"))
    assert "T3" not in ids(open_room(folder, cutoff="2030-04-29").evidence("trade"))


def test_a_month_is_hidden_until_it_has_ended(folder):
    assert len(open_room(folder, cutoff="2030-02-27").series("monthly")) == 1
    assert len(open_room(folder, cutoff="2030-02-28").series("monthly")) == 2


def test_a_column_is_hidden_until_it_existed(folder):
    assert "new_list" not in open_room(folder, cutoff="2030-03-30").series("monthly")
    assert "new_list" in open_room(folder, cutoff="2030-03-31").series("monthly")


def test_events_and_claims_are_hidden_until_their_day(folder):
    assert open_room(folder, cutoff="2030-01-31").claims().empty
    assert len(open_room(folder, cutoff="2030-02-01").claims()) == 1
    assert len(open_room(folder, cutoff="2030-01-01").events()) == 1


days = st.integers(0, (rooms.AS_OF - rooms.START).days).map(lambda number: rooms.START + timedelta(days=number))


@settings(max_examples=15, deadline=None)
@given(days, days)
def test_a_later_cutoff_only_ever_adds_and_nothing_shown_is_later_than_it(lasting, one, other):
    early, late = (open_room(lasting, cutoff=day) for day in sorted((one, other)))
    for room in (early, late):
        figures = room.figures()
        dates = [
            figures["as_of"],
            figures["published"].dropna(),
            room.series("daily").index,
            room.series("monthly").index,
        ]
        assert all((day <= room.cutoff).all() for day in dates)
    assert set(early.figures()["id"]) <= set(late.figures()["id"])
    pd.testing.assert_frame_equal(early.series("daily"), late.series("daily").loc[: early.cutoff])


# ---- readings


def test_a_series_is_continued_by_the_figures_of_its_speaker(folder):
    readings = open_room(folder).readings("lost_total", **STAFF)
    assert list(readings.columns) == ["value", "origin", "id"] and readings.index.is_monotonic_increasing
    assert (readings["origin"] == "series").sum() == rooms.DAYS
    told = readings[readings["origin"] == "evidence"]
    assert dict(zip(told["id"], told["value"], strict=True)) == {"L2": 7000, "L3": 7700, "L5": 8400}
    assert readings.loc["2030-02-10", "id"] == "series/daily:lost"
    assert readings.loc["2030-01-20", "value"] == 2000


def test_of_two_versions_the_newest_known_one_is_read(folder):
    early = open_room(folder, cutoff="2030-04-19").readings("lost_total", **STAFF)
    assert (early.loc["2030-03-24", "value"], early.loc["2030-03-24", "id"]) == (8000, "L4")


def test_readings_stop_at_the_cutoff(folder):
    readings = open_room(folder, cutoff="2030-03-16").readings("lost_total", **STAFF)
    assert readings.index.max() == pd.Timestamp("2030-03-10")


def test_a_column_may_have_a_speaker_of_its_own(folder):
    readings = open_room(folder).readings("price", side="AA", source="office")
    assert list(readings["value"]) == [10.5, 11.5]


def test_figures_alone_are_readings_too(folder):
    assert list(open_room(folder).readings("men", **STAFF)["id"]) == ["T4"]


def test_what_series_and_figures_say_differently_is_listed_and_the_series_read(folder):
    assert open_room(folder).contradictions("lost_total", **STAFF).empty
    rooms.set_cell(folder, "evidence/losses", "L1", "central", "4200")
    found = open_room(folder).contradictions("lost_total", **STAFF)
    assert found.reset_index().to_numpy().tolist() == [[pd.Timestamp("2030-02-10"), 4100.0, 4200.0, "L1"]]
    assert open_room(folder).readings("lost_total", **STAFF).loc["2030-02-10", "value"] == 4100


def test_two_figures_of_one_day_and_publication_contradict_each_other(folder):
    rooms.set_cell(folder, "evidence/losses", "L5", "published", "")
    with pytest.raises(
        RoomError, match=r"one reading of 'lost_total' for 2030-03-24, found 'L4' \(8000\) and 'L5' \(8400\)"
    ):
        open_room(folder).readings("lost_total", **STAFF)
    rooms.set_cell(folder, "evidence/losses", "L5", "central", "8000")
    assert open_room(folder).readings("lost_total", **STAFF).loc["2030-03-24", "value"] == 8000


def test_a_flow_has_no_readings(folder):
    with pytest.raises(RoomError, match="Expected a level or running total, found 'dead', a flow of a period"):
        open_room(folder).readings("dead", side="AA", source="list")


def test_readings_nobody_gave_are_not_empty_but_an_error(folder):
    with pytest.raises(
        RoomError, match="readings of 'lost_total' for side 'BB' by 'staff' up to 2030-04-30, found none"
    ):
        open_room(folder).readings("lost_total", side="BB", source="staff")


def test_two_columns_with_the_same_measure_are_refused(folder):
    package = rooms.contract(folder)
    rooms.described(package, "series/daily", "guns")["measure"] = "lost_total"
    rooms.write_contract(folder, package)
    with pytest.raises(RoomError, match="found series/daily:lost and series/daily:guns: drop one"):
        open_room(folder).readings("lost_total", **STAFF)
