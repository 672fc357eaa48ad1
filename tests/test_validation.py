import json

import pytest
import rooms
from hypothesis import given, settings
from hypothesis import strategies as st

from attrition.room import RoomError, open_room
from attrition.room.contract import Problem, load_contract
from attrition.room.validation import check


@pytest.fixture
def folder(tmp_path):
    return rooms.write_room(tmp_path)


def found(folder):
    return [str(problem) for problem in check(folder, today=rooms.TODAY)]


def test_a_sound_room_has_no_problems(folder):
    assert found(folder) == []


def test_a_problem_says_where_it_is():
    assert str(Problem("a.csv", 3, "low", "is wrong.")) == "a.csv, row 3, column low: is wrong."
    assert str(Problem("a.csv", 0, "", "is missing.")) == "a.csv: is missing."


def cell(name, key, column, value):
    return lambda folder: rooms.set_cell(folder, name, key, column, value)


def content(name, data):
    return lambda folder: (folder / f"{name}.csv").write_bytes(data)


def row(name, text):
    return lambda folder: rooms.add_row(folder, name, text)


def contract(change):
    def spoil(folder):
        package = rooms.contract(folder)
        change(package)
        rooms.write_contract(folder, package)

    return spoil


def rewrite(name, change):
    return lambda folder: rooms.write_rows(folder / f"{name}.csv", change(rooms.read_rows(folder / f"{name}.csv")))


COPY = "L7,losses,dead,AA,,,2030-01-31,2030-01-01,2030-01-31,,5,,exact,persons,count,list,z,https://e.org/9,,,p"
LOSSES = "evidence/losses"
FAULTS = {
    # types and constraints
    "wrong number": (
        cell(LOSSES, "L1", "central", "many"),
        "losses.csv, row 2, column central: expected a number, found 'many'",
    ),
    "infinite": (cell(LOSSES, "L1", "central", "inf"), "row 2, column central: expected a number, found 'inf'"),
    "wrong integer": (
        cell("series/daily", "2030-01-03", "lost", "3.5"),
        "row 4, column lost: expected a whole number, found '3.5'",
    ),
    "wrong date": (
        cell(LOSSES, "L2", "as_of", "2030-02-30"),
        "row 3, column as_of: expected a date as 2022-12-31, found '2030-02-30'",
    ),
    "loose date": (
        cell(LOSSES, "L2", "as_of", "2030-3-1"),
        "row 3, column as_of: expected a date as 2022-12-31, found '2030-3-1'",
    ),
    "wrong month": (
        cell("series/monthly", "2030-02", "month", "2030-13"),
        "column month: expected a month as 2022-12, found '2030-13'",
    ),
    "missing url": (
        cell(LOSSES, "L3", "url", ""),
        "losses.csv, row 4, column url: expected a value, found an empty cell",
    ),
    "no address": (cell(LOSSES, "L3", "url", "see there"), "column url: expected a text like https?://"),
    "enum": (
        cell(LOSSES, "L3", "bound", "roughly"),
        "column bound: expected one of exact, about, at_least, at_most, found 'roughly'",
    ),
    "negative": (
        cell("series/daily", "2030-01-01", "lost", "-5"),
        "row 2, column lost: expected at least 0, found '-5'",
    ),
    # keys and references
    "duplicate id": (row(LOSSES, COPY), "losses.csv, row 12, column id: expected the key 'L7' once, found it again"),
    "duplicate day": (row("series/monthly", "2030-02,1,2,3"), "column month: expected the key '2030-02' once"),
    "no key": (cell(LOSSES, "L3", "id", ""), "row 4, column id: expected a key, found empty cells"),
    "id elsewhere": (
        cell("evidence/trade", "T1", "id", "L7"),
        "expected an id of its own, found 'L7' in evidence/losses.csv too",
    ),
    "unknown measure": (
        cell(LOSSES, "L7", "measure", "deads"),
        "column measure: found 'deads', which definitions.csv does not know: add it there or correct the cell "
        "(nearest: 'dead')",
    ),
    "unknown source": (
        cell(LOSSES, "L7", "source", "lists"),
        "column source: found 'lists', which sources.csv does not know",
    ),
    "unknown speaker": (cell("claims", "c1", "speaker", "nobody"), "claims.csv, row 2, column speaker: found 'nobody'"),
    "unknown side": (
        cell(LOSSES, "L7", "side", "CC"),
        "column side: expected one of AA, BB, found 'CC': name it in war.sides",
    ),
    # figures
    "unit": (
        cell(LOSSES, "L7", "unit", "thousand"),
        "column unit: expected 'persons', the unit of 'dead', found 'thousand': convert the number",
    ),
    "unit of a claim": (cell("claims", "c1", "unit", "tonnes"), "claims.csv, row 2, column unit: expected 'persons'"),
    "topic": (
        cell(LOSSES, "L7", "topic", "trade"),
        "column topic: expected 'losses' as the file is called, found 'trade'",
    ),
    "other topic": (
        cell(LOSSES, "L7", "measure", "men"),
        "column measure: found 'men', a measure of 'trade': move the row",
    ),
    "topic without file": (
        cell("definitions", "men", "topic", "trad"),
        "definitions.csv, row 7, column topic: expected a topic that",
    ),
    "low above central": (
        cell(LOSSES, "L7", "low", "1100"),
        "column low: expected low not above central, found 1100 and 1000",
    ),
    "central above high": (
        cell(LOSSES, "L7", "high", "900"),
        "column central: expected central not above high, found 1000 and 900",
    ),
    "low above high": (
        cell(LOSSES, "L10", "low", "4000"),
        "column low: expected low not above high, found 4000 and 3500",
    ),
    "claim reversed": (
        cell("claims", "c1", "value_low", "3000"),
        "expected value_low not above value_high, found 3000 and 2000",
    ),
    "floor elsewhere": (
        cell(LOSSES, "L8", "central", "950"),
        "a number in low and in no other column for a figure that is at_least",
    ),
    "floor without low": (
        cell(LOSSES, "L8", "low", ""),
        "a number in low and in no other column for a figure that is at_least",
    ),
    "ceiling elsewhere": (
        cell(LOSSES, "L9", "low", "1"),
        "a number in high and in no other column for a figure that is at_most",
    ),
    "no number": (cell(LOSSES, "L1", "central", ""), "expected a number in low, central or high, found none"),
    "period reversed": (
        cell(LOSSES, "L7", "period_start", "2030-02-05"),
        "expected a day up to 2030-01-31, found 2030-02-05: the period is reversed",
    ),
    "period without start": (
        cell(LOSSES, "L7", "period_start", ""),
        "expected a first day beside the last one, found none",
    ),
    "total from later": (
        cell(LOSSES, "L10", "period_start", "2030-03-01"),
        "expected 2030-01-01, the war's first day, for the running total 'dead_total', found 2030-03-01",
    ),
    "future": (
        cell(LOSSES, "L7", "as_of", "2030-05-02"),
        "column as_of: expected a day up to today, 2030-05-01, found 2030-05-02",
    ),
    "future release": (cell(LOSSES, "L7", "published", "2031-01-01"), "column published: expected a day up to today"),
    "after compiling": (
        cell(LOSSES, "L7", "as_of", "2030-05-01"),
        "expected a day up to 2030-04-30, to which the room is compiled, found 2030-05-01: raise war.as_of",
    ),
    "future month": (row("series/monthly", "2030-06,1,2,3"), "column month: expected a day up to today"),
    "future correction": (
        cell("corrections", "k1", "decided_on", "2030-05-02"),
        "column decided_on: expected a day up to today",
    ),
    # speakers
    "copies nobody": (
        cell("sources", "echo", "copies", "staff;lisst"),
        "found 'lisst', which is no id of sources.csv: add or correct",
    ),
    "copies itself": (
        cell("sources", "staff", "copies", "staff"),
        "expected no circle, found that staff is copied by staff",
    ),
    "copies in a circle": (
        cell("sources", "staff", "copies", "echo"),
        "sources.csv, row 2, column copies: expected no circle",
    ),
    # corrections
    "correction mismatch": (
        cell("series/daily", "2030-01-20", "lost", "2000"),
        "corrections.csv, row 2, column expected: the correction 'k1' expected '9999' "
        "in series/daily.csv, row '2030-01-20'",
    ),
    "correction of nothing": (
        cell("corrections", "k1", "key", "1999-01-01"),
        "found no row '1999-01-01' with a column 'lost'",
    ),
    "correction elsewhere": (
        cell("corrections", "k1", "resource", "series/dayly"),
        "column resource: found 'series/dayly', which is no table: correct it (nearest: 'series/daily')",
    ),
    # series
    "falling": (
        cell("series/daily", "2030-01-25", "lost", "2399"),
        "row 26, column lost: expected a running total that does not fall, found 2399 on 2030-01-25 after "
        "2400: correct it in",
    ),
    "no fall": (
        contract(lambda p: rooms.described(p, "series/daily", "guns")["falls"].update({"2030-02-09": "restated"})),
        "series/daily.csv, column guns: expected a fall on 2030-02-09 as the contract lists it, found none",
    ),
    # files
    "missing file": (lambda folder: (folder / "events.csv").unlink(), "events.csv: expected this file, found none"),
    "unlisted file": (
        lambda folder: (folder / "evidence/more.csv").write_text("a\n1\n"),
        "evidence/more.csv: found a table that the contract does not list",
    ),
    "unknown column": (
        rewrite(LOSSES, lambda rows: [[*rows[0], "x"], *([*line, ""] for line in rows[1:])]),
        "losses.csv, row 1, column x: found a column that the contract does not know",
    ),
    "missing column": (
        lambda folder: rooms.drop_column(folder, LOSSES, "unit"),
        "losses.csv, row 1, column unit: expected this column, found none",
    ),
    "doubled column": (
        rewrite(LOSSES, lambda rows: [[*line, line[0]] for line in rows]),
        "losses.csv, row 1, column id: found this column twice",
    ),
    "too many cells": (
        rewrite(LOSSES, lambda rows: [*rows[:2], [*rows[2], "x"], *rows[3:]]),
        "losses.csv, row 3: expected 21 cells as in the header, found 22",
    ),
    "blank line": (
        content("events", b"date,kind,title,topic,url,note\n\n"),
        "events.csv, row 2: expected 6 cells as in the header, found 0",
    ),
    "binary": (content(LOSSES, b"\x89PNG\x0d\x0a\x1a\xff"), "losses.csv: expected UTF-8 text, found byte 1 to be none"),
    "zeros": (content(LOSSES, b"id,\0\n"), "losses.csv: expected text, found binary zeros"),
    "quotes": (content(LOSSES, b'id,topic\n"L1,losses\n'), "losses.csv: expected plain CSV, found a malformed one"),
    "empty": (content(LOSSES, b""), "losses.csv: expected a header with column names, found an empty file"),
    # the contract
    "unknown measure of a column": (
        contract(lambda p: rooms.described(p, "series/daily", "lost").update(measure="lost_totals")),
        "found the unknown measure 'lost_totals' in field 'lost' of resource 'series/daily': add or correct it "
        "(nearest: 'lost_total')",
    ),
    "unknown source of a series": (
        contract(lambda p: rooms.resource(p, "series/daily").update(source="staf")),
        "found the unknown source 'staf' in resource 'series/daily'",
    ),
    "unknown side of a series": (
        contract(lambda p: rooms.resource(p, "series/daily").update(side="CC")),
        "found the unknown side 'CC' in resource 'series/daily'",
    ),
    "unknown claim": (
        contract(lambda p: p["war"]["daily_claim"].update(measure="all")),
        "datapackage.json: found the unknown measure 'all' in war.daily_claim",
    ),
    "compiled in the future": (
        contract(lambda p: p["war"].update(as_of="2031-01-01")),
        "datapackage.json: expected war.as_of up to today, 2030-05-01, found 2031-01-01",
    ),
    "invalid package": (
        contract(lambda p: rooms.resource(p, "series/daily")["schema"].update(missingValues="none")),
        "datapackage.json: expected a valid data package, found that",
    ),
}


@pytest.mark.parametrize(("spoil", "sentence"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_named(folder, spoil, sentence):
    spoil(folder)
    assert [problem for problem in found(folder) if sentence in problem], found(folder)


def table(**changes):
    """A contract with one table, otherwise nothing."""
    one = {"name": "a", "path": "a.csv", "schema": {"fields": [{"name": "bee"}]}}
    return {"resources": [{**one, **changes}]}


def column(**changes):
    return table(schema={"fields": [{"name": "bee", **changes}]})


BROKEN = {
    "not json": ("{", "expected JSON in datapackage.json, found something else"),
    "not text": (b"\xff\xfe{", "expected JSON in datapackage.json, found something else"),
    "no object": ("[]", "expected an object in datapackage.json, found a list: put it in braces"),
    "no resources": (
        {"resources": []},
        "resources: list should have at least 1 item after validation, not 0, found []",
    ),
    "no name": (table(name=""), "resources 0 name: expected a name or a text, found none: fill it in."),
    "no path": (table(path=None), "resources 'a' path: expected a valid string, found null: correct the contract."),
    "outside": (table(path="../a.csv"), "resources 'a' path: expected a path inside the room, found '../a.csv'"),
    "absolute": (table(path="/a.csv"), "resources 'a' path: expected a path inside the room, found '/a.csv'"),
    "no schema": (
        {"resources": [{"name": "a", "path": "a.csv"}]},
        "resources 'a' schema: expected this property, found none: add",
    ),
    "schema outside": (table(schema="../s.json"), "expected the path of a schema inside the room, found '../s.json'"),
    "lost schema": (table(schema="schema.json"), "expected the file schema.json in"),
    "type": (
        column(type="geo"),
        "resources 'a' schema fields 'bee' type: expected 'string', 'number', 'integer', 'date'",
    ),
    "limit": (
        column(constraints={"minimum": "few"}),
        "fields 'bee' constraints minimum: expected a valid number, found \"few\"",
    ),
    "unknown limit": (column(constraints={"mini": 1}), "constraints mini: extra inputs are not permitted, found 1"),
    "pattern": (column(constraints={"pattern": "("}), "constraints pattern: expected a pattern, found '('"),
    "fall": (column(falls={"soon": "why"}), "falls soon [key]: expected a day as 2022-12-31, found 'soon'"),
    "key": (
        table(schema={"fields": [{"name": "bee"}], "primaryKey": ["be"]}),
        "resources 'a': expected 'be', used as a key, reference or date, among the fields, found none",
    ),
    "no date": (
        table(dateField="bee"),
        "resources 'a': expected a column of dates for 'dateField' and 'knownBy', found 'bee'",
    ),
    "column twice": (table(schema={"fields": [{"name": "bee"}] * 2}), "expected each column once, found 'bee' twice"),
    "reference": (
        table(schema={"fields": [{"name": "bee"}], "foreignKeys": [{}]}),
        "resources 'a' schema foreignKeys 0 reference: expected this property, found none: add it",
    ),
}


def refused(folder):
    """The problems of a broken contract, with the first of which the room is refused."""
    problems = found(folder)
    assert all(problem.startswith("datapackage.json: ") for problem in problems)
    with pytest.raises(RoomError) as error:
        load_contract(folder)
    assert str(error.value) == problems[0]
    return problems


@pytest.mark.parametrize(("given", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_broken_contract_is_refused(folder, given, sentence):
    data = json.dumps({**given, "war": rooms.WAR}) if isinstance(given, dict) else given
    (folder / "datapackage.json").write_bytes(data if isinstance(data, bytes) else data.encode())
    assert any(sentence in problem for problem in refused(folder)), found(folder)


WARS = {
    "none": (lambda p: p.pop("war"), "war: expected this property, found none: add it."),
    "no claim": (lambda p: p["war"].pop("daily_claim"), "war daily_claim: expected this property, found none"),
    "day": (lambda p: p["war"].update(start="2030-1"), "war start: expected a day as 2022-12-31, found '2030-1'"),
    "sides": (
        lambda p: p["war"].update(sides={"AA": {}}),
        "war sides AA adjective: expected this property, found none",
    ),
    "side": (lambda p: p["war"].update(side="CC"), "war: expected 'side' to be a code of 'sides', found 'CC'"),
    "twice": (
        lambda p: p["resources"].append(p["resources"][0]),
        "expected each resource name once, found 'evidence/losses'",
    ),
    "resource": (
        lambda p: p.update(resources=[one for one in p["resources"] if one["name"] != "definitions"]),
        "expected the resource 'definitions', found none of this name: every room needs it",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), WARS.values(), ids=WARS)
def test_what_the_room_is_about_must_be_said(folder, change, sentence):
    contract(change)(folder)
    assert any(sentence in problem for problem in refused(folder)), found(folder)


def test_all_faults_of_a_contract_are_listed_at_once(folder):
    contract(
        lambda p: (p["war"].pop("name"), rooms.described(p, "series/daily", "lost").update(type="geo", measure=5))
    )(folder)
    assert len(refused(folder)) == 3


def test_a_folder_without_a_contract_is_no_room(tmp_path):
    (problem,) = found(tmp_path)
    assert "expected the file datapackage.json" in problem and "is this a data room?" in problem


def test_all_faults_are_listed_at_once(folder):
    for name in ("wrong number", "missing url", "unknown source", "period reversed", "correction mismatch", "binary"):
        if name != "binary":
            FAULTS[name][0](folder)
    (folder / "events.csv").unlink()
    (folder / "claims.csv").write_bytes(b"\xff")
    listed = found(folder)
    wanted = ["wrong number", "missing url", "unknown source", "period reversed", "correction mismatch", "missing file"]
    assert all(any(FAULTS[name][1] in problem for problem in listed) for name in wanted)
    assert any("claims.csv: expected UTF-8" in problem for problem in listed)
    assert len(listed) == 7


def test_more_than_a_thousand_faults_of_one_table_are_all_listed(tmp_path):
    folder = rooms.write_room(tmp_path, days=1101)
    rewrite("series/daily", lambda rows: [rows[0], *([row[0], "x", row[2]] for row in rows[1:])])(folder)
    assert sum("expected a whole number, found 'x'" in problem for problem in found(folder)) == 1101


def test_problems_come_in_the_order_of_files_and_rows(folder):
    for key in ("L9", "L2", "L10"):
        rooms.set_cell(folder, LOSSES, key, "unit", "crowns")
    assert [problem.row for problem in check(folder, today=rooms.TODAY)] == [3, 10, 11]


def test_a_correction_can_settle_a_fault_of_a_rule(folder):
    rooms.set_cell(folder, "series/daily", "2030-01-25", "lost", "2399")
    rooms.add_row(
        folder, "corrections", "k2,series/daily,2030-01-25,lost,2399,2500,A slip.,https://e.org/17,2030-04-02"
    )
    assert found(folder) == []


def test_rows_keep_their_numbers_below_a_malformed_one(folder):
    rewrite(LOSSES, lambda rows: [*rows[:2], rows[2][:3], *rows[3:]])(folder)
    rooms.set_cell(folder, LOSSES, "L3", "unit", "crowns")
    assert [problem.row for problem in check(folder, today=rooms.TODAY)] == [3, 4]


def test_a_month_in_progress_is_not_in_the_future(folder):
    package = rooms.contract(folder)
    package["war"]["as_of"] = "2030-05-01"
    rooms.write_contract(folder, package)
    rooms.add_row(folder, "series/monthly", "2030-05,12,32,37")
    assert found(folder) == []


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(rooms.TABLES)), st.floats(0, 1), st.binary(max_size=3), st.integers(0, 40))
def test_no_damage_to_a_table_ends_in_anything_but_sentences(tmp_path_factory, name, place, new, length):
    folder = rooms.write_room(tmp_path_factory.mktemp("room"))
    path = folder / f"{name}.csv"
    before = path.read_bytes()
    start = round(place * len(before))
    path.write_bytes(before[:start] + new + before[start + length :])
    problems = check(folder, today=rooms.TODAY)
    assert all(isinstance(problem, Problem) and problem.sentence.endswith(".") for problem in problems)
    if not problems:
        open_room(folder).figures()
