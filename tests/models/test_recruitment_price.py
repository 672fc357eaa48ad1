"""Payments, the answer of recruits to them, and what more would cost: closed forms, simulated truth, refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attrition.models import recruitment
from attrition.models.recruitment import RecruitmentError

MEASURES = {"part": "local", "whole": "all", "general": "state"}


def price(measure, region, day, amount, *, end=None, id_="x", bound="exact"):
    low, central, high = (amount, None, None) if bound == "at_least" else (None, amount, None)
    return {"id": id_, "measure": measure, "region": region, "as_of": pd.Timestamp(day), "low": low, "central": central,
            "period_start": pd.Timestamp(day) if measure == "state" else pd.NaT, "period_end": pd.Timestamp(end),
            "high": high, "bound": bound, "source": "s"}  # fmt: skip


def prices(*rows):
    days = ["as_of", "period_start", "period_end"]
    return pd.DataFrame(rows).astype({**dict.fromkeys(days, "datetime64[ns]"), "low": float, "high": float})


STATE = (price("state", "", "2030-01-01", 200, end="2030-06-30"), price("state", "", "2030-07-01", 400))


def test_a_part_becomes_a_whole_with_the_general_payment_of_its_day_and_says_so():
    rows = prices(*STATE, price("local", "a", "2030-06-30", 100), price("local", "a", "2030-07-01", 100),
                  price("all", "b", "2030-07-01", 900), price("local", "b", "2030-07-01", 350))  # fmt: skip
    found = recruitment.panel(rows, **MEASURES)
    assert found["whole"].tolist() == [300, 500, 900]
    assert found["basis"].tolist() == ["part and general payment"] * 2 + ["stated whole"]
    assert found["part"].tolist() == [100, 100, 350] and np.isnan(found["general"].iloc[2])


def test_without_a_payment_the_panel_is_empty_and_dated():
    found = recruitment.panel(prices(*STATE), **MEASURES)
    assert found.empty and found["day"].dt.year.empty
    assert recruitment.standing(found, "2030-01-01").empty


def test_a_payment_up_to_an_amount_keeps_its_bound():
    rows = prices(*STATE, price("local", "a", "2030-06-30", 100, bound="at_least"))
    assert recruitment.panel(rows, **MEASURES)["bound"].tolist() == ["at_least"]


def test_a_part_without_a_general_payment_or_an_amount_is_refused():
    with pytest.raises(RecruitmentError, match="a general payment in force on 2029-06-30 to complete 'q', found none"):
        recruitment.panel(prices(*STATE, price("local", "a", "2029-06-30", 100, id_="q")), **MEASURES)
    with pytest.raises(RecruitmentError, match="Expected an amount in 'q', found none: fill in central, low or high."):
        recruitment.panel(prices(*STATE, price("all", "a", "2029-06-30", None, id_="q")), **MEASURES)


def test_the_last_payment_of_each_place_stands():
    rows = prices(*STATE, *(price("all", *facts) for facts in
                            (("a", "2030-02-01", 5), ("a", "2030-05-01", 3), ("b", "2030-03-01", 4))))  # fmt: skip
    table = recruitment.panel(rows, **MEASURES)
    assert recruitment.standing(table, "2030-06-01")["whole"].tolist() == [4, 3]
    assert recruitment.standing(table, "2030-04-01")["whole"].tolist() == [5, 4]
    assert recruitment.standing(table, "2031-04-15")["region"].tolist() == ["a"]


def test_a_payment_that_ran_out_stands_no_more():
    rows = prices(*STATE, price("all", "a", "2030-02-01", 5), price("all", "a", "2030-03-01", 9, end="2030-04-30"))
    table = recruitment.panel(rows, **MEASURES)
    assert recruitment.standing(table, "2030-04-30")["whole"].tolist() == [9]
    assert recruitment.standing(table, "2030-05-01").empty


def test_a_rate_is_of_the_day_or_of_the_nearest_day_before():
    quoted = pd.Series([90.0, np.nan, 95.0], index=pd.to_datetime(["2030-01-01", "2030-01-04", "2030-01-20"]))
    assert recruitment.rate_on(quoted, "2030-01-01") == 90
    assert recruitment.rate_on(quoted, "2030-01-08") == 90
    assert recruitment.rate_on(quoted, "2030-01-21") == 95
    with pytest.raises(
        RecruitmentError, match="on 2030-01-09 or up to 7 days before, found the last one on 2030-01-01"
    ):
        recruitment.rate_on(quoted, "2030-01-09")
    with pytest.raises(
        RecruitmentError, match="on 2029-12-31 or up to 7 days before, found none before: choose anothe"
    ):
        recruitment.rate_on(quoted, "2029-12-31")
    assert recruitment.rate_on(quoted, "2030-01-15", within_days=30) == 90


def test_a_monthly_mean_counts_for_its_own_days_only():
    months = pd.Series([90.0, np.nan, 99.0], index=pd.to_datetime(["2030-01-31", "2030-02-28", "2030-03-31"]))
    days = recruitment.days_of_months(months)
    assert len(days) == 62 and days.loc["2030-03-01"] == 99
    assert recruitment.rate_on(days, "2030-02-07") == 90
    with pytest.raises(RecruitmentError, match="found the last one on 2030-01-31"):
        recruitment.rate_on(days, "2030-02-08")


def simulated(rng, *, truth=0.3, groups=80, periods=30, lasting=0.6):
    """Recruits of many places with own levels, shared months, lasting shocks, and prices that wander."""
    walk = np.cumsum(rng.standard_normal((groups, periods)) * 0.15, axis=1)
    shock = np.zeros((groups, periods))
    noise = rng.standard_normal((groups, periods)) * 0.3
    for at in range(1, periods):
        shock[:, at] = lasting * shock[:, at - 1] + noise[:, at]
    wage = np.exp(0.01 * np.arange(periods))[None, :] * np.exp(rng.standard_normal((groups, 1)))
    log = 5 + rng.standard_normal((groups, 1)) + rng.standard_normal((1, periods)) * 0.2 + truth * walk + shock
    where, when = np.indices((groups, periods))
    columns = {"recruits": np.exp(log), "bonus": np.exp(walk) * wage, "wage": wage * np.ones((1, periods))}
    return pd.DataFrame({"group": where.ravel(), "period": when.ravel(), **{k: v.ravel() for k, v in columns.items()}})


def test_a_known_elasticity_is_covered_as_often_as_the_interval_says():
    rng = np.random.default_rng(2022)
    found = [recruitment.elasticity(simulated(rng), level=0.95) for _ in range(1000)]
    held = np.mean([one.lower <= 0.3 <= one.upper for one in found])
    assert 0.93 <= held <= 0.97
    assert np.mean([one.value for one in found]) == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("groups", [6, 10])
def test_few_groups_are_covered_too(groups):
    rng = np.random.default_rng(7)
    found = [recruitment.elasticity(simulated(rng, groups=groups), level=0.9) for _ in range(500)]
    assert 0.86 <= np.mean([one.lower <= 0.3 <= one.upper for one in found]) <= 0.95
    assert max(one.freedom for one in found) < groups


def test_slope_and_interval_agree_with_textbook_matrices():
    """CR2 and its degrees of freedom once more, from the definitions with matrices (Imbens & Kolesar 2016)."""
    rng = np.random.default_rng(3)
    panel = simulated(rng, groups=7, periods=9)
    found = recruitment.elasticity(panel, level=0.9, periods=False)
    x, y = np.log(panel["bonus"] / panel["wage"]).to_numpy(), np.log(panel["recruits"]).to_numpy()
    group = panel["group"].to_numpy()
    x, y = (one - (np.bincount(group, one) / 9)[group] for one in (x, y))
    size = x @ x
    slope = x @ y / size
    maker = np.eye(len(x)) - np.outer(x, x) / size
    parts = []
    for one in range(7):
        rows = group == one
        values, vectors = np.linalg.eigh(maker[np.ix_(rows, rows)])
        parts.append(maker[:, rows] @ vectors @ np.diag(values**-0.5) @ vectors.T @ x[rows] / size)
    gram = np.array(parts) @ np.array(parts).T
    sd = np.sqrt(sum((part @ y) ** 2 for part in parts))
    freedom = np.trace(gram) ** 2 / (gram**2).sum()
    assert found.value == pytest.approx(slope) and found.freedom == pytest.approx(freedom)
    assert found.upper == pytest.approx(slope + stats.t.ppf(0.95, freedom) * sd)


def test_a_lag_looks_at_the_price_before():
    panel = simulated(np.random.default_rng(5), groups=4)
    panel["recruits"] = (panel["bonus"] / panel["wage"]) ** 0.7
    late = panel.assign(recruits=panel.groupby("group")["recruits"].shift(2)).dropna()
    assert recruitment.elasticity(late, lag=2).value == pytest.approx(0.7)
    assert recruitment.elasticity(late, lag=0).value < 0.69


def test_an_unbalanced_panel_is_read_as_with_dummies():
    rng = np.random.default_rng(8)
    panel = simulated(rng, groups=6, periods=8).sample(frac=0.7, random_state=1)
    x, y = np.log(panel["bonus"] / panel["wage"]), np.log(panel["recruits"])
    dummies = pd.get_dummies(panel[["group", "period"]].astype(str)).to_numpy(dtype=float)
    slope = np.linalg.lstsq(np.column_stack([x, dummies]), y, rcond=None)[0][0]
    assert recruitment.elasticity(panel).value == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.drop(columns="wage"), "found no 'wage': add it."),
        (lambda rows: rows.assign(wage=0.0), "Expected wage above zero in every row, found 0: leave such rows out."),
        (lambda rows: rows.assign(bonus=2.0, wage=1.0), "Expected prices that differ between periods or groups, found"),
        (lambda rows: rows.head(4), "Expected at least 5 rows with recruits, bonus and wage, found 4: give more of"),
    ],
)
def test_a_panel_that_says_nothing_is_refused(change, words):
    with pytest.raises(RecruitmentError) as caught:
        recruitment.elasticity(change(simulated(np.random.default_rng(1), groups=2, periods=5)))
    assert words in str(caught.value)


def test_one_more_recruit_costs_the_derivative_of_the_whole_bill():
    bonus, answer = 2.0, 0.4
    people = lambda b: 100 * b**answer  # noqa: E731
    step = 1e-6
    slope = (people(bonus + step) * (bonus + step) - people(bonus) * bonus) / (people(bonus + step) - people(bonus))
    assert recruitment.marginal_cost(bonus, answer) == pytest.approx(slope, rel=1e-5)
    assert recruitment.marginal_cost(2.0, np.array([0.5, 1.0])).tolist() == [6.0, 4.0]
    for wrong in (0, -0.3):
        with pytest.raises(RecruitmentError, match=f"Expected an elasticity above zero, found {wrong}: the formula"):
            recruitment.marginal_cost(2.0, wrong)
    with pytest.raises(RecruitmentError, match="Expected a bonus above zero, found 0: the formula has no meaning the"):
        recruitment.marginal_cost(0, 0.5)


def test_at_the_break_even_bonus_as_many_come_as_are_needed():
    found = recruitment.break_even_bonus(2.0, 30_000, 36_000, 0.25)
    assert 30_000 * (found / 2.0) ** 0.25 == pytest.approx(36_000)
    assert recruitment.break_even_bonus(2.0, 30_000, 15_000, 0.5) == pytest.approx(0.5)
    with pytest.raises(RecruitmentError, match="Expected recruits above zero, found 0: the formula has no meaning"):
        recruitment.break_even_bonus(2.0, 0, 15_000, 0.5)


def test_the_bill_of_a_year_holds_priced_months_only():
    months = pd.date_range("2030-11-01", periods=4, freq="MS")
    paths = pd.DataFrame([[10.0, 10.0, 20.0, 20.0], [30.0, 30.0, 40.0, 40.0]], columns=months)
    found = recruitment.bill(paths, pd.Series([np.nan, 2.0, 2.0, 3.0], months))
    assert found["value"].tolist() == [40.0, 150.0] and found["months"].tolist() == [1, 2]
    assert found["price"].tolist() == [2.0, 2.5] and (found["lower"] < found["upper"]).all()
