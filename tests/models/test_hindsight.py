"""Frozen forecasts and first figures held to what came: closed forms and figures made by hand."""

import numpy as np
import pandas as pd
import pytest

from attrition.models import hindsight, scores
from attrition.models.hindsight import HindsightError

ORIGIN = pd.Timestamp("2030-01-06")
WEEKS = pd.date_range(ORIGIN, periods=5, freq="7D")
TOTAL = pd.Series([1000.0, 1010.0, 1030.0, 1060.0, 1100.0], index=WEEKS)


def ahead(weeks=8, levels=(0.5, 0.9)):
    rows = [
        (ORIGIN + pd.Timedelta(days=7 * week), level, 15.0 * week - 10 * level, 15.0 * week, 15.0 * week + 10 * level)
        for week in range(1, weeks + 1)
        for level in levels
    ]
    return pd.DataFrame(rows, columns=hindsight.FORECAST)


def test_only_days_that_have_come_are_scored():
    found = hindsight.matured(ahead(), TOTAL, ORIGIN)
    assert list(found.index) == list(WEEKS[1:])
    assert found["observed"].tolist() == [10.0, 30.0, 60.0, 100.0]
    assert found["median"].tolist() == [15.0, 30.0, 45.0, 60.0]
    inside = found["observed"].between(found["lower_90"], found["upper_90"])
    assert inside.tolist() == [True, True, False, False]  # misses are kept
    assert found["wis"].iloc[2] == pytest.approx(scores.wis(60.0, 45.0, {0.5: (40.0, 50.0), 0.9: (36.0, 54.0)}))


def test_a_day_without_a_reading_is_left_out_and_nothing_is_interpolated():
    assert list(hindsight.matured(ahead(), TOTAL.drop(WEEKS[2]), ORIGIN).index) == [WEEKS[1], WEEKS[3], WEEKS[4]]
    assert hindsight.matured(ahead(), TOTAL[:1], ORIGIN).empty


def test_days_may_be_text_and_the_forecast_stays_as_it_was():
    given = ahead().assign(target=lambda frame: frame["target"].astype(str))
    before = given.copy()
    assert hindsight.matured(given, TOTAL, "2030-01-06")["wis"].notna().all()
    pd.testing.assert_frame_equal(given, before)


@pytest.mark.parametrize(
    ("quantiles", "origin", "message"),
    [
        (ahead().drop(columns="level"), ORIGIN, "Expected a forecast with target, level, .* found no level"),
        (ahead(), "2030-01-07", "and a total on its first day, found no total on 2030-01-07: give both"),
    ],
)
def test_what_cannot_be_scored_is_refused(quantiles, origin, message):
    with pytest.raises(HindsightError, match=message):
        hindsight.matured(quantiles, TOTAL, origin)


def test_a_calibrated_forecast_of_a_random_walk_covers_as_it_promises():
    rng = np.random.default_rng(8)
    hits = []
    for _ in range(400):
        total = pd.Series(np.r_[0.0, rng.standard_normal(1)].cumsum(), index=WEEKS[:2])
        rows = pd.DataFrame([(WEEKS[1], 0.9, -1.6449, 0.0, 1.6449)], columns=hindsight.FORECAST)
        found = hindsight.matured(rows, total, ORIGIN).iloc[0]
        hits.append(found["lower_90"] <= found["observed"] <= found["upper_90"])
    assert 0.86 < np.mean(hits) < 0.94


def figure(source, measure, published, central=None, low=None, as_of="2030-03-31"):
    row = {"source": source, "measure": measure, "side": "AA", "region": "", "partner": "", "low": low}
    days = {"as_of": as_of, "period_start": "2030-03-01", "period_end": as_of, "published": published}
    return row | {"central": central} | {name: pd.Timestamp(day) if day else pd.NaT for name, day in days.items()}


def frame(*rows):
    return pd.DataFrame(list(rows)).astype({"central": float, "low": float})


def test_revisions_are_first_against_last_of_the_same_thing():
    rows = frame(
        figure("list", "dead", "2030-04-01", low=100),
        figure("list", "dead", "2030-06-01", low=130),
        figure("list", "dead", "2030-05-01", low=120),
        figure("list", "dead", "2030-04-01", low=50, as_of="2030-04-30"),  # given once
        figure("else", "dead", "2030-06-01", low=500),  # another speaker
        figure("list", "hurt", "2030-06-01", low=500),  # another thing
        figure("list", "dead", None, low=900),  # nobody knows when
    )
    found = hindsight.revisions(rows)
    assert len(found) == 1
    row = found.iloc[0]
    assert (row["first"], row["last"], row["versions"], row["change"]) == (100, 130, 3, pytest.approx(0.3))
    assert row["last_published"] == pd.Timestamp("2030-06-01")


def test_first_figures_may_have_a_measure_of_their_own():
    rows = frame(
        figure("office", "money_first", None, central=100),
        figure("office", "money", None, central=90),
        figure("office", "money_first", None, central=100, as_of="2030-04-30"),
    )
    assert hindsight.revisions(rows).empty
    found = hindsight.revisions(rows, {"money_first": "money"})
    assert len(found) == 1 and found["change"].iloc[0] == pytest.approx(-0.1) and found["measure"].iloc[0] == "money"
