"""A refresh meets every fault a publisher, a network or a disk can have, and nothing accepted is lost.

All sources are served on loopback from small invented payloads. The property: whatever happens, every accepted value
stays, every snapshot stays, and the room keeps its contract.
"""

import csv
import gzip
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import threading
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import live
import pandas as pd
import pytest
from live import HASTE, IMPATIENCE, MIRRORS, TODAY, Publisher, good, live_room, path_of, serve, served
from rooms import add_row, contract, drop_column, read_rows, set_cell, write_contract, write_rows

from attrition import sources
from attrition.files import exchange, recover, swap_folder
from attrition.refresh import RefreshError, refresh, writing
from attrition.refresh.reconciling import decide
from attrition.room import RoomError, open_room
from attrition.room.validation import check

ROOT = Path(__file__).parents[1]
PAYLOADS = ROOT.parent / "shared" / "upstream"
needs_payloads = pytest.mark.skipif(not PAYLOADS.is_dir(), reason="payloads as served are not beside the repository")
LATER = TODAY + timedelta(days=1)
FEW = (*MIRRORS, "brent_daily", "bank_of_russia")


class Site:
    """A room, its snapshots and the publishers it is refreshed from."""

    def __init__(self, folder, publisher):
        self.room, self.snapshots, self.publisher, self.told = folder / "room", folder / "snapshots", publisher, []

    def refresh(self, *names, today=TODAY, **options):
        self.told = []
        settings = {"mirror": self.publisher.address, "patience": HASTE, "say": self.told.append, **options}
        return refresh(self.room, self.snapshots, names=names, today=today, **settings)

    def says(self, text):
        return any(text in line for line in self.told)

    def serve(self, name, part, body):
        self.publisher.pages[path_of(name, part)] = body

    def cells(self):
        """Every accepted value: by table, key and column."""
        found = {}
        for one in contract(self.room)["resources"]:
            header, *rows = read_rows(self.room / one["path"])
            keys = one["schema"].get("primaryKey", []) if isinstance(one["schema"], dict) else []
            keys = [keys] if isinstance(keys, str) else keys
            for row in rows:
                record = dict(zip(header, row, strict=True))
                key = ";".join(record[name] for name in keys)
                found |= {(one["name"], key, name): value for name, value in record.items() if keys}
        return found

    def kept(self):
        """Every snapshot with the hash of its bytes now."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.snapshots / "content").iterdir()
        }


@pytest.fixture(scope="module")
def publisher():
    with Publisher(served()).serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def first(tmp_path_factory, publisher):
    """A room after a first refresh from publishers that have everything but the newest rows."""
    site = Site(tmp_path_factory.mktemp("first"), publisher)
    live_room(site.room)
    publisher.pages = {**served(), **{path_of(*place): body for place, body in yesterday().items()}}
    publisher.faults = {}
    assert site.refresh().code == 0, site.told
    return site


@pytest.fixture(scope="module")
def first_few(tmp_path_factory, publisher):
    """The same with the claim and three other sources only, which is quicker to check."""
    site = Site(tmp_path_factory.mktemp("few"), publisher)
    live_room(site.room)
    publisher.pages = {**served(), **{path_of(*place): body for place, body in yesterday().items()}}
    publisher.faults = {}
    assert site.refresh(*FEW).code == 0, site.told
    return site


def copy(state, folder):
    shutil.copytree(state.room, folder / "room")
    shutil.copytree(state.snapshots, folder / "snapshots")
    state.publisher.pages, state.publisher.faults, state.publisher.asked = served(), {}, []
    return Site(folder, state.publisher)


@pytest.fixture
def site(tmp_path, first_few):
    """A room with few sources, and publishers that serve the newest rows too."""
    return copy(first_few, tmp_path)


@pytest.fixture
def full_site(tmp_path, first):
    """The same with all sources."""
    return copy(first, tmp_path)


# ---- payloads as rows, so that faults can be put into any of them

PARTS = [(name, part) for name in sources.manifests() for part in good(name) if part != "catalogue"]
# a column of days and one of numbers in each payload
COLUMNS = {
    ("petroivaniuk", "personnel"): ("date", "personnel"),
    ("petroivaniuk", "equipment"): ("date", "tank"),
    ("lod_db", "losses"): ("date", "personnel"),
    ("romansverdan", "losses"): ("date", "personnel"),
    ("russianwarship", "latest"): ("date", "personnel_units"),
    ("brent_daily", "prices"): ("Date", "Price"),
    ("bank_of_russia", "rates"): ("Date", "Value"),
    ("minfin", "budget"): ("Год", "Расходы, всего"),
    ("crea", "counter"): ("date", "value_eur"),
    ("deepstate", "map"): ("name", "coordinates"),
    ("economist", "weeks"): ("Year", "EDAssembled"),
    ("economist", "statements"): ("date", "estimate"),
    ("economist", "chart"): ("year", "cumulative casualties"),
    ("economist", "area"): ("date", "area_assessed_as_russia_controlled"),
}


def unpack(name, part, body):
    """Rows of a payload, oldest first, and how to pack them again."""
    text = body.decode("windows-1251" if name == "bank_of_russia" else "utf-8-sig")
    if name == "bank_of_russia":
        head, *records = text.split("<Record ")
        tail = "</ValCurs>\n"
        rows = []
        for one in records:
            day = one.split('Date="')[1].split('"')[0]
            inside = {tag: one.split(f"<{tag}>")[1].split("<")[0] for tag in ("Nominal", "Value", "VunitRate")}
            rows.append({"Date": day, "Id": "R01235", **inside})

        def pack(rows):
            def element(row):
                inside = "".join(f"<{tag}>{text}</{tag}>" for tag, text in row.items() if tag not in ("Date", "Id"))
                given = " ".join(f'{tag}="{row[tag]}"' for tag in ("Date", "Id") if tag in row)
                return f"<Record {given}>{inside}</Record>"

            return (head + "\n".join(map(element, rows)) + tail).encode("windows-1251", "xmlcharrefreplace")

        return rows, pack
    if text.lstrip().startswith(("[", "{")):
        return unpack_json(name, json.loads(text))
    header, *lines = csv.reader(io.StringIO(text))
    rows = [dict(zip(header, line, strict=True)) for line in lines]

    def pack(rows):
        names = list(dict.fromkeys(key for row in rows for key in row)) or header
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows([names, *([row.get(key, "") for key in names] for row in rows)])
        return out.getvalue().encode()

    return rows, pack


def unpack_json(name, content):
    if name == "russianwarship":
        data = content["data"]
        rows = [{"date": data["date"], **data["stats"]}]

        def pack(rows):
            stats = {key: value for key, value in rows[-1].items() if key != "date"}
            day = {"date": rows[-1]["date"]} if "date" in rows[-1] else {}
            return json.dumps({"message": "m", "data": {**day, "stats": stats}}, ensure_ascii=False).encode()

        return rows, pack
    if name == "deepstate":
        polygons = content["features"][0]["geometry"]["coordinates"]

        def pack(rows):
            features = []
            for row in rows:
                geometry = {"type": "MultiPolygon", **{k: v for k, v in row.items() if k != "name"}}
                features.append({"type": "Feature", "properties": {}, "geometry": geometry})
            head = {"name": rows[-1]["name"]} if "name" in rows[-1] else {}
            return json.dumps({"type": "FeatureCollection", **head, "features": features}).encode()

        return [{"name": content["name"], "coordinates": [one]} for one in polygons], pack
    rows = content["data"] if isinstance(content, dict) else content
    order = sorted(rows, key=lambda row: row["date"])
    wrap = (lambda rows: {"data": rows}) if isinstance(content, dict) else (lambda rows: rows)
    return order, lambda rows: json.dumps(wrap(rows), ensure_ascii=False).encode()


def scaled(value, factor):
    """A number, a text of a number, or a ring of points made larger, in the spelling it had."""
    if isinstance(value, list):
        return [[[shrunk(point, ring, factor) for point in ring] for ring in polygon] for polygon in value]
    if isinstance(value, str):
        if not value:
            return value
        return (
            f"{float(value.replace(',', '.')) * factor:.4f}".replace(".", ",")
            if "," in value
            else text_of(value, factor)
        )
    return int(value * factor) if isinstance(value, int) else value * factor


def text_of(value, factor):
    return str(int(int(value) * factor)) if value.lstrip("-").isdigit() else f"{float(value) * factor:.2f}"


def shrunk(point, ring, factor):
    middle = [sum(one[axis] for one in ring[:-1]) / (len(ring) - 1) for axis in (0, 1)]
    size = min(factor, 5) ** 0.5
    return [middle[axis] + (point[axis] - middle[axis]) * size for axis in (0, 1)]


# payloads whose newest rows belong to a month or day that is held already
STEADY = {("bank_of_russia", "rates"), ("deepstate", "map"), ("economist", "weeks")}


@cache
def yesterday():
    """Every payload without its newest rows."""
    made = {}
    for place in PARTS:
        rows, pack = unpack(*place, good(place[0])[place[1]])
        if place[0] == "crea":
            rows = [row for row in rows if row["date"] < "2026-02"]
        elif len(rows) > 2 and place not in STEADY:
            rows = rows[:-1]
        elif place[0] == "russianwarship":
            rows = [
                {**rows[0], "date": "2026-02-11"} | {k: v - 1000 for k, v in rows[0].items() if k == "personnel_units"}
            ]
            rows = [{key: own_total(key, value) for key, value in rows[0].items()}]
        made[place] = pack(rows) if place not in STEADY else good(place[0])[place[1]]
    return made


def own_total(key, value):
    """What the totals of the latest day were the day before."""
    columns = {ours: theirs for theirs, ours in sources.manifests()["russianwarship"].columns["stats"].items()}
    table = {theirs: ours for ours, theirs in columns.items()}
    if key not in table or key == "personnel_units":
        return value
    header, *rows = read_rows(live.FIXTURES / "romansverdan" / "losses.csv")
    names = {ours: theirs for theirs, ours in sources.manifests()["romansverdan"].columns["losses"].items()}
    return int(rows[-2][header.index(names[table[key]])])


# ---- faults of a payload: from rows to rows, and from bytes to bytes


def with_value(make):
    def fault(rows, day, value):
        rows[-1][value] = make(rows[-1][value])

    return fault


def a_value_1000_times_too_large(rows, day, value):
    rows[-1][value] = scaled(rows[-1][value], 1000)


def all_history_times_032(rows, day, value):
    for row in rows:
        row[value] = scaled(row[value], 0.32)


def a_renamed_column(rows, day, value):
    for row in rows:
        row[f"{value}_new"] = row.pop(value)


def a_missing_column(rows, day, value):
    for row in rows:
        row.pop(value)


def an_extra_column(rows, day, value):
    for row in rows:
        row["remark"] = "1"


def a_script_in_a_text_field(rows, day, value):
    rows[-1][next((one for one in ("commodity_group", "source", "Месяц", "month") if one in rows[-1]), day)] = SCRIPT


def an_unknown_label(rows, day, value):
    rows[-1][next((one for one in ("commodity_group", "source", "Месяц", "month", "Id") if one in rows[-1]), day)] = (
        "odd"
    )


def a_day_twice(rows, day, value):
    rows.append(dict(rows[-1]))


def missing_days(rows, day, value):
    del rows[3:-1]


def a_total_that_falls(rows, day, value):
    rows[-1][value] = scaled(rows[-1][value], 0.9)


def a_future_date(rows, day, value):
    rows[-1][day] = {"day": "2031-02-12", "name": "deepstatemap_data_20310212"}.get(day) or next_decade(rows[-1][day])


def next_decade(text):
    return text.replace("2026", "2036").replace("2025", "2035") if isinstance(text, str) else text


SCRIPT = "<script>alert(1)</script>"
ROW_FAULTS = [
    a_value_1000_times_too_large,
    all_history_times_032,
    a_renamed_column,
    a_missing_column,
    an_extra_column,
    a_script_in_a_text_field,
    an_unknown_label,
    a_day_twice,
    missing_days,
    a_total_that_falls,
    a_future_date,
    with_value(lambda value: "1\u00a0234"),
    with_value(lambda value: "1,234,5"),
]
ROW_FAULTS[-2].__name__, ROW_FAULTS[-1].__name__ = "a_number_with_nbsp", "a_number_with_commas"


def in_rows(fault):
    def applied(name, part, body):
        rows, pack = unpack(name, part, body)
        fault(rows, *COLUMNS[name, part])
        return pack(rows)

    applied.__name__ = fault.__name__
    return applied


def cut_off(name, part, body):
    return body[: len(body) * 3 // 5]


def another_charset(name, part, body):
    return body.decode("windows-1251" if name == "bank_of_russia" else "utf-8").encode("utf-16")


def a_byte_order_mark(name, part, body):
    return b"\xef\xbb\xbf" + body.removeprefix(b"\xef\xbb\xbf") if name != "bank_of_russia" else body


def yesterdays_file(name, part, body):
    return yesterday()[name, part]


PAYLOAD_FAULTS = [*map(in_rows, ROW_FAULTS), cut_off, another_charset, a_byte_order_mark, yesterdays_file]
QUICK = {
    "refused": live.refusal,
    "404": live.status(404),
    "429": live.status(429, Retry_After="9999"),
    "500": live.status(500),
    "a page with status 200": serve(b"<!doctype html><title>Sorry</title>"),
    "nothing": serve(b""),
    "cut short": live.cut_short,
    "200 MB": live.huge,
    "200 MB unannounced": live.huge_unannounced,
    "a bomb": serve(gzip.compress(b" " * 60_000_000), Content_Encoding="gzip"),
    "a redirect to http": live.status(302, Location="http://elsewhere.example/"),
    "a redirect to another host": live.status(302, Location="https://elsewhere.example/"),
}
SLOW = {"silence": live.silence, "a drip": live.drip}


def assert_nothing_lost(site, before, kept):
    """The property that every fault has to leave true."""
    now = site.cells()
    changed = {place: (value, now.get(place)) for place, value in before.items() if now.get(place) != value}
    assert changed == {}
    after = site.kept()
    assert all(name == sha256 for name, sha256 in after.items()) and kept.keys() <= after.keys()
    assert now == before or [str(problem) for problem in check(site.room, today=TODAY)] == []
    assert not list(site.room.parent.glob(".room.new")) and not list(site.room.parent.glob(".room.old"))


@pytest.mark.parametrize("fault", PAYLOAD_FAULTS, ids=lambda fault: fault.__name__)
def test_no_fault_of_a_payload_changes_an_accepted_value(full_site, fault):
    """Each fault in every payload of every source at once."""
    before, kept = full_site.cells(), full_site.kept()
    for name, part in PARTS:
        full_site.serve(name, part, fault(name, part, good(name)[part]))
    outcome = full_site.refresh()
    assert_nothing_lost(full_site, before, kept)
    harmless = fault.__name__ in ("a_byte_order_mark", "yesterdays_file")
    assert outcome.code == (0 if harmless else 2), full_site.told


@pytest.mark.parametrize("turn", range(3))
def test_no_fault_of_the_network_changes_an_accepted_value(full_site, turn):
    """All faults at once, each with another payload, and in each turn with other ones."""
    before, kept = full_site.cells(), full_site.kept()
    manifests = {name: one.model_copy(update={"limit_bytes": 100_000}) for name, one in sources.manifests().items()}
    faults = list(QUICK.values())
    for number, place in enumerate(PARTS):
        full_site.publisher.faults[path_of(*place)] = faults[(number + 5 * turn) % len(faults)]
    assert full_site.refresh(manifests=manifests).code == 1, full_site.told
    assert_nothing_lost(full_site, before, kept)
    assert full_site.cells() == before
    assert sum(line.startswith("FAILED") for line in full_site.told) == len(PARTS)


@pytest.mark.parametrize("fault", SLOW)
def test_a_slow_publisher_does_not_hold_up_the_others(site, fault):
    before, kept = site.cells(), site.kept()
    site.publisher.faults = {path_of("crea", "counter"): SLOW[fault]}
    assert site.refresh("crea", "brent_daily", patience=IMPATIENCE).code == 1
    assert_nothing_lost(site, before, kept)
    assert ("series/brent", "2026-02-12", "usd_per_barrel") in site.cells()


@pytest.mark.parametrize("seed", range(3))
def test_no_mixture_of_faults_changes_an_accepted_value(full_site, seed):
    """Every payload with a fault of its own, drawn at random, or none."""
    draw = random.Random(seed)
    before, kept = full_site.cells(), full_site.kept()
    for name, part in PARTS:
        kind = draw.choice(["payload", "payload", "network", "none"])
        if kind == "payload":
            full_site.serve(name, part, draw.choice(PAYLOAD_FAULTS)(name, part, good(name)[part]))
        elif kind == "network":
            full_site.publisher.faults[path_of(name, part)] = draw.choice(
                [QUICK[one] for one in ("404", "nothing", "refused")]
            )
    full_site.refresh()
    assert_nothing_lost(full_site, before, kept)


def test_a_good_refresh_adds_the_newest_rows_and_moves_the_rooms_day(full_site):
    before = full_site.cells()
    assert full_site.refresh().code == 0, full_site.told
    added = {(table, key) for table, key, _ in full_site.cells().keys() - before.keys()}
    assert {("series/general_staff", "2026-02-12"), ("series/brent", "2026-02-12")} <= added
    assert ("series/fossil_exports", "2026-01;oil") in added and ("series/federal_budget", "2026-01") in added
    assert contract(full_site.room)["war"]["as_of"] == "2026-02-12"
    refreshed = next(one for one in contract(full_site.room)["resources"] if one["name"] == "series/brent")["refreshed"]
    assert refreshed["brent_daily"]["prices"]["sha256"] in full_site.kept()


def test_the_same_again_writes_nothing(site):
    site.refresh()
    state = {path: path.stat().st_ino for path in site.room.rglob("*")}
    assert site.refresh().code == 0 and site.says("nothing to write")
    assert {path: path.stat().st_ino for path in site.room.rglob("*")} == state


def test_what_did_not_change_since_is_not_sent_again(site):
    path, body = path_of("brent_daily", "prices"), good("brent_daily")["prices"]

    def conditional(handler):
        same = handler.headers.get("If-None-Match") == '"v1"'
        Publisher.send(handler, b"" if same else body, status=304 if same else 200, ETag='"v1"')

    site.publisher.faults[path] = conditional
    assert site.refresh("brent_daily").code == 0
    assert site.refresh("brent_daily").code == 0 and site.says("nothing changed since the last time")


def test_a_damaged_snapshot_is_fetched_again(site):
    body = good("brent_daily")["prices"]
    reply = serve(body, ETag='"v1"')
    site.publisher.faults[path_of("brent_daily", "prices")] = reply
    site.refresh("brent_daily")
    path = site.snapshots / "content" / hashlib.sha256(body).hexdigest()
    os.chmod(path, 0o644)
    path.unlink()
    assert site.refresh("brent_daily").code == 0 and path.read_bytes() == body


def test_a_source_that_breaks_does_not_hold_up_the_others(full_site):
    full_site.serve("crea", "counter", b"{}")
    full_site.publisher.faults[path_of("deepstate", "map")] = live.status(500)
    assert full_site.refresh().code == 2
    assert ("series/brent", "2026-02-12", "usd_per_barrel") in full_site.cells()


def test_all_tables_of_one_source_are_written_or_none(full_site):
    before = full_site.cells()
    full_site.serve("economist", "statements", b"date\n")
    assert full_site.refresh("economist").code == 2
    assert full_site.cells() == before


def test_only_the_sources_named_are_asked(site):
    assert site.refresh("brent_daily").code == 0
    assert {path for path, _ in site.publisher.asked} == {path_of("brent_daily", "prices")}


def test_an_unknown_source_is_refused_with_the_nearest_name(site):
    with pytest.raises(RefreshError, match="Expected one of bank_of_russia, .*, found 'brent' .nearest: 'brent_daily'"):
        site.refresh("brent")


def test_a_source_whose_speaker_the_room_does_not_know_is_left_out(site):
    known = sources.manifests()
    known = {"brent_daily": known["brent_daily"], "crea": known["crea"].model_copy(update={"speaker": "nobody"})}
    assert site.refresh(manifests=known).code == 0
    assert {path for path, _ in site.publisher.asked} == {path_of("brent_daily", "prices")}
    with pytest.raises(
        RefreshError, match="Expected the speaker 'nobody' of the source 'crea' in sources.csv, found no"
    ):
        site.refresh("crea", manifests=known)


def test_a_broken_room_is_not_refreshed(site):
    set_cell(site.room, "series/general_staff", "2026-02-03", "personnel", "many")
    assert site.refresh().code == 2
    assert site.says("FAILED room: expected a sound room to start from, found") and site.publisher.asked == []


def test_a_column_that_the_room_does_not_know_is_for_a_person(site):
    package = contract(site.room)
    for name in ("series/general_staff", "series/brent"):
        described = next(one for one in package["resources"] if one["name"] == name)["schema"]
        gone = "drones" if name.endswith("staff") else "usd_per_barrel"
        described["fields"] = [field for field in described["fields"] if field["name"] != gone]
        drop_column(site.room, name, gone)
    write_contract(site.room, package)
    assert site.refresh("brent_daily", *MIRRORS).code == 2
    assert site.says("expected columns of series/brent.csv, found 'usd_per_barrel': add it to the room's contract")
    assert site.says("expected columns of series/general_staff.csv, found 'drones'")


def test_a_room_left_aside_by_a_killed_refresh_is_found_again(site):
    site.room.rename(site.room.with_name(".room.old"))
    assert site.refresh("brent_daily").code == 0
    shutil.rmtree(site.room)
    with pytest.raises(RefreshError, match="Expected a data room at .*room, found no such folder"):
        site.refresh("brent_daily")


def test_transcriptions_need_a_series_to_continue(site):
    package = contract(site.room)
    package["resources"] = [
        one
        for one in package["resources"]
        if one["name"] not in ("series/general_staff", "series/transcriptions", "vintages/general_staff")
    ]
    for name in ("series/general_staff", "series/transcriptions", "vintages/general_staff"):
        (site.room / f"{name}.csv").unlink()
    write_contract(site.room, package)
    assert site.refresh("petroivaniuk", "brent_daily").code == 2
    assert site.says(
        "FAILED petroivaniuk, general_staff: Expected series/general_staff in the room, found none: add the"
    )
    assert ("series/brent", "2026-02-12", "usd_per_barrel") in site.cells()  # others are not held up


# ---- several transcriptions of one claim


def with_reading(name, day, value):
    """The payload of a transcription with one total of personnel changed; its part and bytes."""
    part = {"petroivaniuk": "personnel", "russianwarship": "latest"}.get(name, "losses")
    rows, pack = unpack(name, part, good(name)[part])
    for row in rows:
        if row["date"] == day:
            row[COLUMNS[name, part][1]] = value if name != "romansverdan" else str(value)
    return part, pack(rows)


def readings(site, day):
    rows = [
        dict(zip(read_rows(path)[0], row, strict=True))
        for path in [site.room / "series/transcriptions.csv"]
        for row in read_rows(path)[1:]
    ]
    return {row["transcription"]: row for row in rows if row["date"] == day}


def test_a_slip_on_a_new_day_is_outvoted_and_kept_as_data(site):
    site.serve("petroivaniuk", *with_reading("petroivaniuk", "2026-02-12", 5110000))
    assert site.refresh(*MIRRORS).code == 0, site.told
    assert site.cells()["series/general_staff", "2026-02-12", "personnel"] == "511000"
    found = readings(site, "2026-02-12")
    assert found["ukraine_russia_war_dataset"]["value"] == "5110000" and len(found) == 4
    assert {row["decided"] for row in found.values()} == {"511000"}
    assert found["orc_losses"]["verdict"] == "511,000, read by 3 of 4"
    assert site.refresh(*MIRRORS).code == 0 and site.says("nothing to write")


@pytest.mark.parametrize("same", [True, False])
def test_two_transcriptions_wrong_on_an_accepted_day_do_not_move_it(site, same):
    before = site.cells()
    for number, name in enumerate(["petroivaniuk", "romansverdan"]):
        site.serve(name, *with_reading(name, "2026-02-08", 507500 + (0 if same else number)))
    assert site.refresh(*MIRRORS).code == 0
    assert {place: value for place, value in site.cells().items() if place in before} == before
    verdict = readings(site, "2026-02-08")["orc_losses"]["verdict"]
    assert verdict == (
        "507,000, as accepted before; read by 1 of 3" if same else "507,000, as accepted before; 3 transcriptions tie"
    )


def test_two_transcriptions_wrong_in_two_ways_on_a_new_day_leave_it_open(site):
    for name, value in (("petroivaniuk", 511500), ("romansverdan", 511600)):
        site.serve(name, *with_reading(name, "2026-02-12", value))
    site.publisher.faults[path_of("russianwarship", "latest")] = live.status(404)
    assert site.refresh(*MIRRORS).code == 1
    assert ("series/general_staff", "2026-02-12", "personnel") not in site.cells()
    assert site.says("1 new days, first 2026-02-12, wait until 2 transcriptions agree on them")
    found = readings(site, "2026-02-12")
    assert len(found) == 3 and {row["decided"] for row in found.values()} == {""}
    assert found["orc_losses"]["verdict"] == "none yet; 3 transcriptions read 3 values"
    site.publisher.pages, site.publisher.faults = served(), {}
    assert site.refresh(*MIRRORS, today=LATER).code == 0  # they agree a day later
    assert site.cells()["series/general_staff", "2026-02-12", "personnel"] == "511000"


def test_one_transcription_alone_adds_no_day(site):
    assert site.refresh("petroivaniuk").code == 0
    assert ("series/general_staff", "2026-02-12", "personnel") not in site.cells()


def test_a_restatement_by_all_is_taken_over_and_listed(site):
    for name in ("petroivaniuk", "lod_db", "romansverdan"):
        site.serve(name, *with_reading(name, "2026-02-08", 506900))
    assert site.refresh(*MIRRORS).code == 0, site.told
    assert site.cells()["series/general_staff", "2026-02-08", "personnel"] == "506900"
    restated = open_room(site.room).restatements()
    assert restated.iloc[0].tolist()[:5] == ["general_staff", "2026-02-08", "personnel", "507000", "506900"]
    assert site.refresh(*MIRRORS, today=LATER).code == 0 and site.says("nothing to write")


def test_a_frozen_transcription_keeps_its_voice_after_a_restatement(site):
    """To 6 February the room's own file is a fourth transcription; three live ones outvote it, and it is listed."""
    for name in ("petroivaniuk", "lod_db", "romansverdan"):
        site.serve(name, *with_reading(name, "2026-02-05", 503900))
    assert site.refresh(*MIRRORS).code == 0
    found = readings(site, "2026-02-05")
    assert found["own"]["value"] == "504000" and found["own"]["decided"] == "503900"
    assert site.refresh(*MIRRORS, today=LATER).code == 0 and site.says("nothing to write")
    site.publisher.pages = served()  # they take it back: two to two with the value accepted since, which stays
    site.serve("lod_db", *with_reading("lod_db", "2026-02-05", 503900))
    assert site.refresh(*MIRRORS, today=LATER).code == 0
    assert site.cells()["series/general_staff", "2026-02-05", "personnel"] in ("504000", "503900")


def test_a_restatement_against_a_correction_is_for_a_person(site):
    correction = "c1,series/general_staff,2026-02-04,personnel,503000,503100,A slip.,https://e.org,2026-02-12"
    add_row(site.room, "corrections", correction)
    before = site.cells()
    for name in ("petroivaniuk", "lod_db", "romansverdan"):
        site.serve(name, *with_reading(name, "2026-02-04", 503200))
    assert site.refresh(*MIRRORS).code == 2
    assert site.says("expected the correction of personnel on 2026-02-04 to hold, found the transcriptions against it")
    assert site.cells() == before


def test_one_rewritten_transcription_loses_its_voice(site):
    rows, pack = unpack("lod_db", "losses", good("lod_db")["losses"])
    all_history_times_032(rows, "date", "personnel")
    site.serve("lod_db", "losses", pack(rows))
    assert site.refresh(*MIRRORS).code == 2
    assert site.says("FAILED general_staff by orc_losses, revised: 10 of")
    assert site.cells()["series/general_staff", "2026-02-12", "personnel"] == "511000"
    assert "2026-02-05" not in {row[0] for row in read_rows(site.room / "series/transcriptions.csv")}


def test_a_decided_step_out_of_bounds_is_for_a_person(site):
    for name in MIRRORS:
        site.serve(name, *with_reading(name, "2026-02-12", 611000))
    before = site.cells()
    assert site.refresh(*MIRRORS).code == 2 and site.cells() == before
    assert site.says("expected personnel on 2026-02-12 within 15,300.0 of 510,000.0, found 611,000.0")


def test_a_total_that_falls_in_all_transcriptions_is_for_a_person(site):
    for name in MIRRORS:
        site.serve(name, *with_reading(name, "2026-02-12", 509990))
    before = site.cells()
    assert site.refresh(*MIRRORS).code == 2 and site.cells() == before
    assert site.says("breaks the room's contract") and site.says("expected a running total that does not fall")


@pytest.mark.parametrize(
    ("read", "was", "value"),
    [
        ("5 5 5", "5", "5"),
        ("6 6 6", "5", "6"),
        ("6 6 6 5", "5", "6"),
        ("6 6 5", "5", "5"),
        ("6 6", "5", "5"),
        ("6 6 6 5 5", "5", "5"),
        ("6 7 8", "5", "5"),
        ("5 5", "", "5"),
        ("5", "", ""),
        ("5 6", "", ""),
        ("5 5 6 6", "", ""),
        ("5 5 6", "", "5"),
    ],
)
def test_the_rule_of_the_majority(read, was, value):
    assert decide(dict(enumerate(read.split())), was) == value


# ---- limits and vintages


def brent(**changed):
    rows, pack = unpack("brent_daily", "prices", good("brent_daily")["prices"])
    for row in rows:
        row["Price"] = changed.get("d" + row["Date"][-2:], row["Price"])
    return pack(rows)


def test_revisions_within_the_limits_are_taken_over_and_listed(site):
    manifest = sources.manifests()["brent_daily"]
    target = manifest.series["brent"]
    wide = target.model_copy(update={"limits": target.limits.model_copy(update={"revised_share_max": 0.2})})
    manifests = {"brent_daily": manifest.model_copy(update={"series": {"brent": wide}})}
    site.serve("brent_daily", "prices", brent(d03="70.30"))
    assert site.refresh(manifests=manifests, today=LATER).code == 0, site.told
    then, now = open_room(site.room, known=TODAY), open_room(site.room, known=LATER)
    assert then.series("brent").loc["2026-02-03", "usd_per_barrel"] == 70.25
    assert now.series("brent").loc["2026-02-03", "usd_per_barrel"] == 70.30
    assert open_room(site.room).series("brent").equals(now.series("brent"))
    assert len(then.series("brent")) == len(now.series("brent")) - 1  # 12 February came later
    assert open_room(site.room, known=TODAY).restatements().empty
    (one,) = now.restatements().to_dict("records")
    assert (one["series"], one["key"], one["was"], one["value"]) == ("brent", "2026-02-03", "70.25", "70.30")
    assert one["known_from"] == pd.Timestamp(LATER)


def test_before_a_series_was_taken_in_it_is_empty(site):
    assert open_room(site.room, known=TODAY - timedelta(days=1)).series("brent").empty
    held = open_room(site.room, known=TODAY - timedelta(days=1)).series("general_staff")
    assert held.index.max() == pd.Timestamp("2026-02-09")  # what stood there before the log began


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (brent(d03="70.30"), "1 of 8 accepted cells arrived with another value (revised_share_max 0.02)"),
        (
            brent(d03="99"),
            "1 revisions are larger than revised_change_max 0.05, first that of usd_per_barrel on 2026-02-03",
        ),
        (
            brent(d12="7200"),
            "expected usd_per_barrel on 2026-02-12 within 21.5 of 71.8, found 7,200.0 (step_max 0.3 a day)",
        ),
        (b"Date,Price\n2026-02-02,70\n2026-02-12,72\n", "7 of 8 accepted rows missing (missing_max 2); they stay"),
        (brent() + b"2026-03-01,72\n", "expected days up to 2026-02-13, found 2026-03-01"),
    ],
    ids=["share", "change", "step", "missing", "future"],
)
def test_what_is_out_of_bounds_is_refused_with_the_name_of_the_limit(site, body, says):
    before = site.cells()
    site.serve("brent_daily", "prices", body)
    assert site.refresh("brent_daily").code == 2
    assert site.says(says), site.told
    assert site.cells() == before


def test_a_first_value_a_thousand_times_too_large_breaks_the_contract(site):
    package = contract(site.room)
    package["resources"] = [one for one in package["resources"] if one["name"] != "series/brent"]
    (site.room / "series/brent.csv").unlink()
    write_contract(site.room, package)
    site.serve("brent_daily", "prices", brent(d12="72000"))
    assert site.refresh("brent_daily").code == 2
    assert site.says("breaks the room's contract, so what was accepted stays: series/brent.csv")


def test_months_held_stay_where_a_series_is_only_extended(site):
    set_cell(site.room, "series/rub_usd", "2025-12", "rub_per_usd", "80.50")
    assert site.refresh("bank_of_russia").code == 0
    assert site.cells()["series/rub_usd", "2025-12", "rub_per_usd"] == "80.50"
    set_cell(site.room, "series/rub_usd", "2025-12", "rub_per_usd", "90.50")
    assert site.refresh("bank_of_russia").code == 2
    assert site.says("1 revisions are larger than revised_change_max 0.03")


def test_a_value_spelt_otherwise_is_no_revision(site):
    site.serve("brent_daily", "prices", brent(d03="70.250"))
    before = site.cells()
    assert site.refresh("brent_daily").code == 0
    assert {place: value for place, value in site.cells().items() if place in before} == before


def test_a_series_changed_by_hand_against_its_log_is_a_problem(site):
    for name in ("petroivaniuk", "lod_db", "romansverdan"):
        site.serve(name, *with_reading(name, "2026-02-08", 506900))
    site.refresh(*MIRRORS)
    set_cell(site.room, "series/general_staff", "2026-02-08", "personnel", "506800")
    (problem,) = check(site.room, today=TODAY)
    assert "expected '506900' in series/general_staff.csv, row '2026-02-08', column 'personnel', found '506800'" in str(
        problem
    )


def test_a_day_that_is_none_is_refused(site):
    with pytest.raises(RoomError, match="Expected a day as 2022-12-31, found 'soon'"):
        open_room(site.room, known="soon")


# ---- crash, disk, company


KILL = """
import os, sys
from pathlib import Path
from attrition import files
room, change, moment = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
calls = 0
def counted(real):
    def call(*given, **named):
        global calls
        calls += 1
        if calls == moment: os.kill(os.getpid(), 9)
        return real(*given, **named)
    return call
for module, name in ((os, "replace"), (os, "rename"), (os, "fsync"), (files, "exchange"), (files.shutil, "rmtree")):
    setattr(module, name, counted(getattr(module, name)))
if change == "no exchange": files.exchange = lambda *_: False
files.recover(room)
folder = files.staged_at(room)
files.shutil.copytree(room, folder)
files.write_atomically(folder / "a.csv", "new")
files.write_atomically(folder / "b.csv", "new")
files.swap_folder(folder, room)
"""


@pytest.mark.parametrize("change", ["exchange", "no exchange"])
def test_a_kill_in_the_middle_leaves_the_old_room_or_the_new_one(tmp_path, change):
    """Killed at each call that touches a name or the disk, one after the other."""
    seen = set()
    for moment in range(1, 16):
        room = tmp_path / str(moment) / "room"
        room.mkdir(parents=True)
        for name in ("a.csv", "b.csv"):
            (room / name).write_text("old")
        command = [sys.executable, "-c", KILL, str(room), change, str(moment)]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        assert done.returncode in (0, -9), done.stderr
        there = room if room.exists() else room.with_name(".room.old")  # the name is free for a moment without exchange
        assert change == "no exchange" or room.exists()
        recover(room)
        states = {(room / name).read_text() for name in ("a.csv", "b.csv")}
        assert len(states) == 1 and there is not None
        seen |= states
        assert [path.name for path in room.parent.iterdir()] == ["room"]
        if done.returncode == 0:
            break
    assert seen == {"old", "new"}


@pytest.mark.parametrize("moment", [1, 2, 5, 9])
def test_a_full_disk_leaves_the_old_room(site, monkeypatch, moment):
    before, kept, real, calls = site.cells(), site.kept(), os.fsync, []

    def full(handle):
        calls.append(handle)
        if len(calls) >= moment:
            raise OSError(28, "No space left on device")
        return real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        site.refresh("brent_daily", "bank_of_russia", *MIRRORS)
    monkeypatch.setattr(os, "fsync", real)
    assert site.cells() == before and kept.keys() <= site.kept().keys()
    assert site.refresh("brent_daily").code == 0
    assert_nothing_lost(site, before, kept)


def test_two_refreshes_at_once_are_one(site):
    with (
        writing.locked(site.room),
        pytest.raises(RefreshError, match="Expected to be the only refresh of .*, found another"),
    ):
        site.refresh("brent_daily")
    assert site.refresh("brent_daily").code == 0


def test_of_many_at_once_each_finishes_or_is_turned_away(site):
    codes = []

    def one():
        try:
            codes.append(
                refresh(
                    site.room,
                    site.snapshots,
                    names=["brent_daily"],
                    mirror=site.publisher.address,
                    patience=HASTE,
                    today=TODAY,
                    say=lambda _: None,
                ).code
            )
        except RefreshError:
            codes.append("busy")

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 in codes and set(codes) <= {0, "busy"}
    assert check(site.room, today=TODAY) == []


def test_folders_exchange_their_names_in_one_step(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if exchange(tmp_path / "one", tmp_path / "other"):
        assert (tmp_path / "one" / "other").exists() and (tmp_path / "other" / "one").exists()
    swap_folder(tmp_path / "one", tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


# ---- pages


def test_disputed_and_restated_days_reach_the_data_page_escaped(site):
    from attrition import pages

    for name in ("petroivaniuk", "lod_db", "romansverdan"):
        site.serve(name, *with_reading(name, "2026-02-08", 506900))
    site.serve("russianwarship", *with_reading("russianwarship", "2026-02-12", 511500))
    assert site.refresh(*MIRRORS).code == 0
    set_cell(site.room, "series/transcriptions", "2026-02-12", "verdict", SCRIPT)
    text = pages.data_page(open_room(site.room))
    assert "russianwarship" in text and "511,500" in text and "506,900" in text
    assert SCRIPT not in text and "&lt;script&gt;" in text


# ---- the payloads as publishers serve them

CUT = "2025-12-31"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The shipped room refreshed from copies of the publishers' files, after two things were taken out of it.

    Its list of disagreements, and the days of the claim after `CUT`.
    """
    import functools
    import http.server

    folder = tmp_path_factory.mktemp("real")
    shutil.copytree(ROOT / "data", folder / "data")
    listed = read_rows(folder / "data/series/transcriptions.csv")
    write_rows(folder / "data/series/transcriptions.csv", listed[:1])
    header, *rows = read_rows(folder / "data/series/general_staff.csv")
    write_rows(folder / "data/series/general_staff.csv", [header, *(row for row in rows if row[0] <= CUT)])
    package = contract(folder / "data")
    next(one for one in package["resources"] if one["name"] == "series/general_staff")["transcribedUntil"] = CUT
    write_contract(folder / "data", package)
    (folder / "_toc.yml").touch()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(PAYLOADS)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    verified = [name for name, source in sources.manifests().items() if source.verified]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "attrition", "refresh", *verified, "--mirror"]
    command += [f"http://127.0.0.1:{server.server_address[1]}", "--room", str(folder / "data")]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    server.shutdown()
    server.server_close()
    return folder / "data", listed, done


@needs_payloads
def test_the_shipped_room_is_refreshed_from_copies_of_the_publishers_files(real):
    room, _, done = real
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All is well; written: series/area_assessed, series/brent" in done.stdout
    assert [str(problem) for problem in check(room)] == []
    assert (room.parent / "_build" / "snapshots" / "content").is_dir()
    for name in ("named_dead", "rub_usd"):
        assert (room / f"series/{name}.csv").read_bytes() == (ROOT / f"data/series/{name}.csv").read_bytes()
    opened = open_room(room)
    assert opened.series("area_assessed").loc["2026-02-19", "km2"] == 120_974.8
    assert opened.series("uk_chart").loc["2026-01-31", "total"] == 1_230_459


@needs_payloads
def test_the_thirteen_days_in_dispute_are_found_again_and_decided_alike(real):
    room, listed, _ = real
    header = listed[0]

    def rows(table):
        return {
            tuple(
                row[header.index(name)] for name in ("date", "field", "transcription", "value", "majority", "decided")
            )
            for row in table[1:]
        }

    found, known = (
        [row for row in table if row[0] <= CUT or row == header]
        for table in (read_rows(room / "series/transcriptions.csv"), listed)
    )
    assert len({row[0] for row in found[1:] if row[1] == "personnel"}) == 13
    assert rows(found) == rows(known)
    text = page_of(room)
    assert text.count("read by 3 of 4") + text.count("read by 2 of 3") >= 13


@needs_payloads
def test_fifty_days_of_the_claim_are_added_as_the_room_has_them(real):
    """From three live transcriptions come the values that the fourth, frozen one holds; but for one known tie."""
    room, _, _ = real
    found, known = open_room(room).series("general_staff"), open_room(ROOT / "data").series("general_staff")
    new = found[found.index > CUT]
    assert len(new) == 50
    differs = new.ne(known.loc[new.index]) & new.notna()
    assert [(f"{day:%Y-%m-%d}", name) for name in new for day in new.index[differs[name]]] == [("2026-01-17", "tanks")]
    pd.testing.assert_frame_equal(found[:CUT], known[:CUT])
    assert open_room(room, known="2026-02-19").series("general_staff").index.max() == pd.Timestamp(CUT)


def page_of(room):
    from attrition import pages

    return pages.disputed_section(open_room(room))


def test_today_is_a_day_of_the_calendar():
    assert date(2026, 2, 13) == TODAY


def test_accepted_values_outlive_the_snapshots_they_came_from(site):
    """Snapshots lie in `_build`; deleting them, and publishers that are gone, leave every accepted value in place."""
    assert site.refresh(*FEW).code == 0, site.told
    before = site.cells()
    shutil.rmtree(site.snapshots)
    site.publisher.pages = {}
    assert site.refresh(*FEW).code == 1
    assert site.cells() == before and check(site.room, today=LATER) == []
