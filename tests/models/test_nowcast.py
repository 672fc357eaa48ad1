from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attrition.models import nowcast
from attrition.models.nowcast import NowcastError, triangle
from attrition.room import open_room

ROOM = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def named():
    return open_room(ROOM).series("named_dead").filter(like="named_end")


def frame(rows, *, months=None, vintages=None):
    months = months or [f"{2021 + i}-12" for i in range(len(rows))]
    return pd.DataFrame(rows, index=months, columns=vintages or [f"end_{2021 + i}" for i in range(len(rows[0]))])


# ---- by hand ----------------------------------------------------------------------------------------------------

YEARS = frame([[100.0, 120, 126, 127], [0, 100, 150, 160], [0, 0, 100, 180], [0, 0, 0, 100]])


def test_plain_chain_ladder_repeats_the_growth_of_the_last_step_by_age():
    found = nowcast.develop(YEARS, drift=0.0)["next"]
    assert found.iloc[3] == pytest.approx(100 * 180 / 100)
    assert found.iloc[2] == pytest.approx(180 * 160 / 150)
    assert found.iloc[1] == pytest.approx(160 * 127 / 126)


@pytest.mark.parametrize("drift", [0.0, 0.4, 1.0])
def test_drift_repeats_a_part_of_the_last_change_of_growth(drift):
    """Growth at age 0 rose from 1.5 to 1.8, so with drift s the next is 1.8·(1.8/1.5)^s."""
    found = nowcast.develop(YEARS, drift=drift)["next"]
    assert found.iloc[3] == pytest.approx(100 * 1.8 * 1.2**drift)


def test_an_age_not_seen_yet_grows_as_the_oldest_seen():
    found = nowcast.develop(YEARS, drift=0.0)["next"]
    assert found.iloc[0] == pytest.approx(127 * 127 / 126)


def test_a_drift_changes_additions_by_no_more_than_a_factor_of_three():
    wild = frame([[100.0, 104, 105], [0, 100, 190], [0, 0, 100]])
    assert nowcast.develop(wild, drift=1.0)["next"].iloc[2] == pytest.approx(100 + min(90 * 3, 190 * 1.9 / 1.04 - 100))
    calming = frame([[100.0, 190, 191], [0, 100, 104], [0, 0, 100]])
    assert nowcast.develop(calming, drift=1.0)["next"].iloc[2] == pytest.approx(100 + 4 / 3)


def test_two_vintages_know_no_drift():
    two = YEARS.iloc[:2, :2]
    pd.testing.assert_frame_equal(nowcast.develop(two, drift=1.0), nowcast.develop(two, drift=0.0))


def test_the_prior_is_a_third_to_three_times_the_additions():
    row = nowcast.develop(frame([[100.0, 150], [0, 100]]), draws=200_000).iloc[1]
    assert row["next"] == pytest.approx(150)
    assert row["lower"] == pytest.approx(100 + 50 / 3, rel=0.01)
    assert row["upper"] == pytest.approx(100 + 50 * 3, rel=0.02)


# ---- the list of names of this book -----------------------------------------------------------------------------


def test_record_of_the_named_list(named):
    """Plain chain ladder fell short by a fifth and a sixth; with drift, once known, by less than a tenth."""
    table = nowcast.record(named).query("months == 'newest'").set_index(["issued", "drift"])
    first, second = table.loc[("named_end_2023", 1.0)], table.loc[("named_end_2024", 1.0)]
    assert table.loc[("named_end_2023", 0.0), "error"] == pytest.approx(-0.206, abs=0.01)
    assert table.loc[("named_end_2024", 0.0), "error"] == pytest.approx(-0.185, abs=0.02)
    assert abs(second["error"]) < 0.10
    assert not first["drift_known"]
    assert second["drift_known"]
    assert table["hit"].all()
    assert second["truth"] == pytest.approx(named.loc["2024", "named_end_2025"].sum())


def test_record_is_what_was_known_at_the_time(named):
    """The same forecast is made from the shortened triangle."""
    then = nowcast.develop(named.iloc[:, :3], by="all").iloc[0]
    found = nowcast.record(named).query("months == 'all' and drift == 1 and issued == 'named_end_2024'").iloc[0]
    for name in ("next", "lower", "upper", "verified"):
        assert found[name] == pytest.approx(then[name])


@pytest.mark.parametrize("vintages", [2, 3, 4])
@pytest.mark.parametrize("drift", [0.0, 1.0])
@pytest.mark.parametrize("by", ["month", "step", "all"])
def test_no_limit_falls_below_the_verified_names(named, vintages, drift, by):
    found = nowcast.develop(named.iloc[:, :vintages], drift, by=by, level=0.99)
    assert (found["lower"] >= found["verified"]).all()
    assert (found["lower"] < found["next"]).all()
    assert (found["next"] < found["upper"]).all()


def test_months_add_up_and_unended_months_are_left_out(named):
    known = named.iloc[:, :3]
    months, steps, whole = (nowcast.develop(known, by=by) for by in ("month", "step", "all"))
    assert months.index.max() == pd.Timestamp("2024-12-31")
    assert steps.index.tolist() == [0, 1, 2]
    for name in ("next", "verified"):
        assert months[name].sum() == pytest.approx(whole[name].iloc[0])
        assert steps[name].sum() == pytest.approx(whole[name].iloc[0])
    assert whole["upper"].iloc[0] < months["upper"].sum()


def test_the_seed_decides_and_the_input_stays(named):
    before = named.copy()
    pd.testing.assert_frame_equal(nowcast.develop(named, seed=1), nowcast.develop(named, seed=1))
    assert not nowcast.develop(named, seed=1).equals(nowcast.develop(named, seed=2))
    pd.testing.assert_frame_equal(named, before)


def test_labels_of_vintages_and_months_may_be_dates_periods_text_or_years(named):
    expected = nowcast.develop(named).to_numpy()
    ends = pd.to_datetime(["2022-12-31", "2023-12-31", "2024-12-31", "2025-12-31"])
    for labels in (ends, ends.to_period("M"), ends.strftime("%Y-%m-%d"), ends.year):
        assert nowcast.develop(named.set_axis(labels, axis=1)).to_numpy() == pytest.approx(expected)
    for months in (named.index.to_period("M"), named.index.strftime("%Y-%m")):
        assert nowcast.develop(named.set_axis(months)).to_numpy() == pytest.approx(expected)


def test_the_end_of_a_list_that_still_grows_cannot_be_known(named):
    with pytest.raises(NowcastError, match=r"below 1.0% a step .*, found \d.\d% .*cannot be known from 4 vintages"):
        nowcast.ultimate(named)


def test_the_end_of_a_closed_list_by_hand():
    """Growth 1.8 at age 0, 160/150 at age 1, 1.005 at age 2, no more after."""
    closed = frame([[100.0, 120, 200, 201], [0, 100, 150, 160], [0, 0, 100, 180], [0, 0, 0, 100]])
    found = nowcast.ultimate(closed)["ultimate"].tolist()
    last = 201 / 200
    assert found == pytest.approx([201, 160 * last, 180 * 160 / 150 * last, 100 * 1.8 * 160 / 150 * last])


# ---- simulation -------------------------------------------------------------------------------------------------


def simulate(rng, years, pace):
    """Names of months by year end: each death is named at a monthly rate that is multiplied by `pace` each year."""
    deaths = rng.poisson(2000 * np.exp(np.cumsum(rng.normal(0, 0.1, 12 * years))))
    table = np.zeros((12 * years, years + 1))
    for month, left in enumerate(deaths):
        named = 0
        for year in range(month // 12, years + 1):
            open_months = 12 if year > month // 12 else 11.5 - month % 12
            new = rng.binomial(left, 1 - np.exp(-0.12 * pace[year] * open_months))
            left, named = left - new, named + new
            table[month, year] = max(named, 1)
    labels = [f"{2001 + i}" for i in range(years + 1)]
    return pd.DataFrame(table, index=pd.period_range("2001-01", periods=12 * years, freq="M"), columns=labels)


def trials(paces, vintages, drift, **options):
    """Whether the newest year and its months fell inside, and the errors, over simulated triangles."""
    rng = np.random.default_rng(0)
    year, months, errors = [], [], []
    for _ in range(100):
        table = simulate(rng, vintages, paces(rng, vintages + 1))
        known, truth = table.iloc[:, :-1], table.iloc[-12:, -1]
        by_month = nowcast.develop(known, drift, draws=500, **options).iloc[-12:]
        newest = nowcast.develop(known, drift, draws=500, by="step", **options).loc[0]
        months.append(truth.between(by_month["lower"], by_month["upper"]).mean())
        year.append(newest["lower"] <= truth.sum() <= newest["upper"])
        errors.append(newest["next"] / truth.sum() - 1)
    return np.mean(year), np.mean(months), np.mean(errors)


def steady(rng, n):
    return np.ones(n)


def slowing(rng, n):
    return np.exp(-0.25 * np.arange(n))


def wandering(rng, n):
    return np.exp(np.cumsum(rng.normal(0, 0.3, n)))


@pytest.mark.parametrize("vintages", [3, 4])
def test_without_drift_the_bootstrap_alone_covers(vintages):
    year, months, error = trials(steady, vintages, 0.0, span=1.0)
    assert 0.82 <= year <= 0.97
    assert 0.82 <= months <= 0.97
    assert abs(error) < 0.01


@pytest.mark.parametrize(("vintages", "drift"), [(2, 1.0), (4, 0.0), (4, 1.0)])
def test_delays_that_wander_are_covered_by_the_prior(vintages, drift):
    year, months, _ = trials(wandering, vintages, drift)
    assert 0.82 <= year <= 1.0
    assert 0.78 <= months <= 1.0


def test_delays_that_lengthen_steadily_bias_the_plain_rule_and_less_the_one_with_drift():
    _, _, plain = trials(slowing, 4, 0.0)
    year, _, aware = trials(slowing, 4, 1.0)
    assert plain < -0.04
    assert abs(aware) < 0.03
    assert year >= 0.9


# ---- bad input --------------------------------------------------------------------------------------------------

GOOD = frame([[100.0, 150], [0, 100]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nowcast.develop([1]), r"a frame of months by vintages, found 'list'"),
        (lambda: nowcast.develop(GOOD[:0]), r"a frame of months by vintages, found an empty one"),
        (lambda: nowcast.develop(GOOD.iloc[:, :1]), r"at least two vintages, found 1: wait"),
        (lambda: nowcast.develop(GOOD.iloc[:, ::-1]), r"in order of time, found 'end_2021' after 'end_2022': sort"),
        (lambda: nowcast.develop(GOOD.set_axis(["a", "b"], axis=1)), r"columns named by date, .*, found 'a'"),
        (
            lambda: nowcast.develop(YEARS.iloc[:, [0, 1, 3]]),
            r"evenly spaced, found steps of 12 and 24 months",
        ),
        (lambda: nowcast.develop(GOOD.set_axis([1, 2])), r"rows indexed by month, found int64"),
        (lambda: nowcast.develop(GOOD.set_axis(["2021-12"] * 2)), r"one row for a month, found several for 2021-12"),
        (lambda: nowcast.develop(GOOD * -1), r"counts of 0 or more, found -100.0 for 2021-12 in 'end_2021'"),
        (lambda: nowcast.develop(GOOD.astype(str) + "x"), r"expected numbers of names, found text"),
        (lambda: nowcast.develop(GOOD.replace(150, np.nan)), r"had ended .*, found none for 2021-12 in 'end_2022'"),
        (
            lambda: nowcast.develop(GOOD.replace(150, 98)),
            r"never shrink .*, found 100 and then 98 for 2021-12 in 'end_2022'",
        ),
        (lambda: nowcast.develop(GOOD[1:]), r"ended by the first vintage, found none by 'end_2021'"),
        (lambda: nowcast.develop(frame([[100.0, 150], [0, 0]])), r"at least one name .*, found none for 2022-12"),
        (lambda: nowcast.develop(GOOD, drift=2), r"a drift from 0 to 1, found drift 2"),
        (lambda: nowcast.develop(GOOD, level=90), r"a level between 0 and 1, .*found level 90"),
        (lambda: nowcast.develop(GOOD, span=0.5), r"a span of 1 or more, found span 0.5"),
        (lambda: nowcast.develop(GOOD, draws=5), r"at least 100 draws, found draws 5"),
        (lambda: nowcast.develop(GOOD, by="week"), r"by 'month', 'step' or 'all', found 'week'"),
        (lambda: nowcast.record(GOOD), r"at least three vintages to score the past, found 2"),
        (
            lambda: nowcast.develop(frame([[5.0, 7], [0, 9]])),
            r"at least 10 names in a month of every vintage before the last, found none in 'end_2021'",
        ),
    ],
)
def test_bad_input_is_named_in_one_sentence(call, message):
    with pytest.raises(NowcastError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_loss_within_rounding_passes():
    assert triangle.read(GOOD.replace(150, 99.5)).step == 12
