"""Before and after named days: known steps and slopes come back, families are not mixed, short stretches are honest."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from attrition.models import pressure


def stepped(sizes=(20, 20), levels=(100.0, 60.0), slopes=(0.0, 0.0), noise=0.0, seed=1):
    pieces = [level + slope * np.arange(size) for size, level, slope in zip(sizes, levels, slopes, strict=True)]
    months = pd.period_range("2020-01", periods=sum(sizes), freq="M")
    errors = np.random.default_rng(seed).normal(0, noise, len(months)) if noise else 0.0
    return pd.Series(np.concatenate(pieces) + errors, months)


def test_a_step_comes_back():
    found = pressure.interrupt(stepped(), ["2021-09-01"])
    step = found.steps.iloc[0]
    assert (step["before"], step["after"], step["change"], step["jump"]) == pytest.approx((100, 60, -40, -40))
    assert found.stretches["months"].tolist() == [20, 20] and found.errors == "Newey-West" and found.lag == 3
    assert str(found.stretches.loc[1, "first"]) == "2021-09"


def test_slopes_are_told_from_a_step():
    series = stepped(levels=(100.0, 60.0), slopes=(1.0, -2.0))
    found = pressure.interrupt(series, ["2021-09-01"])
    assert found.stretches["slope"].tolist() == pytest.approx([1, -2])
    jump = found.steps["jump"].iloc[0]
    assert jump == pytest.approx((60 + 2 * 0.5) - (100 + 19 + 0.5))
    no_step = pressure.interrupt(pd.Series(np.arange(40.0), series.index), ["2021-09-01"]).steps.iloc[0]
    assert no_step["jump"] == pytest.approx(0, abs=1e-9) and no_step["change"] == pytest.approx(20)


def test_a_month_belongs_to_the_side_its_middle_lies_on():
    series = stepped(sizes=(3, 3), levels=(10.0, 20.0))
    for day, before in (("2020-03-15", 2), ("2020-03-16", 3), ("2020-04-15", 3), ("2020-04-16", 4)):
        assert pressure.interrupt(series, [day]).stretches["months"].iloc[0] == before


def test_newey_west_agrees_with_statsmodels():
    series = stepped(noise=5.0)
    found = pressure.interrupt(series, ["2021-09-01"])
    places = np.arange(40.0)
    after = places >= 20
    matrix = np.column_stack([~after, np.where(after, 0, places - 9.5), after, np.where(after, places - 29.5, 0)])
    known = sm.OLS(series.to_numpy(), matrix.astype(float)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True
    )
    ends = known.t_test([-1, 0, 1, 0]).conf_int(0.1)[0]
    assert found.steps[["lower", "upper"]].iloc[0].tolist() == pytest.approx(ends.tolist())


def test_few_months_share_one_spread_as_in_the_t_test_of_two_means():
    from scipy import stats

    series = stepped(sizes=(5, 4), noise=6.0)
    found = pressure.interrupt(series, ["2020-06-01"])
    known = stats.ttest_ind(series[5:], series[:5]).confidence_interval(0.9)
    assert found.steps[["lower", "upper"]].iloc[0].tolist() == pytest.approx([known.low, known.high])
    assert found.errors == "one spread" and found.lag == 0
    assert found.stretches["slope"].isna().all() and np.isnan(found.steps["jump"].iloc[0])


def test_one_month_after_a_long_series_gets_an_interval_of_the_common_spread():
    series = stepped(sizes=(30, 1), noise=5.0)
    found = pressure.interrupt(series, ["2022-07-01"])
    last = found.stretches.iloc[1]
    assert found.errors == "one spread" and found.lag == 3
    assert last["upper"] - last["lower"] > 10


def test_one_spread_covers_as_often_as_it_says():
    hits = []
    for seed in range(400):
        step = pressure.interrupt(stepped(sizes=(5, 3), noise=8.0, seed=seed), ["2020-06-01"]).steps.iloc[0]
        hits.append(step["lower"] <= -40 <= step["upper"])
    assert 0.86 <= np.mean(hits) <= 0.94


def test_too_few_months_give_means_without_interval():
    found = pressure.interrupt(stepped(sizes=(2, 1), levels=(10.0, 4.0)), ["2020-03-01"])
    assert found.errors == "not defined" and found.steps["change"].iloc[0] == pytest.approx(-6)
    assert found.steps[["lower", "upper"]].isna().all(axis=None)


def test_days_inside_a_series_are_picked():
    series = stepped(sizes=(3, 3))
    days = ["2019-12-31", "2020-01-15", "2020-01-16", "2020-06-15", "2020-06-16"]
    assert [f"{day:%m-%d}" for day in pressure.inside(series, days)] == ["01-16", "06-15"]
    assert len(pressure.interrupt(series, []).stretches) == 1


def test_of_days_without_a_month_between_them_the_first_is_picked():
    series = stepped(sizes=(12, 12)).drop(pd.period_range("2020-06", "2020-09", freq="M"))
    days = pressure.inside(series, ["2020-08-20", "2020-06-10", "2020-07-10", "2020-11-01"])
    assert [f"{day:%m-%d}" for day in days] == ["06-10", "11-01"]
    assert pressure.interrupt(series, days, gaps=True).stretches["months"].tolist() == [5, 1, 14]


def rows(**columns):
    base = {"measure": "a", "source": "s", "as_of": pd.to_datetime(["2024-01-31", "2024-02-29"]), "central": [1.0, 2.0]}
    return pd.DataFrame({**base, **columns})


def test_one_family_is_a_series_and_floors_are_no_part_of_it():
    assert pressure.one_family(rows()).tolist() == [1.0, 2.0]
    assert pressure.one_family(rows(central=[np.nan, 2.0])).index.astype(str).tolist() == ["2024-02"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"measure": ["customs", "tanker"]},
            "^Expected one family of figures in a series, found customs and tanker: fit",
        ),
        ({"source": ["x", "y"]}, "^Expected figures of one source in a series, found x and y: fit each"),
        ({"as_of": pd.to_datetime(["2024-01-31"] * 2)}, "found 2024-01 more than once: take one family, one source"),
        ({"central": [np.nan, np.nan]}, "^Expected a central number in at least one row, found none"),
    ],
)
def test_mixed_families_are_refused(columns, message):
    with pytest.raises(pressure.PressureError, match=message):
        pressure.one_family(rows(**columns))


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        (
            ["2019-05-01"],
            r"^Expected every break inside the series from 2020-01 to 2023-04, found 2019-05-01: leave it",
        ),
        (["2024-01-01"], "found 2024-01-01: leave it out or take a longer series"),
        (["2021-03-20", "2021-04-02"], "^Expected a month between any two breaks, found none between 2021-03-20 and"),
    ],
)
def test_breaks_that_cannot_be_are_said(breaks, message):
    with pytest.raises(pressure.PressureError, match=message):
        pressure.interrupt(stepped(), breaks)


def test_missing_months_are_said_or_left_missing():
    series = stepped().drop([pd.Period("2020-05"), pd.Period("2022-01")])
    with pytest.raises(
        pressure.PressureError, match=r"every month from 2020-01 to 2023-04, found none for 2020-05, 2022"
    ):
        pressure.interrupt(series, ["2021-09-01"])
    found = pressure.interrupt(series, ["2021-09-01"], gaps=True)
    assert found.stretches["months"].tolist() == [19, 19]
    with pytest.raises(pressure.PressureError, match="at least one month, found an empty one"):
        pressure.interrupt(series[:0], [])
