"""Tests of claims by known truth: synthetic totals, estimates and figures whose verdict can be worked out by hand."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attrition.models import claims
from attrition.models.claims import Basis, Claim, ClaimError, judge, odds
from attrition.models.consensus import Total

DAY = pd.Timestamp
START, CUTOFF = DAY("2030-01-01"), DAY("2031-12-31")
COLUMNS = ["id", "measure", "side", "region", "source", "role", "family", "as_of", "period_start", "period_end"]
NUMBERS = ["low", "central", "high"]


def figure(id_, central=None, low=None, high=None, **changed):
    row = {"id": id_, "measure": "dead", "side": "BB", "region": "", "source": id_, "role": "media", "family": id_}
    row |= {"as_of": DAY("2031-01-01"), "period_start": pd.NaT, "period_end": pd.NaT}
    return {**row, "low": low, "central": central, "high": high, **changed}


def basis(*figures, rate=100.0, width=1.2):
    """A war in which the total grows by 10 a day, 20 on 5 March 2030, and the estimate is `rate` killed a month."""
    steps = pd.Series(10.0, index=pd.date_range(START, CUTOFF))
    steps["2030-03-05"] = 20.0

    def estimate(counts, first, last):
        value = rate * (2 if counts == "casualties" else 1) * ((last - first).days + 1) / 30.4375
        return Total(value, value / width, value * width, 0.9)

    def wounded(first, last):
        return Total(3.0, 3.0 / width, 3.0 * width, 0.9)

    frame = pd.DataFrame(list(figures), columns=COLUMNS + NUMBERS)
    frame[NUMBERS] = frame[NUMBERS].astype(float)
    for name in ("as_of", "period_start", "period_end"):
        frame[name] = pd.to_datetime(frame[name])
    rates = pd.Series(50.0, index=pd.date_range("2030-01-31", "2031-12-31", freq="ME"))
    return Basis(steps.cumsum(), estimate, wounded, frame, rates, START, CUTOFF)


def claim(low=None, high=None, day="2031-01-01", speaker="someone"):
    return Claim("c", speaker, DAY(day), low, high)


def test_an_increment_is_found_on_its_day_and_nowhere_else():
    asked = {"days": "2030-03-04|2030-03-05"}
    found = judge("increment", claim(20.0, 20.0), basis(), asked)
    assert (found.probability, found.recorded) == (1.0, True)
    assert found.told["steps"] == {DAY("2030-03-04"): 10.0, DAY("2030-03-05"): 20.0}
    assert found.told["occurs"] == [DAY("2030-03-05")]
    assert judge("increment", claim(21.0, 21.0), basis(), asked).probability == 0.0
    assert judge("increment", claim(20.0, 20.0), basis(), {"days": "2029-01-01"}).probability is None


def test_an_increment_over_a_gap_is_no_daily_step():
    whole = basis()
    known = dataclasses.replace(whole, total=whole.total.drop(DAY("2030-03-05")))
    assert judge("increment", claim(30.0, 30.0), known, {"days": "2030-03-06"}).probability is None


def test_a_mark_is_reached_on_the_day_the_total_passes_it():
    before, after = (judge("reached", claim(1000.0, day=day), basis(), {}) for day in ("2030-04-08", "2030-04-09"))
    assert (before.probability, after.probability) == (0.0, 1.0)
    assert before.told["first"] == DAY("2030-04-09") and before.told["total"] == 990.0
    assert judge("reached", claim(10**9), basis(), {}).told["first"] is None


@pytest.mark.parametrize(("day", "right"), [("2030-12-10", 1.0), ("2031-01-20", 1.0), ("2031-03-01", 0.0)])
def test_the_year_of_a_war(day, right):
    assert judge("war_year", claim(day=day), basis(), {"number": "2"}).probability == right


def test_the_highest_amount_is_converted_at_the_rate_of_its_month():
    rows = [figure("a", 4000.0, region="North"), figure("b", 5000.0, region="South", as_of=DAY("2031-06-01"))]
    found = judge("highest", claim(80.0), basis(*rows), {"measure": "dead", "side": "BB"})
    assert found.probability == 1.0 and found.told["dollars"] == 80.0 and found.rows == ("a",)
    assert judge("highest", claim(101.0), basis(*rows), {"measure": "dead", "side": "BB"}).probability == 0.0


def test_some_case_in_a_range_says_how_many_parties_told_it():
    rows = [figure("a", 70.0, role="party_bb"), figure("b", 20.0), figure("c", low=60.0, high=75.0)]
    found = judge("some", claim(70.0, 80.0), basis(*rows), {"measure": "dead", "side": "BB"})
    assert found.told == {"hits": 2, "of": 3, "parties": 1} and found.probability == 1.0


def test_an_estimate_is_read_as_a_log_normal():
    asked = {"counts": "killed", "span": "month 2030-12", "per": "month"}
    found = judge("estimate", claim(100.0), basis(), asked)
    assert found.probability == pytest.approx(0.5, abs=0.002)
    sigma = math.log(1.2) / stats.norm.ppf(0.95)
    expected = stats.norm.cdf(math.log(1.25) / sigma) - stats.norm.cdf(-math.log(1.25) / sigma)
    assert judge("estimate", claim(100.0, 100.0), basis(), asked).probability == pytest.approx(expected, abs=0.002)
    assert judge("estimate", claim(300.0), basis(), asked).probability == 0.0
    later = judge("estimate", claim(100.0), basis(), {**asked, "span": "month 2032-01"})
    assert later.probability is None and later.told["until"] == DAY("2032-01-31")


def test_spans_are_whole_months_before_the_claim():
    found = judge("estimate", claim(1.0, day="2031-01-15"), basis(), {"counts": "killed", "span": "3 months"})
    assert (found.told["start"], found.told["end"]) == (DAY("2030-10-01"), DAY("2030-12-31"))
    found = judge("estimate", claim(1.0), basis(), {"counts": "killed", "span": "to 2030-06-30"})
    assert (found.told["start"], found.told["end"]) == (START, DAY("2030-06-30"))
    with pytest.raises(ClaimError, match="Expected 'to date', .* for claim 'c', found 'soon'"):
        judge("estimate", claim(1.0), basis(), {"counts": "killed", "span": "soon"})


def test_a_flat_rate_is_as_likely_rising_as_falling():
    asked = {"counts": "killed", "months": "3"}
    assert judge("rising", claim(), basis(), asked).probability == pytest.approx(0.5, abs=0.03)
    assert judge("rising", claim(day="2030-04-01"), basis(), asked).probability is None


def test_wounded_for_one_killed():
    assert judge("wounded", claim(), basis(), {"span": "year 2030", "most": "3"}).probability == pytest.approx(
        0.5, abs=0.01
    )
    assert judge("wounded", claim(), basis(), {"span": "year 2030", "most": "1"}).probability == 0.0


def test_figures_are_pooled_by_family_with_one_unheard():
    rows = [figure("a", 100.0), figure("b", 100.0), figure("c", 500.0), figure("d", 500.0, family="c")]
    asked = {"measure": "dead", "side": "BB", "days": "10-10"}
    found = judge("figures", claim(100.0, 100.0), basis(*rows), asked)
    assert found.probability == pytest.approx((1 + 1 + 0 + 0.5) / 4, abs=0.001)
    assert found.told["figures"] == 4 and found.told["families"] == 3 and found.told["agree"] == 2


def test_the_speaker_itself_parties_regions_and_far_days_do_not_count():
    rows = [
        figure("a", 100.0, source="someone"),
        figure("b", 100.0, role="party_aa"),
        figure("c", 100.0, region="North"),
        figure("d", 100.0, as_of=DAY("2031-03-01")),
        figure("e", 100.0, side="AA"),
    ]
    asked = {"measure": "dead", "side": "BB", "days": "10-10"}
    assert judge("figures", claim(100.0, 100.0), basis(*rows), asked).probability is None
    assert judge("figures", claim(100.0, 100.0), basis(*rows), {**asked, "parties": "yes"}).rows == ("b",)


@pytest.mark.parametrize(
    ("bound", "low", "high", "says"),
    [
        ({"low": 200.0}, 100.0, 100.0, 0.0),  # a floor above the claim refutes it
        ({"low": 50.0}, 100.0, 100.0, None),  # one below it says nothing
        ({"low": 150.0}, 100.0, None, 1.0),  # "more than": a floor above is enough
        ({"high": 50.0}, 100.0, None, 0.0),
        ({"high": 150.0}, 100.0, None, None),
        ({"high": 50.0}, None, 100.0, 1.0),
    ],
)
def test_floors_and_ceilings_count_only_where_they_decide(bound, low, high, says):
    found = judge(
        "figures", claim(low, high), basis(figure("a", **bound)), {"measure": "dead", "side": "BB", "days": "9-9"}
    )
    assert found.probability == (None if says is None else pytest.approx((says + 0.5) / 2))


def test_counts_of_a_period_become_rates():
    quarter = {"period_start": DAY("2030-10-01"), "period_end": DAY("2030-12-31"), "as_of": DAY("2030-12-31")}
    rows = [figure("a", 300.0, **quarter), figure("b", 100.0, measure="dead_per_month")]
    asked = {"measure": "dead|dead_per_month", "side": "BB", "days": "20-20"}
    month = judge("figures", claim(100.0, 100.0), basis(*rows), {**asked, "per": "month"})
    year = judge("figures", claim(1200.0, 1200.0), basis(*rows), {**asked, "per": "year"})
    assert month.told["least"] == pytest.approx(300 * 30.4375 / 92) and month.told["most"] == 100.0
    assert year.told["most"] == 1200.0 and month.told["agree"] == year.told["agree"] == 2
    short = judge("figures", claim(100.0, 100.0), basis(*rows), {**asked, "per": "month", "least_days": "100"})
    assert short.rows == ("b",)


def test_a_ratio_divides_the_estimate_of_the_same_days():
    rows = [figure("a", 600.0), figure("b", low=100_000.0), figure("c", low=1.0)]
    asked = {"counts": "killed", "measure": "dead", "side": "BB"}
    found = judge("ratio", claim(1.0, None), basis(*rows), asked)
    assert found.rows == ("a", "b")  # a huge floor refutes, a small one says nothing
    assert found.told["most"] == pytest.approx(1200 / 600, rel=0.02)
    assert found.probability == pytest.approx((1 + 0 + 0.5) / 3, abs=0.01)


def test_a_ratio_has_the_closed_form_of_two_log_normals():
    rows = [figure("a", 600.0, low=600 / 1.2, high=600 * 1.2)]
    found = judge("ratio", claim(2.2, None), basis(*rows), {"counts": "killed", "measure": "dead", "side": "BB"})
    middle = 100 * 366 / 30.4375 / 600
    sigma = math.sqrt(2) * math.log(1.2) / stats.norm.ppf(0.95)
    expected = stats.norm.sf((math.log(2.2) - math.log(middle)) / sigma)
    assert found.probability == pytest.approx((expected + 0.5) / 2, abs=0.01)


def test_losses_are_set_against_those_who_joined_in_the_same_time():
    year = {"period_start": DAY("2030-01-01"), "period_end": DAY("2030-12-31"), "as_of": DAY("2030-12-31")}
    asked = {"counts": "killed", "span": "year 2030", "measure": "joined|joined_per_month", "side": "AA"}
    rows = [figure("a", 600.0, measure="joined", side="AA", **year)]
    assert judge("exceeds", claim(), basis(*rows), asked).probability == pytest.approx(0.75, abs=0.001)
    rows = [figure("a", 200.0, measure="joined_per_month", side="AA", **year)]
    assert judge("exceeds", claim(), basis(*rows), asked).probability == pytest.approx(0.25, abs=0.001)
    assert judge("exceeds", claim(), basis(), asked).probability is None


def test_losses_over_ground():
    year = {"period_start": DAY("2030-01-01"), "period_end": DAY("2030-12-31"), "as_of": DAY("2030-12-31")}
    rows = [figure("a", 60.0, measure="ground", **year), figure("b", 600.0, measure="ground", **year)]
    asked = {"counts": "killed", "span": "year 2030", "measure": "ground", "side": "BB"}
    found = judge("per_area", claim(10.0, None), basis(*rows), asked)
    assert found.told["most"] == pytest.approx(1199.2 / 60, rel=0.01) and found.told["figures"] == 2
    assert found.probability == pytest.approx((1 + 0 + 0.5) / 3, abs=0.001)


def test_levels_that_rise_do_not_fall():
    days = pd.date_range("2030-03-01", periods=6, freq="60D")
    noise = [1, -1, 2, -2, 1, 0]
    rising = [figure(f"r{at}", 100.0 + 10 * at + noise[at], role="party_aa", as_of=day) for at, day in enumerate(days)]
    falling = [figure(f"f{at}", 100.0 - 10 * at + noise[at], as_of=day) for at, day in enumerate(days)]
    asked = {"measure": "dead", "side": "BB"}
    assert judge("level_trend", claim(), basis(*rising), asked).probability == pytest.approx(0.5 / 7, abs=0.005)
    assert judge("level_trend", claim(), basis(*falling), asked).probability == pytest.approx(6.5 / 7, abs=0.005)
    assert judge("level_trend", claim(), basis(*rising[:3]), asked).probability is None


def test_level_trend_has_the_right_error_on_noise_alone():
    rng = np.random.default_rng(4)
    days = pd.date_range("2030-02-01", periods=8, freq="40D")
    found = []
    for _ in range(300):
        rows = [figure(f"n{at}", 100 + rng.standard_normal(), as_of=day) for at, day in enumerate(days)]
        found.append(judge("level_trend", claim(), basis(*rows), {"measure": "dead", "side": "BB"}).probability)
    alone = (np.array(found) * 9 - 0.5) / 8  # without the family that is not heard
    assert stats.kstest(alone, "uniform").pvalue > 0.01


def test_a_fall_in_polls_is_measured_from_the_last_before():
    readings = zip(
        ("2030-06-01", "2030-07-01", "2030-09-01", "2030-10-01", "2030-11-01"), (70, 80, 70, 66, 10), strict=True
    )
    rows = [figure(day, float(share), as_of=DAY(day)) for day, share in readings]
    asked = {"measure": "dead", "side": "BB", "at": "2030-08-01", "least": "12", "error": "2"}
    found = judge("fell", claim(), basis(*rows), asked)
    assert found.told["drops"] == {"dead": 12.0} and found.probability == pytest.approx(0.5)
    assert judge("fell", claim(), basis(*rows), {**asked, "least": "20"}).probability < 0.001


def monthly(source, values, first="2030-07-01"):
    months = pd.date_range(first, periods=len(values), freq="MS")
    ends = [month + pd.offsets.MonthEnd(0) for month in months]
    about = [{"period_start": month, "period_end": end, "as_of": end} for month, end in zip(months, ends, strict=True)]
    return [
        figure(f"{source}{at}", float(value), source=source, **days)
        for at, (value, days) in enumerate(zip(values, about, strict=True))
    ]


def test_what_came_after_is_compared_with_what_came_before_by_each_speaker():
    asked = {"measure": "dead", "side": "BB", "most": "0.5"}
    rows = monthly("x", [100, 100, 100, 100, 100, 100, 40, 40]) + monthly("y", [10, 10, 10, 10, 10, 10, 9, 9])
    found = judge("after", claim(day="2031-01-01"), basis(*rows), asked)
    assert found.probability == 0.5 and found.told["least"] == 0.4 and found.told["most"] == 0.9
    assert judge("after", claim(day="2031-02-15"), basis(*rows), asked).probability is None


def test_what_cannot_be_told_says_why():
    assert judge("open", claim(), basis(), {"until": "2033-01-01"}).reason == "the time it speaks of is not over"
    assert "awaits a test" in judge("open", claim(), basis(), {"until": "2031-01-01"}).reason
    assert judge("none", claim(), basis(), {"reason": "nobody counted"}).reason == "nobody counted"


def test_misspelt_tests_and_settings_are_named():
    with pytest.raises(ClaimError, match="Expected a test among increment, .* for claim 'c', found 'incremnt'"):
        judge("incremnt", claim(), basis(), {})
    with pytest.raises(
        ClaimError, match="Expected settings that the test 'reached' takes for claim 'c', found {'x': '1'}"
    ):
        judge("reached", claim(1.0), basis(), {"x": "1"})
    with pytest.raises(ClaimError, match="Expected a number in claim 'c', found none"):
        judge("estimate", claim(), basis(), {"counts": "killed", "span": "to date"})
    with pytest.raises(ClaimError, match="Expected a span that runs forward, found 2030-01-01 to 2029-01-01"):
        judge("estimate", claim(1.0), basis(), {"counts": "killed", "span": "to 2029-01-01"})


def test_draws_keep_the_numbers_of_a_range():
    found = odds.draws(50.0, 100.0, 400.0, seed=3)
    assert np.quantile(found, [0.05, 0.5, 0.95]) == pytest.approx([50, 100, 400], rel=0.01)
    assert np.quantile(odds.draws(50.0, None, 200.0), 0.5) == pytest.approx(100, rel=0.01)
    assert (odds.draws(50.0, 100.0, 400.0, seed=3) == found).all()


def test_all_tests_are_written_for_data():
    assert set(claims.TESTS) >= {"increment", "reached", "estimate", "figures", "none"}
    assert claims.settings("a=1; b = x|y ;") == {"a": "1", "b": "x|y"}
