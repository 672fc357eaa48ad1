"""The scorecard on the real room: misses are told, and a cutoff without a past says so."""

from functools import partial
from pathlib import Path

import chapters
import pytest

from attrition import lock

ROOT = Path(__file__).parents[1]


chapter = partial(chapters.run, "scorecard")


def test_february_is_scored_by_what_came_until_may():
    found = chapter(cutoff="2026-05-31")
    february = next(one for one in lock.published(ROOT / "editions") if one["name"] == "2026-02")
    ahead = {one["name"]: one for one in february["forecasts"]}["losses.claimed_growth"]
    table = found["frozen"][("February 2026", "losses.claimed_growth")]
    assert len(table) == 15 and str(table.index[-1])[:10] == "2026-05-31"
    assert table["observed"].iloc[-1] == found["total"]["2026-05-31"] - found["total"][ahead["origin"]]
    frozen = [row for row in ahead["rows"] if row[0] == "2026-05-31" and row[1] == 0.9]
    assert frozen[0][2:] == [table["lower_90"].iloc[-1], table["median"].iloc[-1], table["upper_90"].iloc[-1]]
    assert "../editions/2026-02.lock.json" in found["room"].opened


def test_the_estimate_of_the_dead_is_held_to_todays():
    found = chapter(cutoff="2026-05-31")
    day, old = found["was"]["February 2026"]
    new = found["today"].total("killed", found["start"], day)
    told = "outside" if not old["lower"] <= new.value <= old["upper"] else "inside"
    assert f"with a centre {told} the old interval" in found["then"]


def test_names_on_the_list_grew_as_the_room_says():
    found = chapter(cutoff="2026-05-31")["found"].set_index(["source", "as_of"])
    row = found.loc[("mediazona_bbc", "2022-12-31")]
    assert (row["first"], row["last"]) == (12_492, 20_389)


@pytest.mark.parametrize("cutoff", ["2023-09-30", "2024-12-31", "2026-02-19"])
def test_a_cutoff_before_any_edition_says_so(cutoff):
    found = chapter(cutoff=cutoff)
    assert found["frozen"] == {} and found["editions"] == [] and found["was"] == {}
