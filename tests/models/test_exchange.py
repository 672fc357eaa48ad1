"""Ratios against closed forms and known truth, and every sentence with which bad input is refused."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attrition.definitions import Definition, DefinitionError, Figure, Range
from attrition.models import exchange
from attrition.models.exchange import ExchangeError, monthly, per_area, ratio

DEAD = Definition("killed_cumulative", "Dead since the first day.", "persons", "flow", "killed", True)
LOST = Definition("killed_wounded_cumulative", "Dead and wounded since the first day.", "persons", "flow", "both", True)
REACH = stats.norm.ppf(0.95)


def figure(id_, side, low, central, high, *, day=date(2030, 6, 1), definition=DEAD, source="list"):
    return Figure(id_, definition, side, day, low, central, high, source=source)


def spread(numbers):
    return math.log(numbers[2] / numbers[1]) / REACH


@pytest.mark.parametrize("correlation", [-0.8, 0.0, 0.5, 0.9])
def test_two_log_normals_agree_with_the_closed_form(correlation):
    a, b = (60, 100, 100 / 0.6), (45, 50, 50 / 0.9)
    s, t = spread(a), spread(b)
    sd = math.sqrt(s * s + t * t - 2 * correlation * s * t)
    found = ratio(a, b, correlation, draws=400_000, seed=3)
    assert found.median == pytest.approx(2, rel=0.005)
    assert found.lower == pytest.approx(2 * math.exp(-REACH * sd), rel=0.01)
    assert found.upper == pytest.approx(2 * math.exp(REACH * sd), rel=0.01)
    assert found.above_one == pytest.approx(stats.norm.cdf(math.log(2) / sd), abs=0.003)


def test_a_range_over_an_exact_number_gives_back_its_own_three_numbers():
    uneven = (80.0, 100.0, 190.0)
    found = ratio(uneven, (None, 10.0, None), draws=400_000, seed=5)
    assert (found.lower, found.median, found.upper) == pytest.approx((8.0, 10.0, 19.0), rel=0.01)
    assert found.level == 0.9


def test_the_level_says_what_a_range_holds():
    narrow = ratio((80, 100, 125), (None, 10, None), level=0.5, draws=400_000)
    assert (narrow.lower, narrow.upper, narrow.level) == pytest.approx((8, 12.5, 0.5), rel=0.01)


def test_without_a_centre_the_geometric_mean_is_taken():
    assert ratio((40, None, 90), (None, 10, None), draws=200_000).median == pytest.approx(6, rel=0.005)


def test_exact_numbers_have_an_exact_ratio():
    found = ratio((None, 30, None), (10, 10, 10), draws=5)
    assert (found.median, found.lower, found.upper, found.above_one) == (3, 3, 3, 1)


def test_one_seed_one_answer_and_another_seed_another():
    a, b = (60, 100, 160), Range(45, 50, 55)
    assert ratio(a, b, seed=1) == ratio(a, b, seed=1) != ratio(a, b, seed=2)


@settings(deadline=None)
@given(st.floats(1, 1e6), st.floats(1, 10), st.floats(1, 10), st.floats(0.1, 100))
def test_units_cancel_and_sides_turn_round(centre, down, up, scale):
    a, b = (centre / down, centre, centre * up), (5.0, 7.0, 9.0)
    found = ratio(a, b, draws=400)
    scaled = ratio([x * scale for x in a], [x * scale for x in b], draws=400)
    assert scaled.median == pytest.approx(found.median, rel=1e-9)
    assert found.lower <= found.median <= found.upper and found.lower > 0


@pytest.mark.parametrize(
    ("a", "words"),
    [
        ((120, 100, 80), "Expected a range that runs upwards, found low 120 above high 80: swap them."),
        ((90, 200, 110), "Expected the centre inside its range, found low 90, central 200, high 110: correct one"),
        ((10, 50, 10), "Expected the centre inside its range, found low 10, central 50, high 10: correct one"),
        ((90, 80, 110), "Expected the centre inside its range, found low 90, central 80, high 110: correct one"),
        ((0, 5, 10), "Expected numbers above zero, found low 0: a ratio needs positive totals."),
        ((-4, None, 10), "Expected numbers above zero, found low -4: a ratio needs positive totals."),
        ((1, None, math.inf), "Expected numbers above zero, found high inf: a ratio needs positive totals."),
        ((1, math.nan, 3), "Expected numbers above zero, found central nan: a ratio needs positive totals."),
        ((50, None, None), "or a centre alone, found low 50, central not given, high not given: a floor is no range."),
        ((None, 5, 10), "or a centre alone, found low not given, central 5, high 10: a floor is no range."),
        ((None, None, None), "found low not given, central not given, high not given: a floor is no range."),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_broken_range_is_refused(a, words, turned):
    good = (8, 10, 12)
    with pytest.raises(ExchangeError) as caught:
        ratio(*((good, a) if turned else (a, good)))
    assert words in str(caught.value)


@pytest.mark.parametrize("correlation", [-1, 1, 1.5, math.nan])
def test_a_correlation_out_of_range_is_refused(correlation):
    with pytest.raises(ExchangeError, match="Expected a correlation between -1 and 1, both excluded, found .*: set"):
        ratio((1, 2, 3), (1, 2, 3), correlation)


@pytest.mark.parametrize("draws", [0, -3, 2.5])
def test_too_few_draws_are_refused(draws):
    with pytest.raises(ExchangeError, match=r"Expected at least one draw, found .*: give a whole number from 1 on"):
        ratio((1, 2, 3), (1, 2, 3), draws=draws)


@pytest.mark.parametrize("level", [0, 1, 90])
def test_a_level_out_of_range_is_refused(level):
    with pytest.raises(ExchangeError, match="Expected a level between 0 and 1, both excluded, found .*: give a share"):
        ratio((1, 2, 3), (1, 2, 3), level=level)


def test_dead_are_divided_by_dead_only():
    dead = figure("x1", "A", 80, 100, 120)
    assert ratio(dead, figure("x2", "B", 40, 50, 60)).median == pytest.approx(2, rel=0.01)
    casualties = figure("x3", "B", 200, 250, 300, definition=LOST)
    with pytest.raises(DefinitionError, match=r"Cannot divide 'x1' .* and 'x3' .*: they have different measures; use"):
        ratio(dead, casualties)
    with pytest.raises(DefinitionError, match="Cannot divide 'x1' .* and a bare range: give both their definitions"):
        ratio(dead, (200, 250, 300))
    with pytest.raises(DefinitionError, match=r"Cannot divide 'x3' .* and a bare range"):
        ratio((200, 250, 300), casualties)


def test_parity_needs_the_ratio_of_the_men_and_is_reached_with_a_known_probability():
    needed = exchange.required_for_parity((30, None, 50), (None, 10, None), draws=200_000)
    assert needed.median == pytest.approx(math.sqrt(15), rel=0.01)
    a, b = (60, 100, 100 / 0.6), (45, 50, 50 / 0.9)
    men = (30, 50, 50 / 0.6), (20, 20, 20)
    sd = math.sqrt(spread(a) ** 2 + spread(b) ** 2 - spread(a) * spread(b) + spread(men[0]) ** 2)
    reached = exchange.probability_reached((a, b), men, 0.5, draws=400_000)
    assert reached == pytest.approx(stats.norm.cdf(math.log(2 / 2.5) / sd), abs=0.005)


def test_men_and_losses_are_checked_alike():
    dead, lost = figure("x1", "A", 80, 100, 120), figure("x3", "B", 200, 250, 300, definition=LOST)
    with pytest.raises(DefinitionError, match="they have different measures"):
        exchange.probability_reached((dead, lost), ((1, 2, 3), (1, 2, 3)))


def test_months_are_read_at_their_ends_and_on_the_line_between_near_readings():
    days = pd.to_datetime(["2030-01-31", "2030-02-28", "2030-03-27", "2030-04-03", "2030-04-30", "2030-05-31"])
    total = pd.Series([0.0, 28.0, 55.0, 62.0, 89.0, 120.0], index=days)
    found = monthly(total)
    assert found.to_list() == [28.0, 31.0, 30.0, 31.0]
    assert found.index[0] == pd.Timestamp("2030-02-28")


def test_a_month_end_far_from_any_reading_leaves_both_its_months_missing():
    days = pd.to_datetime(["2030-01-31", "2030-02-20", "2030-03-10", "2030-03-31", "2030-04-30"])
    found = monthly(pd.Series([0.0, 20.0, 38.0, 59.0, 89.0], index=days))
    assert found.isna().to_list() == [True, True, False]


def test_months_ask_for_dated_readings():
    with pytest.raises(ExchangeError, match="expected a pandas Series with at least one dated figure"):
        monthly([1, 2, 3])


AREAS = [45.0, 0.0, -30.0, 2.0, math.nan, 10.0, math.inf, -math.inf]


def test_loss_for_ground_is_defined_only_where_ground_was_gained():
    months = pd.date_range("2030-01-31", periods=9, freq="ME")
    losses = pd.Series([900.0] * 8 + [math.nan], index=months)
    area = pd.Series([*AREAS, 50.0], index=months)
    found = per_area(losses, area, least_area=10)
    assert found["ratio"].dropna().to_dict() == {months[0]: 20.0, months[5]: 90.0}
    assert found["reason"].to_list() == [
        "",
        "no net gain",
        "no net gain",
        "gain below the least area",
        "area not known",
        "",
        "area not known",
        "area not known",
        "losses not known",
    ]
    assert (found["reason"] == "").equals(found["ratio"].notna())


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(allow_nan=True, allow_infinity=True)), min_size=1, max_size=20))
def test_loss_for_ground_is_never_infinite_or_negative(rows):
    losses, area = (pd.Series(column) for column in zip(*rows, strict=True))
    found = per_area(losses, area, least_area=25.0)["ratio"].dropna()
    assert np.isfinite(found).all() and (found >= 0).all()


def test_gross_gain_gives_a_second_ratio_where_the_net_one_is_not_defined():
    losses, net, gross = pd.Series([900.0, 900.0]), pd.Series([-5.0, 45.0]), pd.Series([30.0])
    found = per_area(losses, net, least_area=10, gross=gross)
    assert found["gross_ratio"].to_list()[0] == 30.0 and math.isnan(found["ratio"][0])
    assert math.isnan(found["gross_ratio"][1]) and found["ratio"][1] == 20.0


def test_several_months_are_divided_together_and_never_by_their_mean():
    months = pd.date_range("2030-01-31", periods=4, freq="ME")
    losses = pd.Series([500.0, 900.0, 900.0, math.nan], index=months)
    found = per_area(losses, pd.Series([7.0, 45.0, -15.0, 80.0], index=months), least_area=10)
    both = exchange.over_all(found, least_area=10, last=2)
    assert (both["losses"], both["area"], both["ratio"], both["undefined"]) == (1800.0, 30.0, 60.0, 1)
    assert exchange.over_all(found, least_area=10)["ratio"] == pytest.approx(2300 / 37)
    assert exchange.over_all(found, least_area=40)["reason"] == "gain below the least area"
    assert exchange.over_all(found.iloc[:0], least_area=40)["reason"] == "losses not known"


def test_months_that_only_one_side_knows_are_named():
    found = per_area(pd.Series([9.0], ["x"]), pd.Series([50.0], ["y"]), least_area=1)
    assert found["reason"].to_dict() == {"x": "area not known", "y": "losses not known"}


@pytest.mark.parametrize("least", [0, -1, math.nan, math.inf])
def test_a_least_area_is_above_zero(least):
    with pytest.raises(ExchangeError, match="Expected a least area above zero, found .*: choose how much ground"):
        per_area(pd.Series([1.0]), pd.Series([1.0]), least_area=least)


def test_losses_are_not_negative():
    with pytest.raises(ExchangeError, match="Expected losses of at least 0, found -3 in May: correct them"):
        per_area(pd.Series([1.0, -3.0], ["April", "May"]), pd.Series([1.0, 2.0], ["April", "May"]), least_area=1)
