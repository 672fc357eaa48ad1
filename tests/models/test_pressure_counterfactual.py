"""A buyer stops: closed forms, what must balance, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from attrition.models import pressure
from attrition.models.pressure import Market, Stop

MARKET = Market(
    bought_kbd=1600, exported_kbd=4500, produced_kbd=10_000, price_usd=60, rub_per_usd=80, revenue_per_rub=0.13
)
DAYS = 365.25 / 12
NOW = {"recruits": 34_000, "cost_per_recruit_rub": 1.5e6, "elasticity": 0.4}


def test_all_resold_at_the_same_price_costs_nothing():
    lost = pressure.stop_buying(Stop(1.0, 1.0, 0.0), MARKET)
    assert lost.export == 0 and lost.budget == 0


def test_nothing_lost_and_a_lower_price_is_the_price_effect_alone():
    lost = pressure.stop_buying(Stop(0.0, 0.5, 10.0), MARKET)
    assert lost.export == pytest.approx(4500e3 * DAYS * 800 / 1e9)
    assert lost.budget == pytest.approx(0.13 * 800)


def test_nothing_resold_loses_the_buyers_barrels():
    lost = pressure.stop_buying(Stop(1.0, 0.0, 0.0), MARKET)
    paid = 1600e3 * DAYS * 60 * 80 / 1e9
    assert lost.export == pytest.approx(paid)
    assert lost.budget == pytest.approx(paid * MARKET.budget_share)
    assert MARKET.budget_share == pytest.approx(0.13e9 / (10_000e3 * DAYS))


def test_both_losses_agree_with_revenue_before_less_revenue_after():
    """Export revenue and tax, written out before and after, differ by what is called lost."""
    stop = Stop(0.7, 0.4, 6.0)
    lost = pressure.stop_buying(stop, MARKET)
    unsold = 1600 * 0.7 * 0.6
    worth = lambda kbd, usd: kbd * 1e3 * DAYS * usd * 80 / 1e9  # noqa: E731
    assert lost.export == pytest.approx(worth(4500, 60) - worth(4500 - unsold, 54))
    taken = MARKET.budget_share
    assert lost.budget == pytest.approx(taken * (worth(10_000, 60) - worth(10_000 - unsold, 54)))


def test_draws_are_worked_out_one_by_one():
    many = replace(MARKET, revenue_per_rub=np.array([0.1, 0.13]), bought_kbd=np.array([1000.0, 1600.0]))
    lost = pressure.stop_buying(Stop(1.0, 0.5, 5.0), many)
    one = pressure.stop_buying(Stop(1.0, 0.5, 5.0), MARKET)
    assert lost.budget[1] == pytest.approx(one.budget) and lost.export[1] == pytest.approx(one.export)


def test_shares_of_the_buyers_barrels_add_to_one():
    shares = Stop(0.8, 0.25, 0.0).shares
    assert shares == pytest.approx({"kept": 0.2, "resold": 0.2, "unsold": 0.6})
    assert sum(pressure.split(1000, shares).values()) == pytest.approx(1000)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Stop(1.2, 0.5, 0.0), "^Expected share_lost as a share from 0 to 1, found 1.2: divide a percentage"),
        (lambda: Stop(1.0, -0.1, 0.0), "^Expected share_resold as a share from 0 to 1, found -0.1"),
        (lambda: Stop(1.0, 0.5, -3.0), "^Expected an extra discount of 0 dollars or more, found -3: give dollars"),
        (
            lambda: pressure.split(10, {"kept": 0.6, "resold": 0.6}),
            "^Expected shares that add to one, found kept 0.6, res",
        ),
        (lambda: pressure.split(10, {"kept": 1.6}), "^Expected kept as a share from 0 to 1, found 1.6"),
        (lambda: pressure.stop_buying(Stop(1, 0, 0), replace(MARKET, price_usd=0.0)), "Expected price_usd above zero"),
        (
            lambda: pressure.stop_buying(Stop(1, 0, 0), replace(MARKET, bought_kbd=5000)),
            "^Expected bought, exported and",
        ),
        (
            lambda: pressure.stop_buying(Stop(1, 0, 60), MARKET),
            "^Expected an extra discount below the price of 60 dollars",
        ),
        (lambda: pressure.spread(np.array([1.0, np.nan])), "^Expected draws that are numbers, found some that are not"),
        (lambda: pressure.proportional(1e6, 2e6, 1000), "^Expected recruiting to cost less than all spending, found"),
        (lambda: pressure.proportional(0, 2e6, 1000), "^Expected recruits above zero, found 0: check the figure"),
        (
            lambda: pressure.recruits_from_money(-1, **{**NOW, "elasticity": 0.0}, pass_through=1.0),
            "^Expected elasticity above zero, found 0",
        ),
        (
            lambda: pressure.recruits_from_money(-1, **NOW, pass_through=2.0),
            "^Expected pass_through as a share from 0 to 1, found 2.0",
        ),
    ],
)
def test_what_cannot_be_is_said(build, message):
    with pytest.raises(pressure.PressureError, match=message):
        build()


# ---- money in recruits -----------------------------------------------------


@pytest.mark.parametrize("elasticity", [0.1, 0.4, 1.0, 3.0])
def test_a_small_change_is_divided_by_the_marginal_cost(elasticity):
    now = {**NOW, "elasticity": elasticity}
    lost = pressure.recruits_from_money(-1e-4, pass_through=1.0, **now)
    assert lost == pytest.approx(-1e-4 * 1e9 / (1.5e6 * (1 + 1 / elasticity)), rel=1e-4)


def test_spending_after_the_change_is_spending_before_it_plus_the_change():
    """Pay per recruit follows from supply; recruits times pay must be what is left."""
    lost = pressure.recruits_from_money(-20.0, pass_through=1.0, **NOW)
    recruits = 34_000 + lost
    pay = 1.5e6 * (recruits / 34_000) ** (1 / 0.4)
    assert recruits * pay / 1e9 == pytest.approx(34_000 * 1.5e6 / 1e9 - 20.0)


def test_nobody_is_recruited_without_money_and_no_fewer_than_nobody():
    assert pressure.recruits_from_money(np.array([-51.0, -500.0]), pass_through=1.0, **NOW) == pytest.approx(-34_000)
    assert pressure.recruits_from_money(0.0, pass_through=1.0, **NOW) == 0


def test_a_proportional_cut_lowers_recruiting_by_the_share_of_all_spending_that_is_lost():
    share = pressure.proportional(34_000, 1.5e6, 3400)
    lost = pressure.recruits_from_money(-340.0, pass_through=share, **NOW)
    assert share == pytest.approx(0.015)
    assert lost == pytest.approx(34_000 * (0.9 ** (0.4 / 1.4) - 1))
    assert lost > pressure.recruits_from_money(-340.0, pass_through=pressure.ONE_FOR_ONE, **NOW)


def test_a_price_is_money_first():
    by_price = pressure.recruits_from_price(-5, rub_per_usd=80, revenue_per_rub=0.13, pass_through=0.02, **NOW)
    assert by_price == pytest.approx(pressure.recruits_from_money(-5 * 80 * 0.13, pass_through=0.02, **NOW))
    rising = pressure.recruits_from_price(
        np.array([-20.0, 0.0, 20.0]), rub_per_usd=80, revenue_per_rub=0.13, pass_through=0.02, **NOW
    )
    assert rising[0] < rising[1] == 0 < rising[2] < -rising[0]


def test_a_spread_is_median_and_central_interval():
    found = pressure.spread(np.arange(1001.0), level=0.9)
    assert (found.value, found.lower, found.upper, found.level) == pytest.approx((500.0, 50.0, 950.0, 0.9))
