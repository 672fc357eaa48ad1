"""Which figures of two sides are put together, and what their table says of floors."""

import math
from datetime import date

import pandas as pd
import pytest

from attrition.definitions import Definition, Figure
from attrition.models import exchange
from attrition.models.exchange.matching import pairs, running, table

DEAD = Definition("killed_cumulative", "Dead since the first day.", "persons", "flow", "killed", True)
YEARLY = Definition("killed", "Dead in the period.", "persons", "flow", "killed")
LOST = Definition("killed_wounded_cumulative", "Dead and wounded since the first day.", "persons", "flow", "both", True)


def figure(id_, side, low, central, high, *, day=date(2030, 6, 1), definition=DEAD, source="list", start=None):
    return Figure(id_, definition, side, day, low, central, high, start=start, end=day, source=source)


def test_pairs_are_near_in_time_of_one_measure_and_if_asked_of_one_speaker():
    ours = [
        figure("a-may", "A", 80, 100, 120, day=date(2030, 5, 20), source="one"),
        figure("a-june", "A", 90, 110, 130, day=date(2030, 6, 5), source="two"),
        figure("a-lost", "A", 300, 400, 500, day=date(2030, 6, 1), definition=LOST, source="two"),
    ]
    theirs = [
        figure("b-june", "B", 40, 50, 60, day=date(2030, 6, 1), source="one"),
        figure("b-old", "B", 1, 2, 3, day=date(2029, 1, 1), source="one"),
    ]
    nearest = pairs(ours, theirs)
    assert [(a.id, b.id) for a, b in nearest] == [("a-june", "b-june")]
    assert [(a.id, b.id) for a, b in pairs(ours, theirs, same_speaker=True)] == [("a-may", "b-june")]


def test_of_two_figures_equally_near_the_later_is_paired():
    ours = [figure("early", "A", 1, 2, 3, day=date(2030, 5, 30)), figure("late", "A", 1, 2, 3, day=date(2030, 6, 3))]
    assert pairs(ours, [figure("b", "B", 1, 2, 3)])[0][0].id == "late"


def test_the_table_gives_distributions_to_ranges_and_bounds_to_floors():
    whole = figure("a", "A", 80, 100, 120), figure("b", "B", 40, 50, 60, day=date(2030, 5, 30))
    floor = figure("c", "A", 90, None, 110), figure("d", "B", 55, None, None)
    found = table([whole, floor], draws=1000, seed=4)
    direct = exchange.ratio(*whole, draws=1000, seed=4)
    assert found.loc[0, ["median", "lower", "upper"]].to_list() == [direct.median, direct.lower, direct.upper]
    assert found.loc[0, "days_apart"] == 2 and found.loc[0, "as_of"] == pd.Timestamp("2030-05-30")
    assert math.isnan(found.loc[1, "median"]) and math.isnan(found.loc[1, "lower"])
    assert found.loc[1, "upper"] == 2.0
    assert (
        table([])
        .dtypes.drop(["id_a", "id_b", "source_a", "source_b", "days_apart"])
        .equals(found.dtypes.drop(["id_a", "id_b", "source_a", "source_b", "days_apart"]))
    )


def test_a_year_is_never_paired_with_another_year():
    ours = figure("a", "A", 1, 2, 3, day=date(2031, 12, 31), start=date(2031, 1, 1), definition=YEARLY)
    theirs = figure("b", "B", 1, 2, 3, day=date(2030, 12, 31), start=date(2030, 1, 1), definition=YEARLY)
    assert pairs([ours], [theirs]) == []
    same = figure("c", "A", 1, 2, 3, day=date(2030, 12, 30), start=date(2030, 1, 2), definition=YEARLY)
    assert [(a.id, b.id) for a, b in pairs([ours, same], [theirs])] == [("c", "b")]


def test_periods_add_up_to_running_totals_with_the_widest_ends():
    months = pd.date_range("2030-01-31", periods=3, freq="ME")
    counts = pd.DataFrame({"low": [8.0, 7, 6], "central": [10.0, 9, 8], "high": [13.0, 12, 11]}, index=months)
    like = figure("x", "A", 1, None, 2, source="register", start=date(2029, 12, 1))
    found = running(counts, like)
    assert [one.range for one in found] == [(8, 10, 13), (15, 19, 25), (21, 27, 36)]
    assert (found[2].as_of, found[2].id) == (date(2030, 3, 31), "register-2030-03-31")
    assert (found[2].definition, found[2].start) == (DEAD, date(2029, 12, 1))


def test_running_totals_ask_for_a_running_total_and_no_gap():
    counts = pd.DataFrame({"low": [8.0], "central": [math.nan], "high": [13.0]}, index=[pd.Timestamp("2030-01-31")])
    with pytest.raises(exchange.ExchangeError, match="Expected low, central and high for every period, found a gap"):
        running(counts, figure("x", "A", 1, None, 2))
    words = "Expected a running total to add periods up to, found 'x' .*: give a figure since the first day"
    with pytest.raises(exchange.ExchangeError, match=words):
        running(counts, figure("x", "A", 1, None, 2, definition=YEARLY))
