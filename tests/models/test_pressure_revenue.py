"""The revenue regression: known coefficients come back, intervals cover, and bad windows are refused in a sentence."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from attrition.models import pressure
from attrition.models.pressure import revenue, skill

PAYS = [3, 4, 7, 10]
MONTHS = pd.period_range("2019-10", periods=75, freq="M")


def prices(seed=1, months=MONTHS):
    walk = np.random.default_rng(seed).normal(0, 0.25, len(months)).cumsum()
    return pd.Series(5 + walk, index=months)


def taxed(price, *, share=110.0, quarter=70.0, base=50.0, noise=0.0, follow=0.0, seed=2):
    """Revenue that a known law makes of a price; errors follow each other by `follow`."""
    index = price.index[3:]
    last = price.shift(1)[index]
    mean = price.rolling(3).mean().shift(1)[index]
    error = np.zeros(len(index))
    shocks = np.random.default_rng(seed).normal(0, noise, len(index)) if noise else error
    for at, shock in enumerate(shocks):
        error[at] = shock + (follow * error[at - 1] if at else 0.0)
    return base + share * last + quarter * mean.where(index.month.isin(PAYS), 0.0) + error


def test_a_known_law_without_noise_comes_back():
    price = prices()
    found = pressure.fit(taxed(price), price, pay_months=PAYS)
    assert found.monthly.value == pytest.approx(110)
    assert found.quarterly.value == pytest.approx(70)
    assert found.lasting.value == pytest.approx(110 + 70 * 4 / 12)
    assert found.lasting.value == pytest.approx(np.mean(taxed(price + 1) - taxed(price)), rel=0.02)
    assert np.abs(found.residuals).max() < 1e-9
    assert (found.months, found.lag) == (72, 3)


def test_errors_agree_with_statsmodels_own_newey_west():
    price = prices()
    income = taxed(price, noise=80, follow=0.5)
    matrix = revenue.regressors(price, income.index, pay_months=PAYS, seasons="quarterly share")
    model = sm.OLS(income.to_numpy(), matrix.to_numpy())
    known = model.fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True)
    found = pressure.fit(income, price, pay_months=PAYS)
    assert found.lasting.value == pytest.approx(known.t_test([0, 1, 4 / 12]).effect.item())
    assert (found.lasting.lower, found.lasting.upper) == pytest.approx(known.t_test([0, 1, 4 / 12]).conf_int(0.1)[0])
    assert found.monthly.error == pytest.approx(known.bse[1])


@pytest.mark.parametrize(("follow", "least"), [(0.0, 0.84), (0.4, 0.78)])
def test_intervals_cover_the_truth_nearly_as_often_as_they_say(follow, least):
    price = prices()
    truth = 110 + 70 * 4 / 12
    fits = [
        pressure.fit(taxed(price, noise=90, follow=follow, seed=seed), price, pay_months=PAYS) for seed in range(300)
    ]
    covered = np.mean([one.lasting.lower <= truth <= one.lasting.upper for one in fits])
    assert least <= covered <= 0.95
    assert np.mean([one.lasting.value for one in fits]) == pytest.approx(truth, rel=0.05)


def test_a_month_left_out_does_not_touch_the_coefficient():
    price = prices()
    income = taxed(price, noise=40)
    spoilt = income.copy()
    spoilt[pd.Period("2022-04")] = 1e5
    found = pressure.fit(spoilt, price, pay_months=PAYS, left_out=["2022-04"])
    missing = pressure.fit(
        income.drop(pd.Period("2022-04")), price.drop(pd.Period("2022-03")), pay_months=PAYS, left_out=["2022-04"]
    )
    assert found.months == missing.months == 71 and found.left_out == ("2022-04",)
    assert found.lasting.value == pytest.approx(missing.lasting.value)
    assert pd.Period("2022-04") not in found.residuals
    without = sm.OLS(
        income.drop(pd.Period("2022-04")).to_numpy(),
        revenue.regressors(price, income.index, pay_months=PAYS, seasons="quarterly share")
        .drop(pd.Period("2022-04"))
        .to_numpy(),
    ).fit()
    assert found.monthly.value == pytest.approx(without.params[1])


def test_the_window_begins_where_prices_before_it_are_known():
    price = prices()
    income = pd.Series(1.0, pd.period_range("2019-01", "2022-12", freq="M")) + prices(5).reindex(
        pd.period_range("2019-01", "2022-12", freq="M")
    ).fillna(0)
    assert pressure.fit(income, price, pay_months=PAYS).fitted.index[0] == pd.Period("2020-01")


@pytest.mark.parametrize("seasons", ["pay months", "months", "none"])
def test_seasons_as_levels_leave_the_price_its_coefficient(seasons):
    price = prices()
    found = pressure.fit(taxed(price, quarter=0.0), price, pay_months=PAYS, seasons=seasons)
    assert found.lasting.value == pytest.approx(110) and found.quarterly is None


def test_drawn_coefficients_have_the_interval_of_the_fit():
    price = prices()
    effect = pressure.fit(taxed(price, noise=60), price, pay_months=PAYS).lasting
    drawn = effect.draw(200_000, seed=3)
    assert np.quantile(drawn, [0.05, 0.95]) == pytest.approx([effect.lower, effect.upper], rel=0.01)
    assert (drawn == effect.draw(200_000, seed=3)).all()


def test_arguments_stay_as_they_are():
    price = prices()
    income = taxed(price, noise=10)
    before = price.copy(), income.copy()
    pressure.fit(income, price, pay_months=PAYS)
    pressure.roll(income, price, pay_months=PAYS)
    pd.testing.assert_series_equal(price, before[0])
    pd.testing.assert_series_equal(income, before[1])


def test_missing_months_are_named():
    price = prices()
    income = taxed(price).drop([pd.Period("2021-05"), pd.Period("2022-01")])
    with pytest.raises(
        pressure.PressureError, match=r"^Expected revenue and price of every month .* 2021-05, 2022-01: "
    ):
        pressure.fit(income, price, pay_months=PAYS)
    with pytest.raises(pressure.PressureError, match=r"found none for 2021-06: name these months in left_out"):
        pressure.fit(taxed(price), price.drop(pd.Period("2021-05")), pay_months=[])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"price": lambda p: p * 0 + 4},
            r"^Expected regressors that differ, found a singular regression \(rank 2 of 3",
        ),
        ({"revenue": lambda r: r[:20]}, r"^Expected at least 24 months in the regression, found 20: widen the window"),
        ({"revenue": lambda r: pd.concat([r, r[-1:]])}, r"one number a month of revenue, found 2025-12 more than once"),
        ({"revenue": lambda r: r[:0]}, r"^Expected at least 24 months of revenue and price, found none"),
        ({"seasons": "weekly"}, r"^Expected seasons as one of quarterly share, pay months, .* found 'weekly'"),
    ],
)
def test_what_cannot_be_fitted_is_said(change, message):
    price = prices()
    given = {"revenue": taxed(price), "price": price, "pay_months": PAYS}
    for name, make in change.items():
        given[name] = make(given[name]) if callable(make) else make
    with pytest.raises(pressure.PressureError, match=message):
        pressure.fit(**given)


# ---- out of sample ---------------------------------------------------------


def test_the_true_law_beats_every_plain_rule_out_of_sample():
    price = prices(seed=4)
    found = pressure.roll(taxed(price, noise=30), price, pay_months=PAYS, seasons=revenue.SEASONS)
    table = pressure.judge(found)
    assert table.index[0] == "quarterly share"
    assert table.loc["quarterly share", "lower"] > 0
    assert table.loc[skill.YARDSTICK, ["ratio", "saved"]].tolist() == [1.0, 0.0]
    assert 0.8 <= table.loc["quarterly share", "coverage"] <= 1.0
    assert table["months"].nunique() == 1


def test_a_law_that_ignores_the_price_gives_the_regression_no_advantage():
    price = prices(seed=6)
    seasonal = pd.Series(np.tile(np.arange(12.0) * 50, 7)[: len(price)], price.index)
    table = pressure.judge(pressure.roll(seasonal, price, pay_months=PAYS))
    assert table.index[0] == skill.YARDSTICK and table.loc["quarterly share", "saved"] < 0


def test_a_prediction_knows_nothing_of_its_month_or_later():
    price = prices()
    income = taxed(price, noise=30)
    later = income.copy()
    later.iloc[50:] += 500
    one, other = (pressure.roll(series, price, pay_months=PAYS) for series in (income, later))
    until = income.index[50]
    mine, theirs = (frame[frame["month"] <= until]["predicted"].to_numpy() for frame in (one, other))
    assert np.array_equal(mine, theirs, equal_nan=True)


def test_the_interval_of_the_prediction_is_that_of_statsmodels():
    price = prices()
    income = taxed(price, noise=30)
    found = pressure.roll(income, price, pay_months=PAYS)
    last = found[found["method"] == "quarterly share"].iloc[-1]
    matrix = revenue.regressors(price, income.index, pay_months=PAYS, seasons="quarterly share").to_numpy()
    known = sm.OLS(income.to_numpy()[:-1], matrix[:-1]).fit().get_prediction(matrix[-1:]).summary_frame(alpha=0.1)
    assert (last["predicted"], last["lower"], last["upper"]) == pytest.approx(
        known[["mean", "obs_ci_lower", "obs_ci_upper"]].iloc[0].tolist()
    )


def test_plain_rules_are_what_they_say():
    price = prices()
    income = taxed(price)
    found = pressure.roll(income, price, pay_months=PAYS).set_index(["month", "method"])["predicted"]
    month = income.index[-1]
    assert found[month, skill.YARDSTICK] == income[month - 12]
    assert found[month, skill.SCALED] == pytest.approx(income[month - 12] * price[month - 1] / price[month - 13])
    assert found[month, skill.LAST_YEAR] == pytest.approx(income[month - 12 : month - 1].mean())


def test_nothing_left_to_predict_and_an_unknown_yardstick_are_said():
    price = prices()
    with pytest.raises(pressure.PressureError, match="Expected months beyond the first 72 to predict, found none"):
        pressure.roll(taxed(price), price, pay_months=PAYS, first=72)
    found = pressure.roll(taxed(price), price, pay_months=PAYS)
    with pytest.raises(pressure.PressureError, match="Expected 'oracle' among the methods, found"):
        pressure.judge(found, yardstick="oracle")
