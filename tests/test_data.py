"""The shipped data room: that it keeps its contract, and that known facts come out of it."""

import csv
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from attrition.room import open_room
from attrition.room.validation import check

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
GIVEN = ROOT.parent / "shared"
PAYLOADS = GIVEN / "upstream" / "raw.githubusercontent.com"
CLAIM = {"side": "RU", "source": "general_staff_ua"}

# column of the series: names in the equipment file, the records and the table of the other transcriptions
COLUMNS = {
    "personnel": ("personnel", "personnel", "personnel"),
    "tanks": ("tank", "tanks", "tanks"),
    "armoured_vehicles": ("APC", "afvs", "apv"),
    "artillery": ("field artillery", "artillery", "artillery"),
    "rocket_launchers": ("MRL", "rocketSystems", "mlrs"),
    "air_defence": ("anti-aircraft warfare", "airDefense", "aaws"),
    "aircraft": ("aircraft", "fixedWingAircraft", "aircrafts"),
    "helicopters": ("helicopter", "rotaryWingAircraft", "helicopters"),
    "drones": ("drone", "uavs", "uav"),
    "cruise_missiles": ("cruise missiles", "missiles", "cruise_missiles"),
    "ships": ("naval ship", "ships", "warships"),
    "submarines": ("submarines", "submarines", "submarines"),
    "vehicles": ("vehicles and fuel tanks", "unarmoredVehicles", "vehicles_fuel_tanks"),
    "special_equipment": ("special equipment", "specialEquipment", "special_equipment"),
}

needs_payloads = pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the transcriptions' own files are not here")
needs_given = pytest.mark.skipif(not (GIVEN / "series").is_dir(), reason="the tables as compiled are not here")


@pytest.fixture(scope="module")
def room():
    return open_room(DATA)


@pytest.fixture(scope="module")
def totals(room):
    return room.readings("killed_wounded_cumulative", **CLAIM)["value"]


def text(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_the_room_keeps_its_contract():
    assert [str(problem) for problem in check(DATA)] == []


def test_every_figure_has_its_citation(room):
    figures = room.figures()
    assert len(figures) >= 2664 and len(room.topics) == 17
    assert figures["url"].str.fullmatch(r"https?://\S+").all()
    assert figures["source"].isin(room.sources().index).all()
    assert (figures[["title", "seen_at", "kind", "source"]] != "").all().all()


def test_every_measure_has_one_unit(room):
    assert (room.figures().groupby("measure")["unit"].nunique() == 1).all()


def test_every_number_of_a_series_says_what_it_counts(room):
    silent = {
        (table.name, name)
        for table in room.contract.tables.values()
        if table.name.startswith("series/") and "transcribes" not in table.descriptor
        for name, field in table.fields.items()
        if field["type"] in ("number", "integer") and "measure" not in field
    }
    assert silent == {("series/rub_usd", "check_nbp_fixings")}


def test_every_column_is_described(room):
    fields = [field for table in room.contract.tables.values() for field in table.fields.values()]
    assert all(field.get("description", "").strip().endswith(".") for field in fields)


def test_the_war_is_named(room):
    assert (room.war.side, room.war.opponent) == ("RU", "UA")
    assert room.war.as_of == pd.Timestamp("2026-05-31")
    assert set(room.figures()["side"]) <= set(room.war.sides)


# ---- the regular claim


def test_known_days_and_months_of_the_claim(totals):
    daily = totals[:"2026-02-19"].diff()
    assert (daily["2025-02-02"], daily["2026-02-02"]) == (1320, 850)
    assert list(daily.index[daily == 1570]) == [pd.Timestamp("2025-01-11")]
    assert totals.index[(totals >= 850_000).argmax()] == pd.Timestamp("2025-02-10")
    assert totals["2026-02-02"] == 1_241_530
    monthly = daily.resample("MS").sum()
    assert (monthly["2025-12-01"], monthly["2026-01-01"]) == (35_050, 31_680)


def test_the_claim_is_daily_to_its_end_and_weekly_after(totals):
    assert (totals[:"2026-02-19"].index.to_series().diff().dropna() == pd.Timedelta(days=1)).all()
    weekly = totals["2026-02-22":]
    assert len(weekly) == 15 and set(weekly.index.day_name()) == {"Sunday"}
    assert (totals.iloc[-1], totals.index[-1]) == (1_364_060, pd.Timestamp("2026-05-31"))
    assert totals.is_monotonic_increasing


def test_at_the_first_cutoff_the_claim_is_daily_only():
    readings = open_room(DATA, cutoff="2026-02-19").readings("killed_wounded_cumulative", **CLAIM)
    assert set(readings["origin"]) == {"series"} and readings["value"].iloc[-1] == 1_256_910


def test_series_and_figures_differ_only_where_the_transcriptions_tie(room):
    found = {}
    for measure in room.definitions().index:
        if not room.definition(measure).per_period:
            found |= {id_: measure for id_ in room.contradictions(measure, **CLAIM)["id"]}
    assert found == {"P1535": "tanks_lost_claimed_cumulative"}
    day = room.figure("equipment", "P1535").as_of
    tied = room.transcriptions("tanks_lost_claimed_cumulative").set_index("date").loc[str(day)]
    assert tied["majority"].isna().all() and Counter(tied["value"]) == {150: 2, 191: 2}


def test_named_dead_of_2024_as_known_at_two_ends_of_years(room):
    named = room.series("named_dead").loc["2024"]
    assert named["named_end_2024"].sum() == pytest.approx(37_593, rel=0.01)
    assert named["named_end_2025"].sum() == pytest.approx(69_706, rel=0.01)


# ---- transcriptions and corrections


def test_transcriptions_of_the_claim_differ_on_thirteen_days(room):
    personnel = room.transcriptions("killed_wounded_cumulative")
    assert personnel["date"].nunique() == 13
    odd = personnel[personnel["value"] != personnel["decided"]]
    assert Counter(odd["transcription"]) == {"orc_losses": 7, "russian_losses_in_ukraine": 4, "moskali": 2}
    assert personnel["majority"].notna().all()


def test_corrections_are_what_the_majority_reads_and_no_more(room):
    table = text(DATA / "series" / "transcriptions.csv")
    own = table[
        (table["transcription"] == "moskali") & (table["majority"] != "") & (table["value"] != table["majority"])
    ]
    wanted = set(zip(own["date"], own["field"], own["value"], own["majority"], strict=True))
    corrections = text(DATA / "corrections.csv").query("resource == 'series/general_staff'")
    assert set(corrections[["key", "field", "expected", "corrected"]].itertuples(index=False, name=None)) == wanted
    personnel = {(day, old, new) for day, field, old, new in wanted if field == "personnel"}
    assert personnel == {("2022-02-26", "3000", "4300"), ("2025-02-26", "871500", "870700")}


def test_a_majority_is_the_value_given_most_often_and_a_tie_keeps_the_series(room):
    series = text(DATA / "series" / "general_staff.csv").set_index("date")
    for (day, field), rows in text(DATA / "series" / "transcriptions.csv").groupby(["date", "field"]):
        (top, most), *others = Counter(rows["value"]).most_common()
        majority = top if not others or others[0][1] < most else ""
        assert set(rows["majority"]) == {majority} and rows["value"].nunique() > 1
        assert set(rows["decided"]) == {majority or series.loc[day, field]}


def transcriptions():
    """The total of every day and column by four transcriptions, read from their own files and the series as given."""
    first = PAYLOADS / "PetroIvaniuk/2022-Ukraine-Russia-War-Dataset/main/data"
    personnel, equipment = (
        {one["date"]: one for one in json.loads((first / f"russia_losses_{name}.json").read_text(encoding="utf-8"))}
        for name in ("personnel", "equipment")
    )
    records = json.loads((PAYLOADS / "lod-db/orc-losses/main/russian-losses.json").read_text(encoding="utf-8"))
    with (PAYLOADS / "romansverdan/russian-Losses-in-Ukraine/main/data/russia_losses.csv").open() as file:
        table = list(csv.DictReader(file))
    with (DATA / "series" / "general_staff.csv").open() as file:
        series = list(csv.DictReader(file))
    for column, (one, two, three) in COLUMNS.items():
        source = personnel if column == "personnel" else equipment
        yield from ((day, column, "ukraine_russia_war_dataset", row.get(one)) for day, row in source.items())
        yield from ((row["date"], column, "orc_losses", row[two]) for row in records)
        yield from ((row["date"], column, "russian_losses_in_ukraine", row[three]) for row in table)
        yield from ((row["date"], column, "moskali", row[column]) for row in series)


@needs_payloads
def test_the_table_of_transcriptions_follows_from_their_own_files():
    frame = pd.DataFrame(transcriptions(), columns=["date", "field", "transcription", "value"])
    frame["value"] = pd.to_numeric(frame["value"])
    frame = frame[frame["value"].notna() & (frame["date"] <= "2026-02-19")]
    differing = frame.groupby(["date", "field"])["value"].transform("nunique") > 1
    found = frame[differing].astype({"value": int}).astype(str).sort_values(["date", "field", "transcription"])
    columns = ["date", "field", "transcription", "value"]
    assert found[columns].to_numpy().tolist() == text(DATA / "series/transcriptions.csv")[columns].to_numpy().tolist()


@needs_payloads
def test_no_table_is_a_copy_of_a_publishers_file():
    theirs = {hashlib.sha256(path.read_bytes()).digest() for path in PAYLOADS.rglob("*") if path.is_file()}
    ours = {hashlib.sha256(path.read_bytes()).digest() for path in DATA.rglob("*.csv")}
    assert ours and not ours & theirs


@needs_given
@pytest.mark.parametrize("name", ["general_staff", "mortality", "named_dead"])
def test_series_are_kept_as_compiled(name):
    pd.testing.assert_frame_equal(text(DATA / "series" / f"{name}.csv"), text(GIVEN / "series" / f"{name}.csv"))


@needs_given
def test_no_figure_was_lost_or_changed_on_the_way_in(room):
    for path in sorted((GIVEN / "evidence" / "evidence").glob("*.csv")):
        given, kept = text(path).set_index("id"), text(DATA / "evidence" / path.name).set_index("id")
        pd.testing.assert_frame_equal(given, kept.loc[given.index, given.columns])


# ---- words


def test_no_table_holds_an_address_of_this_machine_or_a_personal_record():
    for path in DATA.rglob("*"):
        if path.is_file():
            content = path.read_text(encoding="utf-8")
            assert not re.search(r"/work/|/home/|/tmp/|localhost", content), path.name
    names = {name for table in open_room(DATA).contract.tables.values() for name in table.fields}
    assert not names & {"surname", "first_name", "birth_date", "unit_name", "person"}
