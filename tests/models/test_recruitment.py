"""Recruits by month against closed forms, known truth and every sentence with which bad totals are refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attrition.models import recruitment
from attrition.models.recruitment import RecruitmentError, Settings, Spread, disaggregate, from_rates

REACH = stats.norm.ppf(0.95)


def total(start, end, central=None, low=None, high=None, *, bound="exact", id_=None, measure="contracts"):
    days = {"period_start": pd.Timestamp(start), "period_end": pd.Timestamp(end)}
    return {"id": id_ or f"{start}/{end}", "measure": measure, **days, "low": low, "central": central, "high": high,
            "bound": bound, "unit": "persons"}  # fmt: skip


def frame(*rows):
    table = pd.DataFrame(rows)
    return table.astype({"low": float, "central": float, "high": float})


def month_sums(flow, start, end):
    return flow.estimate.loc[start:end, "value"].sum()


def known_walk(rng, months, walk_sd=0.2):
    """A random walk of log rates, and its months."""
    index = pd.date_range("2030-01-01", periods=months, freq="MS")
    rates = np.exp(np.log(1000) + np.cumsum(walk_sd * rng.standard_normal(months)))
    return index, rates * index.days_in_month.to_numpy()


def quarters_and_halves(index, flows, rng, spread):
    """Overlapping totals of a known flow: every quarter, every half year, and the whole."""
    rows = []
    for length in (3, 6, len(index)):
        for at in range(0, len(index) - length + 1, length):
            value = flows[at : at + length].sum() * np.exp(spread / REACH * rng.standard_normal())
            last = index[at + length - 1] + pd.offsets.MonthEnd()
            rows.append(total(index[at], last, value, value / np.exp(spread), value * np.exp(spread)))
    return frame(*rows)


def test_months_seen_one_by_one_are_the_closed_form_of_a_local_level():
    index = pd.date_range("2030-01-01", periods=6, freq="MS")
    seen = np.array([9000.0, 12000.0, 8000.0, 15000.0, 11000.0, 13000.0])
    spread, walk = 0.2, 0.15
    rows = frame(*(total(day, day + pd.offsets.MonthEnd(), x, x / np.exp(spread), x * np.exp(spread))
                   for day, x in zip(index, seen, strict=True)))  # fmt: skip
    rows["high"], rows["low"] = rows["high"] * 3, rows["low"] / 3  # wide ranges: nothing is contradicted
    sd = (spread + np.log(3)) / REACH
    flow = disaggregate(rows, "contracts", settings=Settings(walk_sd=walk, draws=20_000))
    y = np.log(seen / index.days_in_month.to_numpy())
    lags = np.minimum.outer(np.arange(6), np.arange(6))
    prior = walk**2 * lags + 3.0**2
    mean = y.mean() + prior @ np.linalg.solve(prior + sd**2 * np.eye(6), y - y.mean())
    cov = prior - prior @ np.linalg.solve(prior + sd**2 * np.eye(6), prior)
    expected = np.exp(mean) * index.days_in_month.to_numpy()
    assert flow.estimate["value"].to_numpy() == pytest.approx(expected, rel=1e-6)
    upper = expected * np.exp(REACH * np.sqrt(np.diag(cov)))
    assert flow.estimate["upper"].to_numpy() == pytest.approx(upper, rel=0.02)


def test_months_of_a_total_alone_have_one_daily_rate():
    flow = disaggregate(frame(total("2030-01-01", "2030-12-31", 36500)), "contracts")
    assert flow.estimate["value"].to_numpy() == pytest.approx(
        100.0 * flow.estimate.index.days_in_month.to_numpy(), rel=1e-3
    )
    assert flow.estimate["upper"].max() > 1.1 * 3100 and (flow.estimate["lower"] > 0).all()


def test_every_total_adds_back_within_its_own_spread():
    rng = np.random.default_rng(4)
    index, flows = known_walk(rng, 24)
    rows = quarters_and_halves(index, flows, rng, 0.02)
    flow = disaggregate(rows, "contracts")
    kept = ~flow.fitted["id"].isin(flow.contradictions["id"])
    assert (flow.fitted.loc[kept, "residual"].abs() <= 1).all() and kept.mean() > 0.8
    whole = flow.fitted.iloc[-1]
    assert month_sums(flow, "2030", "2031") == pytest.approx(whole["fitted"])
    assert flow.total().value == pytest.approx(whole["fitted"])


def test_bands_hold_the_truth_as_often_as_they_say():
    hits = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        index, flows = known_walk(rng, 12)
        rows = quarters_and_halves(index, flows, rng, 0.05)
        flow = disaggregate(rows, "contracts", settings=Settings(draws=200), seed=seed)
        hits.append(((flow.estimate["lower"] <= flows) & (flows <= flow.estimate["upper"])).mean())
    assert 0.85 <= np.mean(hits) <= 0.95


def test_every_draw_adds_up_too():
    rows = frame(total("2030-01-01", "2030-12-31", 120_000), total("2030-01-01", "2030-06-30", 30_000))
    flow = disaggregate(rows, "contracts", settings=Settings(draws=400))
    sums = flow.sums("2030-01-01", "2030-12-31")
    assert np.mean(sums) == pytest.approx(120_000, rel=0.002) and np.std(sums) == pytest.approx(730, rel=0.2)
    assert flow.paths.sum(axis=1).to_numpy() == pytest.approx(sums)
    assert flow.total("2030-07-01").value == pytest.approx(90_000, rel=0.01)


def test_one_seed_one_answer():
    rows = frame(total("2030-01-01", "2030-06-30", 30_000))
    one, same, other = (disaggregate(rows, "contracts", seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.estimate, same.estimate)
    assert (one.estimate["upper"] != other.estimate["upper"]).all()


def test_a_running_total_that_falls_is_reported_and_not_averaged():
    rows = frame(total("2030-01-01", "2030-12-10", 34_000), total("2030-01-01", "2030-12-24", 36_000),
                 total("2030-01-01", "2030-12-31", 32_000), total("2030-01-01", "2030-06-30", 17_000))  # fmt: skip
    flow = disaggregate(rows, "contracts")
    assert flow.contradictions["id"].tolist() == ["2030-01-01/2030-12-31"]
    assert flow.fitted["status"].tolist()[:2] == ["used", "used"]
    assert flow.fitted["residual"].iloc[1] == pytest.approx(0, abs=1)
    assert flow.contradictions["implied"].iloc[0] > 36_000


def test_two_totals_of_one_period_are_carried_as_rivals():
    rows = frame(
        total("2030-01-01", "2030-12-31", 100_000, id_="a"), total("2030-01-01", "2030-12-31", 120_000, id_="b")
    )
    flow = disaggregate(rows, "contracts")
    found = flow.contradictions.iloc[0]
    assert {found["id"], found["against"]} == {"a", "b"} and found["status"] == "rival"
    near = [np.mean(np.abs(flow.sums() / x - 1) < 0.02) for x in (100_000, 120_000)]
    assert near == pytest.approx([0.5, 0.5], abs=0.05)
    assert min(abs(flow.total().value / x - 1) for x in (100_000, 120_000)) < 0.001


def test_a_floor_far_below_says_nothing_and_one_above_is_a_contradiction():
    firm = [total("2030-01-01", "2030-06-30", 50_000), total("2030-01-01", "2030-12-31", 100_000)]
    low = total("2030-01-01", "2030-12-31", low=60_000, bound="at_least", id_="low")
    flow = disaggregate(frame(*firm, low), "contracts")
    assert flow.fitted["status"].tolist() == ["used", "used", "only a bound"] and flow.contradictions.empty
    high = total("2030-01-01", "2030-12-31", low=140_000, bound="at_least", id_="high")
    assert "high" in disaggregate(frame(*firm, high), "contracts").contradictions[["id", "against"]].to_numpy()
    ceiling = total("2030-01-01", "2030-12-31", high=180_000, bound="at_most", id_="ceiling")
    assert disaggregate(frame(*firm, ceiling), "contracts").fitted["status"].iloc[2] == "only a bound"


def test_a_floor_alone_is_the_last_round_number_passed():
    flow = disaggregate(frame(total("2030-01-01", "2030-12-31", low=400_000, bound="at_least")), "contracts")
    assert 400_000 < flow.total().value < 420_000


def test_a_period_whose_bounds_exclude_what_others_imply_is_reported():
    rows = frame(total("2030-01-01", "2030-06-30", 60_000), total("2030-07-01", "2030-12-31", 60_000),
                 total("2030-01-01", "2030-12-31", high=100_000, bound="at_most", id_="year"))  # fmt: skip
    flow = disaggregate(rows, "contracts")
    assert flow.contradictions["id"].tolist() == ["year"] and flow.contradictions["residual"].iloc[0] > 1


def test_families_have_a_bias_each():
    index = pd.date_range("2030-01-01", periods=8, freq="QS")
    rows = [total(day, day + pd.offsets.QuarterEnd(), 30_000 * bias, id_=f"{label}{at}", measure=label)
            for label, bias in (("a", 1.0), ("b", 1.3)) for at, day in enumerate(index)]  # fmt: skip
    table = frame(*rows)
    joint = disaggregate(table, table["measure"], settings=Settings(bias_sd=0.3))
    ratio = (1 + joint.bias["bias"]["b"]) / (1 + joint.bias["bias"]["a"])
    assert ratio == pytest.approx(1.3, rel=0.01) and joint.contradictions.empty
    assert joint.estimate["value"].iloc[5] == pytest.approx(10_000 * 1.3**0.5, rel=0.05)
    assert disaggregate(table, "b").bias.empty


def test_several_measures_can_be_one_family_and_quarters_a_step():
    rows = frame(total("2030-01-01", "2030-06-30", 30_000), total("2030-04-01", "2030-06-30", 20_000, measure="rates"))
    flow = disaggregate(rows, ["contracts", "rates"], "QS")
    assert flow.estimate["value"].round(-2).tolist() == [10_000, 20_000]
    assert len(disaggregate(rows.drop(columns="measure"), "anything").fitted) == 2


def test_rates_become_totals_of_their_period():
    per_month = {**total("2030-01-01", "2030-12-31", low=30_000, high=40_000), "unit": "persons_per_month"}
    per_day = {**total("2030-01-01", "2030-01-31", 1_000), "unit": "persons_per_day"}
    found = from_rates(frame(per_month, per_day, total("2030-01-01", "2030-01-31", 5)))
    assert found["high"].iloc[0] == pytest.approx(40_000 * 365 / 365.25 * 12)
    assert found["central"].tolist()[1:] == [31_000, 5] and set(found["unit"]) == {"persons"}
    assert found["bound"].tolist() == ["about", "about", "exact"]
    with pytest.raises(RecruitmentError, match="Expected the last day of the period that 'x' counts, found none: fill"):
        from_rates(frame({**per_day, "period_end": pd.NaT, "id": "x"}))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            total("2030-01-01", None, 5, id_="x"),
            "Expected the last day of the period that 'x' counts, found none: fill",
        ),
        (total(None, "2030-01-01", 5, id_="x"), "Expected the first day of the period that 'x' counts, found none: fi"),
        (
            total("2030-02-01", "2030-01-01", 5, id_="x"),
            "a period that runs forward in 'x', found 2030-02-01 to 2030-0",
        ),
        (total("2030-01-01", "2030-02-01", id_="x"), "Expected a number in 'x', found none: fill in central, low or"),
        (total("2030-01-01", "2030-02-01", -5, id_="x"), "Expected numbers above zero, low not above central not abo"),
        (total("2030-01-01", "2030-02-01", 0, id_="x"), "Expected numbers above zero, low not above central not above"),
        (total("2030-01-01", "2030-02-01", 9, 1, 5, id_="x"), "found 1, 9, 5: correct them or leave the row out."),
        (total("2030-01-01", "2030-02-01", 9, measure="b"), "Expected totals of 'contracts', found rows of b: choose"),
    ],
)
def test_a_broken_total_is_refused(row, words):
    with pytest.raises(RecruitmentError) as caught:
        disaggregate(frame(row), "contracts")
    assert words in str(caught.value)


def test_settings_out_of_range_are_refused():
    rows = frame(total("2030-01-01", "2030-02-01", 9))
    with pytest.raises(RecruitmentError, match="Expected a frequency of MS or QS, found 'W': choose one."):
        disaggregate(rows, "contracts", "W")
    with pytest.raises(RecruitmentError, match="Expected at least 100 draws, found 0: ask for more."):
        disaggregate(rows, "contracts", settings=Settings(draws=0))
    with pytest.raises(RecruitmentError, match="Expected a level between 0 and 1, found 90: give a share."):
        disaggregate(rows, "contracts", settings=Settings(level=90))
    with pytest.raises(RecruitmentError, match=r"Expected a label of a family for each of 1 totals, found 2: give one"):
        disaggregate(rows, np.array(["a", "b"]))
    with pytest.raises(RecruitmentError, match="found no 'period_end': add it."):
        disaggregate(rows.drop(columns="period_end"), "contracts")


def test_days_outside_the_months_are_refused():
    flow = disaggregate(frame(total("2030-01-01", "2030-06-15", 9)), "contracts")
    assert flow.total(end="2030-06-30").value > 9
    with pytest.raises(
        RecruitmentError, match="Expected days from 2030-01-01 to 2030-06-30, found 2030-01-01 to 2030-0"
    ):
        flow.total(end="2030-07-01")


def test_a_wider_spread_forgives():
    rows = frame(total("2030-01-01", "2030-12-31", 100_000), total("2030-01-01", "2030-12-31", 110_000, id_="b"))
    assert len(disaggregate(rows, "contracts").contradictions) == 1
    assert disaggregate(rows, "contracts", settings=Settings(spread=Spread(exact=0.1))).contradictions.empty
    assert recruitment.Settings().spread.level == 0.9


def test_measures_count_alike_and_the_interval_spans_them():
    index = pd.date_range("2030-01-01", periods=8, freq="QS")
    rows = [total(day, day + pd.offsets.QuarterEnd(), 30_000 * share, id_=f"{name}{day}", measure=name)
            for name, share, until in (("a", 1.0, 8), ("b", 0.6, 6)) for day in index[:until]]  # fmt: skip
    flows = {name: disaggregate(frame(*rows), name) for name in ("a", "b")}
    found = recruitment.pool(flows, "a")
    a_month = 120_000 / 365 * 365.25 / 12
    assert found.measures["value"].to_dict() == pytest.approx({"a": a_month, "b": 0.6 * a_month}, rel=0.01)
    assert found.lower == pytest.approx(0.6 * a_month, rel=0.02) and found.upper == pytest.approx(a_month, rel=0.02)
    assert (found.start, found.end) == (pd.Timestamp("2031-01-01"), pd.Timestamp("2031-12-31"))
    assert found.measures.loc["b", "end"] == pd.Timestamp("2031-06-30")
    alone = recruitment.pool({"a": flows["a"]}, "a")
    assert alone.value == pytest.approx(a_month, rel=0.01) and alone.upper < 1.02 * a_month


def test_measures_without_a_common_day_are_refused():
    early, late = (
        disaggregate(frame(total(f"{year}-01-01", f"{year}-06-30", 9)), "contracts") for year in (2030, 2031)
    )
    with pytest.raises(RecruitmentError, match="Expected days that 'b' and 'a' both cover, found none: leave one out."):
        recruitment.pool({"a": early, "b": late}, "b")
    with pytest.raises(RecruitmentError, match="Expected a flow of 'c' among a, found none: add it."):
        recruitment.pool({"a": early}, "c")
