"""The chapter on oil at chosen cutoffs, prices and breaks: its numbers hang together, and it says what is not known."""

from functools import partial

import chapters
import numpy as np
import pytest

from attrition.models import pressure

chapter = partial(chapters.run, "oil_sanctions")


@pytest.fixture(scope="module")
def found():
    return chapter(draws=5000)


def test_one_dollar_is_a_share_of_production_that_taxes_can_take(found):
    """A dollar on every barrel produced in a month, of which the budget can take no more than all."""
    all_of_it = found["produced"] * 1e3 * 30.4375 * found["fx_now"] / 1e9
    assert 0.2 < found["per_usd"].value / all_of_it < 0.8
    assert found["per_usd"].lower < found["per_usd"].value < found["per_usd"].upper


def test_the_regression_beats_the_same_month_last_year_out_of_sample(found):
    scores = found["scores"]
    ours = scores.loc[found["MODEL"]]
    assert ours["ratio"] < 0.6 and ours["lower"] > 0 and ours["months"] >= 30


def test_a_model_told_the_past_has_the_coefficient_it_shows(found):
    refitted = pressure.fit(found["revenue"], found["rouble_price"], pay_months=[3, 4, 7, 10], left_out=["2022-04"])
    assert refitted.lasting == found["per_rub"] and found["fitted"].left_out == ("2022-04",)


def test_families_are_never_mixed(found):
    for key, series in found["families"].items():
        rows = found["imports"].set_index(["way", "source"]).loc[[key]]
        assert len(series) == len(rows) and rows["measure"].nunique() == 1
    assert ("tanker", "kpler") in found["cuts"] and ("customs", "un_comtrade") in found["cuts"]


def test_the_fall_came_before_the_announcement(found):
    steps = found["cuts"]["tanker", "kpler"].steps
    assert steps["upper"].iloc[0] < 0 < steps["upper"].iloc[1]


def test_readings_of_money_in_recruits_are_in_order(found):
    for key in ("recruits_per_usd", "india_stop_recruits"):
        worth, even, cut = (found["told"][key, end].value for end in ("", "_even", "_cut"))
        assert worth > even > cut >= 0
    cost = found["cost"].value * 1e9
    assert found["told"]["india_stop_recruits", ""].value == pytest.approx(cost / found["bonus"], rel=1e-9)


def test_the_price_set_by_a_reader_is_the_price_used():
    one = chapter("stop-values", urals_usd=40.0, rub_per_usd=100.0, india_share_resold=0.0, draws=1000)
    assert one["per_usd"].value == pytest.approx(100 * one["per_rub"].value)
    assert float(np.mean(one["lost"].export_by_volume)) == pytest.approx(
        float(np.mean(one["bought"])) * 1e3 * 30.4375 * 40 * 100 / 1e9, rel=1e-9
    )
    other = chapter("price-values", discount_usd=30.0)
    assert other["price_now"] == pytest.approx(other["brent"].iloc[-1] - 30)


def test_nothing_lost_costs_nothing():
    none = chapter("stop-values", india_share_lost=0.0, extra_discount_usd=0.0, draws=1000)
    assert none["cost"].value == 0 and none["part"] == 0


@pytest.mark.parametrize("cutoff", ["2023-09-30", "2024-08-15", "2026-02-19"])
def test_earlier_cutoffs_say_what_is_not_known(cutoff):
    past = chapter(cutoff=cutoff, draws=1000)
    assert past["revenue"].index.max() <= past["room"].cutoff
    assert past["priced"] == (cutoff != "2023-09-30")
    assert bool(past["told"]) == past["priced"]
    assert np.isfinite(past["per_usd"].value)


def test_breaks_of_a_reader_cut_every_series_they_lie_in():
    own = chapter("india-words", breaks="2025-08-10")
    assert [f"{day:%Y-%m-%d}" for day in own["cut"].steps.index] == ["2025-08-10"]
    assert set(own["cuts"]) == {("tanker", "kpler")}
    with pytest.raises(pressure.PressureError, match="Expected every break inside the series from 2021-01 to 2026-05"):
        chapter("discount-steps", breaks="2019-01-01")
