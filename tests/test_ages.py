"""How old the regular series are, and when that is too old."""

import pytest
import rooms

from attrition import pages
from attrition.ages import ages
from attrition.room import RoomError, open_room
from attrition.room.validation import check


def room_with(folder, cadence, name="series/daily"):
    rooms.write_room(folder)
    package = rooms.contract(folder)
    rooms.resource(package, name)["cadenceDays"] = cadence
    rooms.write_contract(folder, package)
    return folder


LAST = "2030-03-01"


@pytest.mark.parametrize(
    ("cutoff", "last", "days", "overdue"),
    [("2030-02-10", "2030-02-10", 0, False), ("2030-03-03", LAST, 2, False), ("2030-03-04", LAST, 3, True)],
)
def test_a_series_with_an_old_last_row_is_overdue_and_a_fresh_one_is_not(tmp_path, cutoff, last, days, overdue):
    room = open_room(room_with(tmp_path, 1), cutoff=cutoff)
    (row,) = ages(room)
    assert (row["last"], row["days"], row["overdue"]) == (last, days, overdue)
    page = pages.data_page(room)
    assert ('class="age overdue"' in page) is overdue
    assert f'data-last="{row["last"]}" data-cadence="1"' in page


def test_without_a_cadence_nothing_can_be_late(tmp_path):
    room = open_room(rooms.write_room(tmp_path))
    assert ages(room) == [] and "How old" not in pages.data_page(room)


@pytest.mark.parametrize(
    ("name", "cadence", "message"),
    [
        ("series/daily", 0, r"'series/daily' cadenceDays: expected greater than or equal to 1, found 0"),
        ("series/daily", "weekly", r"'series/daily' cadenceDays: .*found \"weekly\""),
        ("events", 7, r"expected 'cadenceDays' on a series with a 'dateField', found it elsewhere"),
    ],
)
def test_a_cadence_that_says_nothing_is_refused(tmp_path, name, cadence, message):
    folder = room_with(tmp_path, cadence, name)
    with pytest.raises(RoomError, match=message):
        open_room(folder)
    assert check(folder)


def test_the_room_of_the_book_says_its_turns():
    rows = {row["table"]: row for row in ages(open_room("data"))}
    assert rows["series/general_staff.csv"]["cadence_days"] == 1
    assert rows["series/rub_usd.csv"]["overdue"] is False
