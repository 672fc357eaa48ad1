"""The ledger against bookkeeping, the passage against its exact law, the closed forms against printed numbers."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attrition.models import balance
from attrition.models.balance import BalanceError, Flows, Parameters, arithmetic, break_even_return_share, first_passage

PLAIN = Parameters(force=700_000, recruits=30_000, casualties=35_000, wounded_per_killed=2.5, return_share=0.5)
WIDE = Parameters(
    force=(660e3, 700e3, 740e3),
    recruits=(25e3, 32e3, 38e3),
    casualties=(26e3, 34e3, 44e3),
    wounded_per_killed=(1.5, 2.1, 3.0),
    return_share=(0.2, 0.5, 0.8),
    other_exits=(0, 3e3, 6e3),
    captured=200.0,
    new_unit_share=(0, 0.1, 0.3),
    recruits_step_sd=0.05,
    casualties_step_sd=0.08,
    memory_months=12.0,
)


@pytest.mark.parametrize(
    ("casualties", "recruits", "wounded_per_killed", "share"),
    [(37_500, 30_000, 2.36, 0.285), (35_000, 30_000, 2.5, 0.200), (40_000, 30_000, 2.5, 0.350)],
)
def test_break_even_to_three_decimals(casualties, recruits, wounded_per_killed, share):
    assert round(break_even_return_share(casualties, recruits, wounded_per_killed), 3) == share


@settings(deadline=None)
@given(st.floats(100, 2e5), st.floats(0, 2e5), st.floats(0.1, 20), st.floats(0, 1e5), st.floats(0, 1))
def test_at_the_break_even_share_nothing_changes(casualties, recruits, ratio, exits, elsewhere):
    level = arithmetic(1e6, recruits, casualties, ratio, 0.5, exits, elsewhere).break_even_return_share
    if 0 <= level <= 1:
        found = arithmetic(1e6, recruits, casualties, ratio, level, exits, elsewhere)
        assert found.net_monthly == pytest.approx(0, abs=1e-6 * (casualties + recruits + exits))
    none, all_ = (arithmetic(1e6, recruits, casualties, ratio, share, exits, elsewhere) for share in (0, 1))
    assert all_.net_monthly - none.net_monthly == pytest.approx(none.wounded, rel=1e-6)
    assert none.killed + none.wounded == pytest.approx(casualties) and none.irrecoverable_share == pytest.approx(1)


def test_a_force_that_all_but_stands_still_takes_for_ever():
    found = arithmetic(1e6, 20.0, 100.0, 4.0, 1.0, other_exits=1.1125369292536007e-308)
    assert found.months_to_threshold == math.inf


def test_months_to_the_threshold_are_those_of_the_straight_line():
    falling = arithmetic(711_000, 24_000, 35_000, 2.5, 0.4, other_exits=1_000, threshold=600_000)
    assert falling.net_monthly == pytest.approx(24_000 - 10_000 - 15_000 - 1_000)
    assert falling.months_to_threshold == pytest.approx(111_000 / 2_000)
    assert arithmetic(711_000, 40_000, 35_000, 2.5, 0.4, threshold=600_000).months_to_threshold == math.inf


def random_flows(rng, draws, months):
    return Flows(*(rng.uniform(0, high, (draws, months)) for high in (40e3, 15e3, 30e3, 8e3)))


@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_nobody_is_created_and_nobody_is_lost(scale):
    """In the theatre, on the way back, gone for good: together always those at the start and those who joined."""
    rng = np.random.default_rng(1)
    flows = random_flows(rng, 200, 48)
    flows = dataclasses.replace(flows, killed=flows.killed * scale, wounded=flows.wounded * scale)
    kernel = balance.returning(3.0)
    hospital = rng.uniform(0, 5e3, (200, len(kernel)))
    start, share = rng.uniform(3e5, 8e5, 200), rng.uniform(0, 1, 200)
    force, waiting, lost = balance.carry(start, flows, share, kernel, hospital)
    there = start + hospital.sum(axis=1) + flows.joining.sum(axis=1)
    np.testing.assert_allclose(force[:, -1] + waiting.sum(axis=1) + lost, there, rtol=1e-12)
    assert (force >= -1e-6).all() and (waiting >= 0).all()


def test_each_month_is_the_identity_of_the_accounts():
    rng = np.random.default_rng(2)
    flows, share, kernel = random_flows(rng, 50, 30), rng.uniform(0, 1, 50), balance.returning(2.0)
    force = balance.carry(np.full(50, 1e7), flows, share, kernel)[0]
    back = np.array([np.convolve(one, kernel)[:30] for one in flows.wounded]) * share[:, None]
    returns = np.concatenate([np.zeros((50, 1)), back[:, :-1]], axis=1)
    expected = flows.joining - flows.killed - flows.wounded - flows.leaving + returns
    np.testing.assert_allclose(np.diff(force, axis=1), expected, atol=1e-6)


def test_nobody_returns_before_the_wound_and_all_within_the_lag():
    wound = np.zeros((1, 40))
    wound[0, 3] = 1000.0
    none = np.zeros((1, 40))
    kernel = balance.returning(4.0, 3.0)
    force = balance.carry(np.array([5e3]), Flows(none, none, wound, none), np.array([0.6]), kernel)[0][0]
    assert (force[:4] == 5e3).all() and force[4] == 4e3
    assert force[-1] == pytest.approx(4600.0)
    away = np.diff(force)[4 : 4 + len(kernel)] / 600
    assert away @ (np.arange(len(kernel)) + 0.5) == pytest.approx(4.0, rel=0.03)


def test_arguments_are_left_alone():
    rng = np.random.default_rng(3)
    flows, hospital = random_flows(rng, 4, 6), np.ones((4, 12))
    before = [one.copy() for one in (flows.joining, flows.killed, flows.wounded, flows.leaving, hospital)]
    balance.carry(np.full(4, 5e5), flows, np.full(4, 0.5), balance.returning(3.0), hospital)
    for one, was in zip((flows.joining, flows.killed, flows.wounded, flows.leaving, hospital), before, strict=True):
        np.testing.assert_array_equal(one, was)


def test_without_doubt_the_simulation_is_the_closed_form():
    """Losses were the same before the start, so returns are steady from the first month on."""
    given_ = dataclasses.replace(PLAIN, other_exits=1_500, captured=250, new_unit_share=0.2)
    paths = balance.simulate(given_, months=36, draws=3, seed=0)
    net = arithmetic(700_000, 30_000, 35_000, 2.5, 0.5, 1_750, 0.2).net_monthly
    np.testing.assert_allclose(paths.force, 700_000 + net * np.arange(37)[None, :].repeat(3, 0), rtol=1e-12)


def test_ranges_keep_their_three_numbers():
    found = balance.simulate(WIDE, 1, 200_000, 4).inputs
    for name in ("force", "recruits", "casualties", "wounded_per_killed", "return_share"):
        low, central, high = getattr(WIDE, name)
        assert np.quantile(found[name], [0.05, 0.5, 0.95]) == pytest.approx((low, central, high), rel=0.01)
    assert (found["new_unit_share"] >= 0).all() and (found["captured"] == 200).all()


def test_draws_that_belong_together_stay_together():
    pairs = np.random.default_rng(0).uniform(0, 1, 500)
    given_ = dataclasses.replace(WIDE, return_share=pairs, recruits=20_000 + 10_000 * pairs)
    for draws in (100, 500, 4_000):
        found = balance.simulate(given_, 2, draws, 1).inputs
        np.testing.assert_allclose(found["recruits"], 20_000 + 10_000 * found["return_share"])
        assert len(np.unique(found["return_share"])) > 0.6 * min(draws, 500)


def test_one_seed_one_answer():
    one, same, other = (balance.simulate(WIDE, 12, 500, seed).force for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_walks_are_as_wide_as_they_say_and_keep_their_median():
    still = dataclasses.replace(PLAIN, recruits_step_sd=0.1, casualties=1e-9, other_exits=0.0, return_share=0.0)
    joined = np.diff(balance.simulate(still, 9, 40_000, 5).force, axis=1)
    assert np.median(joined[:, 8]) == pytest.approx(30_000, rel=0.01)
    assert np.log(joined[:, 8]).std() == pytest.approx(0.3, rel=0.02)


def test_rates_that_are_pulled_back_stay_near_where_they_began():
    pulled = dataclasses.replace(PLAIN, recruits_step_sd=0.1, casualties=1e-9, return_share=0.0, memory_months=6.0)
    joined = np.log(np.diff(balance.simulate(pulled, 120, 20_000, 5).force, axis=1))
    kept = math.exp(-1 / 6)
    assert joined[:, -1].std() == pytest.approx(0.1 / math.sqrt(1 - kept**2), rel=0.02)
    assert np.corrcoef(joined[:, 60], joined[:, 66])[0, 1] == pytest.approx(math.exp(-1), abs=0.02)


# ---- first passage -----------------------------------------------------------------------------------------------


def brownian(draws, months, start, drift, sd, seed):
    steps = drift + sd * np.random.default_rng(seed).standard_normal((draws, months))
    return np.concatenate([np.full((draws, 1), float(start)), start + np.cumsum(steps, axis=1)], axis=1)


def inverse_gaussian(distance, drift, sd):
    """The exact law of the first passage of Brownian motion with drift towards the mark."""
    mean, shape = distance / drift, (distance / sd) ** 2
    return stats.invgauss(mean / shape, scale=shape)


def test_brownian_passage_is_inverse_gaussian_within_one_percent():
    paths = brownian(200_000, 160, 100e3, -5e3, 8e3, seed=11)
    times = first_passage(paths, 0.0, seed=1).times
    exact = inverse_gaussian(100e3, 5e3, 8e3)
    assert (exact.mean(), exact.std()) == (pytest.approx(20.0), pytest.approx(7.155, abs=5e-4))
    assert times.mean() == pytest.approx(20.0, rel=0.01)
    assert times.std() == pytest.approx(7.155, rel=0.01)


def test_between_months_counts_too():
    """Where a month is long against the distance, looking at month ends alone misses a third of all passages."""
    paths = brownian(100_000, 12, 10e3, 0.0, 8e3, seed=3)
    found = first_passage(paths, 0.0, seed=2)
    exact = 2 * stats.norm.cdf(-10e3 / (8e3 * math.sqrt(6)))
    seen = (paths[:, :7].min(axis=1) <= 0).mean()
    assert found.p_6m == pytest.approx(exact, abs=0.004) and seen < exact - 0.08
    assert stats.kstest(found.times[found.times < 1], lambda t: _passed(t) / _passed(1.0)).pvalue > 0.001


def _passed(t):
    return 2 * stats.norm.cdf(-10e3 / (8e3 * np.sqrt(np.maximum(t, 1e-12))))


def test_drifts_that_differ_do_not_blur_the_noise():
    drifts = np.random.default_rng(5).normal(-3e3, 6e3, 60_000)
    noise = 2e3 * np.random.default_rng(6).standard_normal((60_000, 24))
    paths = 100e3 + np.cumsum(np.hstack([np.zeros((60_000, 1)), drifts[:, None] + noise]), axis=1)
    found = first_passage(paths, 40e3, seed=7)
    toward = -drifts[drifts < -1e-9]
    exact = inverse_gaussian(60e3, toward, 2e3).cdf(24).sum() / 60_000
    assert found.p_24m == pytest.approx(exact, abs=0.004)


def test_a_straight_fall_passes_where_the_line_does():
    found = first_passage(700e3 - 7e3 * np.arange(37.0)[None, :], 600e3)
    assert found.median == pytest.approx(100 / 7) and found.never == 0
    assert (found.p_6m, found.p_12m, found.p_24m) == (0, 0, 1)


def test_chances_grow_with_time_and_with_the_mark():
    paths = balance.simulate(WIDE, 36, 20_000, 8)
    by_mark = [first_passage(paths, mark) for mark in (400e3, 500e3, 600e3, 650e3)]
    for one in by_mark:
        assert one.p_6m <= one.p_12m <= one.p_24m <= 1 - one.never
        assert one.by(12) == one.p_12m and one.level == 0.9
    assert [one.p_24m for one in by_mark] == sorted(one.p_24m for one in by_mark)


def test_who_begins_below_has_passed_and_short_paths_are_not_asked():
    paths = np.array([[5.0, 5.0, 5.0], [1.0, 5.0, 5.0], [5.0, 5.0, 5.0]])
    found = first_passage(paths, 2.0)
    assert sorted(found.times) == [0.0, math.inf, math.inf] and found.never == pytest.approx(2 / 3)
    assert (found.p_6m, found.p_12m, found.p_24m) == (None, None, None)
    assert found.median == math.inf and found.months == 2


def test_a_month_beyond_the_paths_is_refused():
    found = first_passage(balance.simulate(PLAIN, 6, 10, 0), 600_000)
    with pytest.raises(
        BalanceError, match="Expected a month from 0 to 6, as long as the paths are, found 12: simulate"
    ):
        found.by(12)


# ---- bad input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threshold", [700_000, 900_000.0, -1])
def test_a_threshold_lies_below_todays_force(threshold):
    words = "Expected a threshold of at least 0 and below today's force of 700,000, found .*: choose a lower one"
    with pytest.raises(BalanceError, match=words):
        first_passage(balance.simulate(PLAIN, 6, 10, 0), threshold)
    with pytest.raises(BalanceError, match=words):
        arithmetic(700_000, 1, 1, 1, 0.5, threshold=threshold)


@pytest.mark.parametrize("draws", [0, -5, 1.5])
def test_at_least_one_draw(draws):
    with pytest.raises(BalanceError, match=r"Expected at least one draw, found .*: give a whole number from 1 on\."):
        balance.simulate(PLAIN, 12, draws, 0)


@pytest.mark.parametrize("months", [0, 10_000, -1, 2.5])
def test_a_horizon_that_can_be_followed(months):
    with pytest.raises(BalanceError, match="Expected a horizon of 1 to 240 months, found .*: nobody can say more, ask"):
        balance.simulate(PLAIN, months, 10, 0)


@pytest.mark.parametrize("share", [-0.1, 1.2, math.nan, np.array([0.5, 40.0]), (0.2, 0.5, 1.5)])
@pytest.mark.parametrize("name", ["return_share", "new_unit_share"])
def test_shares_lie_between_nought_and_one(name, share):
    with pytest.raises(BalanceError, match=f"Expected {name} between 0 and 1, found .*: divide a percentage by 100"):
        balance.simulate(dataclasses.replace(PLAIN, **{name: share}), 6, 10, 0)
    if isinstance(share, float):
        with pytest.raises(BalanceError, match=f"Expected {name} between 0 and 1, found"):
            arithmetic(**{**dict.fromkeys(("force", "recruits", "casualties"), 9.0), "wounded_per_killed": 2.0}
                       | {"return_share": 0.5, name: share})  # fmt: skip


@pytest.mark.parametrize("number", [-1.0, math.inf, np.array([5.0, -2.0]), (-3, 1, 2)])
@pytest.mark.parametrize("name", ["force", "recruits", "casualties", "wounded_per_killed", "other_exits", "captured"])
def test_flows_are_not_negative(name, number):
    with pytest.raises(BalanceError, match=f"Expected {name} of at least 0, found .*: flows and forces count persons"):
        balance.simulate(dataclasses.replace(PLAIN, **{name: number}), 6, 10, 0)


def test_closed_forms_refuse_what_cannot_be():
    with pytest.raises(BalanceError, match="Expected recruits of at least 0, found -1: flows and forces count persons"):
        break_even_return_share(10, -1, 2)
    with pytest.raises(BalanceError, match="Expected other_exits of at least 0, found nan"):
        break_even_return_share(10, 1, 2, math.nan)
    for given_ in ((0, 5, 2), (5, 5, 0)):
        with pytest.raises(BalanceError, match="Expected .* above zero, found 0: without it there is nothing to bal"):
            break_even_return_share(*given_)


def test_ranges_run_upwards_and_arrays_have_one_length():
    with pytest.raises(BalanceError, match="Expected recruits as low, central, high in rising order, found"):
        balance.simulate(dataclasses.replace(PLAIN, recruits=(3, 2, 1)), 6, 10, 0)
    apart = dataclasses.replace(PLAIN, recruits=np.ones(5), casualties=np.ones(6))
    with pytest.raises(
        BalanceError, match="Expected arrays of draws of one length, found recruits 5, casualties 6: dr"
    ):
        balance.simulate(apart, 6, 10, 0)


@pytest.mark.parametrize("lag", [0, -1, 200])
def test_a_lag_in_months(lag):
    with pytest.raises(
        BalanceError, match="Expected lag_months above 0 and at most 60, found .*: give a lag in months"
    ):
        balance.returning(lag)
    with pytest.raises(BalanceError, match="Expected lag_shape above 0 and at most 60"):
        balance.returning(3.0, lag)


@pytest.mark.parametrize("memory", [0, -2.0, math.nan])
def test_a_memory_in_months(memory):
    with pytest.raises(BalanceError, match="Expected memory_months above zero, found .*: give months, infinite for"):
        balance.simulate(dataclasses.replace(PLAIN, memory_months=memory), 6, 10, 0)


def test_a_step_between_nought_and_one():
    with pytest.raises(
        BalanceError, match="Expected casualties_step_sd between 0 and 1, found 3: give the standard dev"
    ):
        balance.simulate(dataclasses.replace(PLAIN, casualties_step_sd=3), 6, 10, 0)


@pytest.mark.parametrize("paths", [np.zeros((0, 4)), np.ones(5), np.ones((3, 1)), np.array([[1.0, math.nan]])])
def test_paths_are_a_table(paths):
    with pytest.raises(
        BalanceError, match="Expected paths as a table of finite numbers, draws by months with today fi"
    ):
        first_passage(paths, 0.5)
