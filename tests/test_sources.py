"""Readers of live sources: a good payload is read, a broken one is refused with a sentence, nothing is guessed."""

import ast
import json
import random
import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from live import FIXTURES, MIRRORS, TODAY, broken, good

from attrition import sources
from attrition.room import open_room
from attrition.room.tables import scan
from attrition.sources import strict
from attrition.sources.area import polygon_area_km2, ring_area_km2
from attrition.sources.manifest import ManifestError, read_manifest

ROOT = Path(__file__).parents[1]
ROOM = ROOT / "data"
PAYLOADS = ROOT.parent / "shared" / "upstream"
SOURCES = sources.manifests()
needs_payloads = pytest.mark.skipif(not PAYLOADS.is_dir(), reason="payloads as served are not beside the repository")


def read(name, **instead):
    payloads = {part: body for part, body in good(name).items() if part != "catalogue"}
    return sources.parse(SOURCES[name], {**payloads, **instead})


# ---- each source


@pytest.mark.parametrize("name", SOURCES)
def test_a_good_payload_is_read_into_the_columns_of_its_series(name):
    frames = read(name)
    assert set(frames) == set(SOURCES[name].series)
    for series, frame in frames.items():
        resource = SOURCES[name].series[series].resource
        if resource is not None:
            assert set(frame) == {field["name"] for field in resource["schema"]["fields"]}
            assert not frame[resource["schema"]["primaryKey"]].duplicated().any()
        assert len(frame) and (frame.dtypes == "str").all()


# what each broken payload has to be refused with
SAYS = {
    "personnel-renamed.json": "Expected the field 'personnel' in personnel, record 1, found none: has it been renamed",
    "equipment-new-kind.json": "Expected only known fields in equipment, record 12, found 'ground robots'",
    "equipment-newest-without-submarines.json": "Expected the field 'submarines' in equipment, record 12, found none",
    "personnel-as-text.json": r"Expected a whole number in personnel, record 12, personnel, found '511\\xa0000'",
    "personnel-day-twice.json": "Expected each date once in personnel, found '2026-02-12' again",
    "losses-null-day.json": "Expected a day such as 2022-12-31 in losses, record 1, found 'None'",
    "losses-negative.json": "Expected a whole number in losses, record 1, tanks, found '-3'",
    "losses-in-an-object.json": "Expected a list of records in losses, found",
    "losses-without-uavs.json": "Expected the field 'uavs' in losses, record 1, found none",
    "losses-renamed.csv": "Expected the column 'tanks' once in losses, found none",
    "losses-day-first.csv": "Expected a day such as 2022-12-31 in losses, row 2, found '01.02.2026'",
    "losses-comma.csv": "Expected a whole number in losses, row 13, personnel, found '511,000'",
    "losses-short-row.csv": "Expected 16 cells in losses, row 13, found 15",
    "latest-message-only.json": "Expected the field 'data' in latest, found none",
    "latest-new-kind.json": "Expected only known fields in latest, stats, found 'robots'",
    "latest-as-text.json": "Expected a whole number in latest, stats, tanks, found '1,000'",
    "prices-gap.csv": "Expected a plain number in prices, row 11, found '.'",
    "prices-renamed.csv": "Expected the column 'Date' once in prices, found none",
    "prices-comma.csv": "Expected a plain number in prices, row 11, found '72,25'",
    "prices-extra.csv": "Expected the column 'Unit' once in prices, found one that is not known",
    "rates-entity.xml": "Expected XML in rates, found none .*EntitiesForbidden",
    "rates-other-currency.xml": "Expected rates of R01235, found 'R01239'",
    "rates-point.xml": "Expected a plain number in rates, record 1, found '80.2000'",
    "rates-nominal-zero.xml": "Expected a rate for a nominal amount in rates, record 1, found none that fits",
    "rates-wrong-unit.xml": "Expected a rate for a nominal amount in rates, record 1, found none that fits",
    "rates-few-days.xml": "Expected 10 days or more in 2025-12 in rates, found fewer",
    "budget-gap.csv": "Expected totals for every month to 2025-04 in budget, found a gap",
    "budget-unknown-month.csv": "in budget, row 14, found the unknown label 'Jan'",
    "budget-renamed.csv": "Expected the column 'Доходы, всего' once in budget, found none",
    "budget-does-not-balance.csv": "Expected revenue less spending to be the balance of 2026-01, found otherwise",
    "counter-unknown-fuel.json": "in counter, record 1, found the unknown label 'hydrogen'",
    "counter-script.json": "Expected a two-letter code in counter, record 1, found '<script>",
    "counter-twice.json": "Expected each month and fuel and buyer once in counter, found '2025-11;oil;AA' again",
    "counter-not-a-number.json": "Expected JSON in counter, found something else .*NaN",
    "counter-no-value.json": "Expected a value in counter, record 1, found none",
    "map-latitude-first.geojson": "Expected closed rings of longitude and latitude in map, record 1, found",
    "map-open-ring.geojson": "in map, record 1, found 'an open ring'",
    "map-a-line.geojson": "Expected polygons in map, record 1, found 'LineString'",
    "map-no-day.geojson": "Expected a day such as deepstatemap_data_20221231 in map, name, found 'latest'",
    "weeks-week-60.csv": "Expected an ISO week in weeks, row 14, found 2025-60",
    "statements-unknown-speaker.csv": "in statements, row 6, found the unknown label '<script>",
    "statements-script-address.csv": r"Expected an address in statements, row 6, found 'javascript:alert\(1\)'",
    "statements-nbsp.csv": r"Expected a whole number in statements, row 6, found '1\\xa0200'",
    "chart-does-not-add-up.csv": "Expected months that add up to the total in chart, row 9, found otherwise",
    "area-latin-1.csv": "Expected UTF-8 text in area, found byte 207 to be none",
}
BROKEN = [(name, file, part, body) for name in SOURCES for file, part, body in broken(name)]


@pytest.mark.parametrize(("name", "file", "part", "body"), BROKEN, ids=[f"{one[0]}-{one[1]}" for one in BROKEN])
def test_a_broken_payload_is_refused_with_a_sentence(name, file, part, body):
    with pytest.raises(strict.SourceError, match=SAYS[file]) as refused:
        read(name, **{part: body})
    assert "\n" not in str(refused.value) and str(refused.value).endswith((".", "?"))


def test_every_source_has_a_reader_a_description_and_good_and_broken_payloads():
    folder = Path(sources.__file__).parent
    for name in SOURCES:
        assert (folder / f"{name}.py").exists()
        assert good(name) and len(list(broken(name))) >= 3
    assert {path.name for path in FIXTURES.iterdir()} == set(SOURCES)
    assert set(SAYS) == {file for _, file, _, _ in BROKEN}


def test_no_payload_of_the_fixtures_is_a_publishers():
    """The fixtures are small and invented."""
    assert all(path.stat().st_size < 10_000 for path in FIXTURES.rglob("*") if path.is_file())


def test_adding_a_source_takes_few_lines():
    lengths = {name: len((Path(sources.__file__).parent / f"{name}.py").read_text().splitlines()) for name in SOURCES}
    assert min(lengths.values()) <= 40 and max(lengths.values()) <= 150


def test_readers_are_pure():
    """No reader opens a file or an address: it is given bytes."""
    for name in SOURCES:
        tree = ast.parse((Path(sources.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "id")}
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not called & {"open", "print", "Path"}
        assert not {name for name in imported if name and name.startswith(("httpx", "pathlib", "os", "urllib"))}


def test_sources_that_feed_one_series_are_transcriptions_of_one_claim():
    fed = {}
    for source in SOURCES.values():
        for series, target in source.series.items():
            fed.setdefault(series, []).append(target.transcription)
    for transcriptions in fed.values():
        assert len(transcriptions) == 1 or (
            None not in transcriptions and len(set(transcriptions)) == len(transcriptions)
        )
    assert len(fed["general_staff"]) == len(MIRRORS)


def test_speakers_and_measures_of_the_sources_are_those_of_the_shipped_room():
    room = open_room(ROOM)
    speakers, measures = set(room.sources().index), set(room.definitions().index)
    for source in SOURCES.values():
        assert {source.speaker, *source.labels.get("source", {}).values()} <= speakers
        for series, target in source.series.items():
            fields = (target.resource or {}).get("schema", {}).get("fields", [])
            assert {field["measure"] for field in fields if "measure" in field} <= measures, series
            assert target.resource or f"series/{series}" in room.contract.tables
            assert all(field["description"].endswith(".") for field in fields)


ODD = [
    None,
    True,
    -1,
    0,
    10**30,
    1.5,
    "",
    "x",
    "<script>",
    "2026-02-30",
    [],
    {},
    [[]],
    {"a": 1},
    "1e99",
    "\u0663",
    "\0",
]


def spoilt(content, draw):
    """A JSON value with something odd in one random place."""
    if isinstance(content, dict) and content and draw.random() < 0.9:
        key = draw.choice(list(content))
        return {**content, key: spoilt(content[key], draw)}
    if isinstance(content, list) and content and draw.random() < 0.9:
        place = draw.randrange(len(content))
        return [*content[:place], spoilt(content[place], draw), *content[place + 1 :]]
    return draw.choice(ODD)


def spoilt_bytes(body, draw):
    """Bytes with a few of them changed, doubled or taken out."""
    for _ in range(draw.randrange(1, 4)):
        place = draw.randrange(len(body))
        middle = draw.choice([b"", bytes([draw.randrange(256)]), body[place : place + 9] * 2, b'"', b",", b"\n"])
        body = body[:place] + middle + body[place + draw.randrange(3) :]
    return body


@pytest.mark.parametrize("name", SOURCES)
def test_whatever_arrives_is_read_or_refused_with_a_sentence(name):
    """Random damage, to values and to bytes: no reader ever stops in another way."""
    draw = random.Random(name)
    refused = 0
    for part, body in good(name).items():
        if part == "catalogue":
            continue
        for _ in range(60):
            if body.startswith((b"[", b"{")) and draw.random() < 0.7:
                changed = json.dumps(spoilt(json.loads(body), draw)).encode()
            else:
                changed = spoilt_bytes(body, draw)
            try:
                assert read(name, **{part: changed})
            except strict.SourceError as error:
                refused += 1
                assert "\n" not in str(error)
    assert refused > 20


# ---- descriptions


def test_an_address_names_the_day():
    assert SOURCES["deepstate"].on(TODAY)["map"].endswith("deepstatemap_data_20260212.geojson")
    assert "date_req2=13/02/2026&" in SOURCES["bank_of_russia"].on(TODAY)["rates"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a list", "Expected entries such as 'title: ...' in .*odd.yml, found none"),
        ("title: [", "Expected YAML in .*odd.yml, found something else"),
        ("title: t", "In odd.yml, entry 'publisher': field required"),
        ("colour: red", "entry 'colour'|entry 'title'"),
        ("addresses: {a: 'http://e.org'}", "entry '.*'"),
    ],
)
def test_a_malformed_description_is_refused(tmp_path, text, message):
    (tmp_path / "odd.yml").write_text(text)
    with pytest.raises(ManifestError, match=message):
        read_manifest(tmp_path / "odd.yml")


def test_an_address_without_https_is_refused(tmp_path):
    text = (Path(sources.__file__).parent / "brent_daily.yml").read_text().replace("https://", "http://")
    (tmp_path / "brent_daily.yml").write_text(text)
    with pytest.raises(ManifestError, match="entry 'addresses': value error, expected an address with https"):
        read_manifest(tmp_path / "brent_daily.yml")


# ---- strict reading


@pytest.mark.parametrize("value", ["1 200", "1,200", "1.200,5", "٣", "0x10", "1e5", True, -1, "1" * 13, [1]])
def test_a_whole_number_spelt_otherwise_is_refused(value):
    with pytest.raises(strict.SourceError, match="Expected a whole number in here, found"):
        strict.whole(value, "here")


@pytest.mark.parametrize("value", ["1 200.5", "1,5", "nan", "inf", "1.2.3", "", None])
def test_numbers_are_plain_or_nothing(value):
    if value:
        with pytest.raises(strict.SourceError, match="Expected a plain number in here, found"):
            strict.number(value, "here")
    else:
        assert strict.number(value, "here") is None


@pytest.mark.parametrize("value", ["2026-2-1", "2026-02-30", "20260201", " 2026-02-01", 20260201, None])
def test_a_day_spelt_otherwise_is_refused(value):
    with pytest.raises(strict.SourceError, match="Expected a day such as 2022-12-31 in here, found"):
        strict.day(value, "here")


def test_json_that_would_overflow_is_refused():
    with pytest.raises(strict.SourceError, match="Expected JSON in here, found something else"):
        strict.read_json(b"[" * 100_000, "here")
    with pytest.raises(strict.SourceError, match="Expected JSON in here, found something else"):
        strict.read_json(b"1" * 5_000, "here")


def test_decimals_are_read_exactly():
    assert strict.read_json(b"0.1", "here") == Decimal("0.1")
    assert strict.rounded(Decimal("2.675"), 2) == "2.68" or strict.rounded(Decimal("2.675"), 2) == "2.67"
    assert strict.rounded(Decimal("-0.001"), 1) == "0.0"


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"a,b\n1,2\n", "Expected the column 'c' once in here, found none"),
        (b"a,b,c,c\n", "Expected the column 'c' once in here, found it twice"),
        (b"a,b,c,d\n", "Expected the column 'd' once in here, found one that is not known"),
        (b'a,b,c\n"1,2,3\n', "Expected plain CSV in here, found a malformed one"),
        (b"a,b,c\n1,2\n", "Expected 3 cells in here, row 2, found 2"),
        (b"", "Expected the column 'a' once in here, found none"),
        ("a,b,c\n".encode("utf-16"), "Expected UTF-8 text in here, found byte 1 to be none"),
    ],
)
def test_csv_that_is_not_as_known_is_refused(payload, message):
    with pytest.raises(strict.SourceError, match=message):
        strict.csv_records(payload, ["a", "b", "c"], "here")


def test_a_byte_order_mark_is_no_part_of_the_first_column():
    (record,) = strict.csv_records(b"\xef\xbb\xbfa\n1\n", ["a"], "here")
    assert record.pop("a") == "1"


def test_quotes_of_foreign_text_are_short_and_on_one_line():
    assert strict.quote("a\nb\x1b[31m") == r"'a\nb\x1b[31m'"
    assert len(strict.quote("<script>" * 100)) <= strict.LONGEST_QUOTE + 2


# ---- what single readers compute


def test_weeks_are_spread_over_their_days():
    frame = read("economist")["named_dead"].set_index("month")
    # weeks 40 to 52 of 2025 run from 29 September: two of its days, 14 of the 3 x 7 days of week 40 to 42, and so on
    assert frame.loc["2025-09", "named_end_2025"] == f"{630 * 2 / 7:.1f}"
    assert frame.loc["2025-10", "named_end_2025"] == f"{630 * 31 / 7:.1f}"
    assert frame["named_end_2025"].astype(float).sum() == pytest.approx(13 * 630, abs=0.3)
    assert frame.loc["2025-12", "estimate"] == "" and frame.loc["2025-12", "predicted"] != ""


def test_a_rate_for_ten_counts_for_one():
    frame = read("bank_of_russia")["rub_usd"].set_index("month")
    days = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert frame.loc["2025-12", "rub_per_usd"] == f"{80 + np.mean(days) / 10:.2f}"
    assert list(frame.index) == ["2025-12", "2026-01"]  # February is still running


def test_totals_from_january_become_months():
    frame = read("minfin")["federal_budget"].set_index("month").astype(float)
    assert frame.loc["2025-01", "revenue"] == 3001 and frame.loc["2025-02", "revenue"] == 3003
    assert frame.loc["2026-01", "expenditure"] == 3200
    assert np.allclose(frame["revenue"] - frame["expenditure"], frame["balance"])


def test_values_are_summed_over_buyers_known_and_not():
    frame = read("crea")["fossil_exports"].set_index(["month", "fuel"]).astype(float)
    assert frame.loc[("2025-11", "oil"), "billion_eur"] == 6.0
    assert set(frame.index.get_level_values("month")) == {"2025-11", "2025-12", "2026-01"}  # the last one is running


# ---- area


def box(west, south, east, north, step=0.05):
    """A box along meridians and parallels; along a parallel an edge is straight in degrees and in the projection."""
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def exact_box_km2(west, south, east, north):
    """Area on WGS 84 between meridians and parallels, integrated numerically over latitude."""
    a, f = 6378.137, 1 / 298.257223563
    e2 = f * (2 - f)
    latitude = np.radians(np.linspace(south, north, 200_001))
    strip = a**2 * (1 - e2) * np.cos(latitude) / (1 - e2 * np.sin(latitude) ** 2) ** 2
    return np.trapezoid(strip, latitude) * np.radians(east - west)


@pytest.mark.parametrize("corners", [(0, 0, 1, 1), (22, 44, 40, 52), (36, 47, 38, 48), (-10, -60, 5, 60)])
def test_boxes_have_their_exact_area(corners):
    assert ring_area_km2(box(*corners)) == pytest.approx(exact_box_km2(*corners), rel=1e-9)


def test_the_whole_earth_has_the_area_of_the_ellipsoid():
    halves = [ring_area_km2(box(-180, south, 180, south + 90)) for south in (-90, 0)]
    assert sum(halves) == pytest.approx(510_065_621.724, rel=1e-9)  # 2 pi a^2 (1 + (1 - e^2) artanh(e) / e)
    assert halves[0] == pytest.approx(halves[1])


def test_a_cap_has_its_closed_form():
    e = np.sqrt(2 / 298.257223563 - 1 / 298.257223563**2)
    sine = np.sin(np.radians(60))

    def q(s):
        return (1 - e**2) * (s / (1 - (e * s) ** 2) + np.log((1 + e * s) / (1 - e * s)) / (2 * e))

    cap = np.pi * 6378.137**2 * (q(1.0) - q(sine))
    assert ring_area_km2(box(-180, 60, 180, 90)) == pytest.approx(cap, rel=1e-9)


def test_holes_are_taken_off_and_direction_does_not_matter():
    outer, hole = box(30, 45, 34, 48), box(31, 46, 32, 47)
    whole = polygon_area_km2([outer, hole])
    assert whole == pytest.approx(exact_box_km2(30, 45, 34, 48) - exact_box_km2(31, 46, 32, 47), rel=1e-9)
    assert polygon_area_km2([outer[::-1], hole]) == pytest.approx(whole)


def test_edges_of_a_degree_cost_less_than_a_ten_thousandth():
    """A slanted edge counts as straight in the projection; here against the same edge in 1,000 pieces."""
    corners = [(35.0, 47.0), (36.0, 48.0), (35.0, 49.0), (34.0, 48.0), (35.0, 47.0)]
    pieces = [
        (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)
        for a, b in pairwise(corners)
        for t in np.linspace(0, 1, 1_000, endpoint=False)
    ]
    fine = ring_area_km2([*pieces, corners[-1]])
    assert ring_area_km2(corners) == pytest.approx(fine, rel=1e-4)


def test_the_area_of_a_map_is_that_of_its_polygons():
    expected = exact_box_km2(36, 47, 38, 48) - exact_box_km2(36.5, 47.2, 36.6, 47.3) + exact_box_km2(33, 45, 35, 46)
    (row,) = read("deepstate")["area_map"].to_dict("records")
    assert row == {"date": "2026-02-12", "km2": f"{expected:.1f}"}


# ---- payloads as served


def as_served(name):
    from urllib.parse import unquote

    paths = {
        part: PAYLOADS / unquote(address.removeprefix("https://")) for part, address in SOURCES[name].addresses.items()
    }
    return {part: path.read_bytes() for part, path in paths.items()}


@needs_payloads
@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source.verified])
def test_what_is_called_verified_reads_a_payload_as_served(name):
    assert all(len(frame) for frame in sources.parse(SOURCES[name], as_served(name)).values())


@needs_payloads
def test_what_is_not_verified_has_no_payload_here():
    for source in SOURCES.values():
        if not source.verified:
            assert not any(
                (PAYLOADS / address.removeprefix("https://")).exists() for address in source.addresses.values()
            )


@needs_payloads
def test_the_weekly_table_gives_the_series_of_the_room_to_the_digit():
    frame = sources.parse(SOURCES["economist"], as_served("economist"))["named_dead"]
    header, rows, _ = scan(ROOM / "series" / "named_dead.csv")
    held = pd.DataFrame(rows, columns=header, dtype="str")
    pd.testing.assert_frame_equal(frame[header].reset_index(drop=True), held)


def test_descriptions_say_who_publishes_and_what_to_beware_of():
    for source in SOURCES.values():
        assert source.title and source.publisher and source.licence
        assert source.note.strip().endswith(".")
        assert source.verified or re.search(
            r"no payload as served was seen|not run on a payload as\s+served", source.note
        )
