"""Stocks that run out: closed forms, limits, families kept apart, and every sentence that refuses bad input."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attrition.models.pressure import counts, depletion, ranges
from attrition.models.pressure.counts import FamilyError, Losses, losses_per_month
from attrition.models.pressure.depletion import arrival_probability, months_left, stock_needed
from attrition.models.pressure.faults import PressureError


def losing(mean, spread=0.0, error=0.0):
    return Losses(mean, error, spread, "photos")


def totals(values, family="photos", freq="ME"):
    days = pd.date_range("2030-01-31", periods=len(values), freq=freq)
    return pd.DataFrame({"value": np.asarray(values, float), "family": family}, index=days)


# ---- closed forms


@pytest.mark.parametrize(
    ("stock", "loss", "built", "left"), [(400, 50, 120, 10), (7, 3, 0, 7 / 3), (120, 30, 12, 120 / 29)]
)
def test_without_doubt_it_is_a_division(stock, loss, built, left):
    found = months_left(stock, losing(loss), built_per_year=built, draws=3)
    assert found.lower == found.median == found.upper == pytest.approx(left)
    assert found.never == 0 and found.by(left + 0.01) == 1 and found.by(left - 0.01) == 0


@pytest.mark.parametrize("spread", [20.0, 40.0])
def test_with_noise_it_is_the_first_passage_of_a_brownian_motion(spread):
    found = months_left(1500, losing(60, spread), built_per_year=120, horizon_months=90, draws=40_000, seed=3)
    seen_monthly = 1500 + 0.5826 * spread  # a path looked at once a month passes a nearer mark later (Siegmund 1979)
    for month in (24, 27, 30, 33, 36):
        ends = (arrival_probability(stock, 50, spread, month) for stock in (seen_monthly, 1500))
        assert next(ends) - 0.012 <= found.by(month) <= next(ends) + 0.012
    inverse_gaussian = stats.invgauss(mu=(1500 / 50) / (1500 / spread) ** 2, scale=(1500 / spread) ** 2)
    for share, months in ((0.05, found.lower), (0.5, found.median), (0.95, found.upper)):
        assert months == pytest.approx(inverse_gaussian.ppf(share), rel=0.02)


def test_the_closed_form_is_the_inverse_gaussian():
    for stock, drain, spread, months in ((100, 5, 8, 18), (60, 1, 10, 30)):
        law = stats.invgauss(mu=(stock / drain) / (stock / spread) ** 2, scale=(stock / spread) ** 2)
        assert arrival_probability(stock, drain, spread, months) == pytest.approx(law.cdf(months), rel=1e-9)


def test_a_range_of_stocks_is_a_range_of_months():
    found = months_left((200, 400, 1000), losing(40), draws=200_000, seed=1)
    assert (found.lower, found.median, found.upper) == pytest.approx((5, 10, 25), rel=0.02)
    assert found.empty_by[6] == pytest.approx(
        stats.norm.cdf(math.log(240 / 400) / (math.log(2) / ranges.REACH)), abs=0.005
    )


def test_doubt_about_the_mean_does_not_average_out_and_noise_does():
    doubt = months_left(2000, losing(50, error=10), draws=20_000, seed=2)
    noise = months_left(2000, losing(50, spread=10), draws=20_000, seed=2)
    assert doubt.upper - doubt.lower > 4 * (noise.upper - noise.lower)
    assert doubt.upper == pytest.approx(2000 / (50 - 10 * ranges.REACH), rel=0.03)


# ---- limits


def test_a_slow_workshop_lengthens_the_life_of_a_stock_and_leaves_losses_unreplaced():
    free = months_left(600, losing(60), built_per_year=120, draws=2)
    slow = months_left(600, losing(60), built_per_year=120, brought_back_per_year=240, draws=2)
    assert (free.median, slow.median) == (pytest.approx(12), pytest.approx(30))
    assert free.unreplaced == 0 and slow.unreplaced == pytest.approx(30 / 60)


def test_without_losses_or_with_enough_built_it_never_ends():
    for losses, built in ((losing(0.0), 0), (losing(-3.0), 0), (losing(20, 1), 360)):
        found = months_left(100, losses, built_per_year=built, draws=500)
        assert found.never == 1 and math.isinf(found.median) and found.empty_by == {6: 0, 12: 0, 24: 0}


def test_nothing_left_is_nothing_left_today():
    found = months_left(0, losing(10, 2), draws=10)
    assert found.median == 0 and found.empty_by[6] == 1


def test_what_the_horizon_does_not_hold_is_not_said():
    found = months_left(100, losing(10), horizon_months=12, draws=5)
    assert set(found.empty_by) == {6, 12} and found.by(10.5) == 1


def test_the_stock_needed_turns_the_question_round():
    low, middle, high = stock_needed(30, losing(60, 12, 2), built_per_year=120, draws=100_000, seed=4)
    error = math.hypot(2, 12 / math.sqrt(30)) * 30
    assert (low, middle, high) == pytest.approx(
        (1500 - ranges.REACH * error, 1500, 1500 + ranges.REACH * error), rel=0.01
    )
    assert months_left(middle, losing(60), built_per_year=120, draws=2).median == pytest.approx(30, rel=0.01)
    assert stock_needed(12, losing(5), built_per_year=120)[2] == 0


def test_one_seed_one_answer():
    given = {"losses": losing(40, 15, 3), "built_per_year": (100, 150, 250), "brought_back_per_year": (300, None, 700)}
    one, two, other = (months_left((300, 500, 900), **given, draws=500, seed=seed) for seed in (1, 1, 2))
    assert (one.months == two.months).all() and (one.months != other.months).any()


def test_losses_are_never_negative_and_have_the_stated_spread():
    drawn = depletion._monthly(np.full(200_000, 30.0), 25.0, np.random.default_rng(0))
    assert (
        drawn.min() >= 0 and drawn.mean() == pytest.approx(30, rel=0.01) and drawn.std() == pytest.approx(25, rel=0.02)
    )


def test_what_can_be_brought_back_lies_between_the_good_and_all():
    assert ranges.restorable([2478], 0.25, 92) == (92, 619.5, 2478)
    assert ranges.restorable([4700, 3500], 0.18, 500) == (500, 630, 4700)
    assert ranges.restorable([4700, 3500], 0.1, 500)[0] == 350
    for bad in ([[]], [[-1]], [[5], 1.5], [[5], None, 0]):
        with pytest.raises(PressureError, match="Expected counts above 0 and a share up to 1, found"):
            ranges.restorable(*bad)


# ---- counts


def test_monthly_losses_of_a_simulated_series_are_recovered():
    rng = np.random.default_rng(8)
    months = rng.gamma(16, 100 / 16, 400)
    found = losses_per_month(totals(np.concatenate([[0], np.cumsum(months)])), window_months=400)
    assert found.mean == pytest.approx(100, abs=3 * found.standard_error)
    assert found.spread == pytest.approx(25, rel=0.1)
    assert found.standard_error == pytest.approx(found.spread / 20, rel=0.02)


def test_the_window_ends_with_the_last_reading_and_leaves_earlier_ones_out():
    found = losses_per_month(totals([0, *np.cumsum([500] * 12 + [10] * 12)]), window_months=12)
    assert found.mean == pytest.approx(10, rel=0.01) and (found.last - found.first).days == 365


def test_readings_on_odd_days_give_the_same_rate():
    days = pd.to_datetime(["2030-01-01", "2030-01-20", "2030-03-03", "2030-04-10", "2030-06-30"])
    passed = (days - days[0]).days
    found = losses_per_month(pd.DataFrame({"value": passed * 2.0, "family": "photos"}, days))
    assert found.mean == pytest.approx(2 * 30.4375) and found.spread == pytest.approx(0, abs=1e-9)


# ---- bad input


def test_families_are_never_mixed():
    mixed = totals(range(14))
    mixed.iloc[5:, 1] = "claim"
    words = "Expected one family of counts in a series of losses, found 'photos', 'claim': draw each family apart"
    with pytest.raises(FamilyError, match=words):
        losses_per_month(mixed)
    with pytest.raises(FamilyError, match="found none"):
        losses_per_month(totals([]))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"stock": -1}, "Expected stock of at least 0, found -1: correct its sign"),
        ({"stock": (900, 500, 700)}, "Expected a range of stock that rises from above 0, found 900, 500, 700"),
        ({"stock": (0, 5, 10)}, "rises from above 0, found 0, 5, 10"),
        ({"stock": (5, None, None)}, "Expected a number or .low, central, high. for stock, found .*one end alone"),
        ({"stock": math.nan}, "Expected stock of at least 0, found nan"),
        ({"stock": np.ones(3)}, "Expected 9 draws of stock, finite and at least 0, found shape .3,."),
        ({"built_per_year": -4}, "Expected what is built of at least 0"),
        ({"brought_back_per_year": -4}, "Expected what is brought back of at least 0"),
        ({"draws": 0}, "Expected 1 to 5000000 draws, found 0: give a whole number"),
        ({"horizon_months": 0}, "Expected a horizon of 1 to 600 whole months, found 0"),
        ({"horizon_months": 601}, "found 601: choose one of these"),
        ({"horizon_months": 12.5}, "found 12.5"),
        ({"level": 1}, "Expected a level between 0 and 1, both excluded, found 1"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(given, words):
    with pytest.raises(PressureError, match=words):
        months_left(**{"stock": 10, "losses": losing(5), "draws": 9, **given})


def test_months_beyond_the_horizon_and_impossible_motions_are_refused():
    with pytest.raises(PressureError, match="Expected a month from 0 to 60, found 61: look further ahead"):
        months_left(10, losing(5), draws=2).by(61)
    with pytest.raises(PressureError, match="Expected stock, spread and months above 0, found 0, 1 and 2"):
        arrival_probability(0, 1, 1, 2)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (totals([1, 2, 3]), "Expected at least 4 readings of 'photos' in 12 months, found 3: take a longer window"),
        (totals([1, 2, math.nan, 4]), "Expected readings in order of their days, none missing"),
        (totals([1, 2, 3, 4])[::-1], "Expected readings in order of their days"),
    ],
)
def test_series_that_cannot_be_read_are_refused(frame, words):
    with pytest.raises(PressureError, match=words):
        counts.losses_per_month(frame)
