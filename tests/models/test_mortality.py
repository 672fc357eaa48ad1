from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attrition.models import mortality
from attrition.models.mortality import MortalityError
from attrition.room import open_room

ROOM = Path(__file__).parents[2] / "data"
YEARS = np.arange(2015, 2024)


@pytest.fixture(scope="module")
def reported():
    return open_room(ROOM).series("mortality")


def table(men, women, *, bands=("20-24",), years=YEARS):
    """Deaths in long form from arrays of years × bands."""
    rows = []
    for sex, counts in (("m", men), ("f", women)):
        counts = np.reshape(counts, (len(years), len(bands)))
        rows += [(int(y), band, sex, counts[i, j], 0.0) for i, y in enumerate(years) for j, band in enumerate(bands)]
    return pd.DataFrame(rows, columns=mortality.COLUMNS)


# ---- published figures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("baseline", "remove_hiv", "excess", "sd"),
    [
        ((2015, 2019), True, (20618, 37864), (1374, 1533)),
        ((2015, 2019), False, (23594, 40542), (1568, 1738)),
        ((2010, 2019), True, (21788, 39281), (1322, 1339)),
        ((2010, 2019), False, (24296, 41417), (1568, 1585)),
    ],
)
def test_published_excess_and_errors_are_reproduced(reported, baseline, remove_hiv, excess, sd):
    """Kobak et al. (2025) print these four specifications, rounded to persons."""
    found = mortality.excess_male_deaths(reported, baseline, remove_hiv).set_index("year").loc[[2022, 2023]]
    assert found["excess"].to_numpy() == pytest.approx(np.array(excess), abs=0.5)
    assert found["sd"].to_numpy() == pytest.approx(np.array(sd), abs=0.5)


def test_published_sum_and_bands_are_reproduced(reported):
    assert mortality.sums(reported, [2022, 2023])["excess"].iloc[0] == pytest.approx(58482, abs=1)
    bands = mortality.by_band(reported).query("year == 2023").set_index("age_band")
    published = {"15-19": (-78, 205), "25-29": (5385, 199), "35-39": (9068, 606), "45-49": (7687, 941)}
    for band, (excess, sd) in published.items():
        assert bands.loc[band, ["excess", "sd"]].tolist() == pytest.approx([excess, sd], abs=0.5)


def test_columns_and_years_are_those_of_the_interface(reported):
    found = mortality.excess_male_deaths(reported)
    assert list(found.columns) == ["year", "excess", "sd"]
    assert found["year"].tolist() == [2020, 2021, 2022, 2023]


# ---- by hand ----------------------------------------------------------------------------------------------------


def small(ratios, *, women=100.0):
    years = 2015 + np.arange(len(ratios))
    return table(np.array(ratios) * women, np.full(len(ratios), women), years=years)


def test_a_line_of_four_years_by_hand():
    """Ratios 2, 2.1, 1.9, 2: slope -0.02, mean 2, residual squares 0.018, so s² is 0.009.

    Two years past the end, 3.5 from the middle: expected 1.93, factor 1 + 1/4 + 3.5²/5 = 3.7.
    """
    found = mortality.excess_male_deaths(small([2, 2.1, 1.9, 2, 2, 3]), baseline=(2015, 2018)).set_index("year")
    assert found.loc[2020, "excess"] == pytest.approx(100 * (3 - 1.93))
    assert found.loc[2020, "sd"] == pytest.approx(100 * np.sqrt(0.009 * 3.7))


def test_three_ways_to_add_by_hand():
    """The years 2.5 and 3.5 from the middle share the error of the line: 1/4 + 2.5·3.5/5 = 2 times s²."""
    found = mortality.sums(small([2, 2.1, 1.9, 2, 2, 3]), [2019, 2020], baseline=(2015, 2018)).set_index("dependence")
    s2, first, second, both = 0.009 * 100**2, 1 + 1 / 4 + 2.5**2 / 5, 3.7, 2.0
    assert found.loc["independent", "sd"] == pytest.approx(np.sqrt(s2 * (first + second)))
    assert found.loc["shared_line", "sd"] == pytest.approx(np.sqrt(s2 * (first + second + 2 * both)))
    assert found.loc["full", "sd"] == pytest.approx(np.sqrt(s2 * first) + np.sqrt(s2 * second))
    assert found["excess"].tolist() == pytest.approx([100 * (2 - 1.95) + 100 * (3 - 1.93)] * 3)


def test_ways_to_add_lie_in_order_and_one_year_is_itself(reported):
    sd = mortality.sums(reported, [2022, 2023]).set_index("dependence")["sd"]
    assert sd["independent"] < sd["shared_line"] < sd["full"]
    assert sd["independent"] == pytest.approx(np.hypot(1374.4, 1533.2), abs=0.2)
    one = mortality.sums(reported, [2023])
    assert one["sd"].tolist() == pytest.approx([mortality.excess_male_deaths(reported)["sd"].iloc[-1]] * 3)


def test_hiv_deaths_are_taken_from_both_sexes():
    rows = small([2, 2.1, 1.9, 2, 3])
    hiv = 9.0 * np.arange(len(rows))
    infected = rows.assign(deaths=rows["deaths"] + hiv, hiv_deaths=hiv)
    expected = mortality.excess_male_deaths(rows, baseline=(2015, 2018))
    pd.testing.assert_frame_equal(mortality.excess_male_deaths(infected, baseline=(2015, 2018)), expected)
    kept = mortality.excess_male_deaths(infected, baseline=(2015, 2018), remove_hiv=False)
    assert abs(kept["excess"].iloc[0] - expected["excess"].iloc[0]) > 1


def test_years_as_numbers_dates_and_index_are_one_and_input_is_untouched(reported):
    numbered = reported.reset_index().assign(year=lambda one: one["year"].dt.year)
    before = numbered.copy()
    expected = mortality.excess_male_deaths(reported)
    pd.testing.assert_frame_equal(mortality.excess_male_deaths(numbered), expected)
    shuffled = numbered.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(mortality.excess_male_deaths(shuffled), expected)
    pd.testing.assert_frame_equal(numbered, before)


# ---- simulation -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def simulated():
    """Deaths in many bands whose ratio follows a line with normal noise and no excess: each band is one trial."""
    rng = np.random.default_rng(3)
    bands = [f"{i:04d}" for i in range(2000)]
    women = rng.uniform(500, 3000, (len(YEARS), len(bands)))
    line = 3 + np.outer(YEARS - 2017, rng.uniform(-0.05, 0.05, len(bands)))
    return table((line + rng.normal(size=women.shape) * 0.05) * women, women, bands=bands)


def test_prediction_errors_of_one_band_follow_student_t(simulated):
    found = mortality.by_band(simulated).query("year == 2022")
    standardised = found["excess"] / found["sd"]
    assert stats.kstest(standardised, stats.t(3).cdf).pvalue > 0.01
    assert np.mean(np.abs(standardised) < stats.t.ppf(0.95, 3)) == pytest.approx(0.90, abs=0.02)


def test_only_the_shared_line_gives_sums_of_years_their_true_error(simulated):
    excess = mortality.by_band(simulated).pivot(index="age_band", columns="year", values="excess")
    true = np.sqrt(((excess[2022] + excess[2023]) ** 2).sum())
    claimed = mortality.sums(simulated, [2022, 2023]).set_index("dependence")["sd"]
    assert claimed["shared_line"] == pytest.approx(true, rel=0.05)
    assert claimed["independent"] < 0.9 * true


# ---- bad input --------------------------------------------------------------------------------------------------

GOOD = small([2, 2.1, 1.9, 2, 3])


@pytest.mark.parametrize(
    ("frame", "baseline", "message"),
    [
        (GOOD.drop(columns="hiv_deaths"), (2015, 2018), r"expected the columns year, .*, found no 'hiv_deaths'"),
        (GOOD, (2017, 2018), r"of at least 3 years, found \(2017, 2018\): give an earlier"),
        (GOOD, (2015.5, 2018), r"baseline \(first year, last year\).*found \(2015.5, 2018\)"),
        (GOOD, (2015, 2019), r"years after the baseline, found none after 2019"),
        (GOOD, (2014, 2018), r"every year from 2014 to 2019, .*, found none in 2014 for 'f', '20-24'"),
        (GOOD.drop(index=2), (2015, 2018), r"found none in 2017 for 'm', '20-24'"),
        (GOOD.replace({"sex": {"f": "w"}}), (2015, 2018), r"expected the sex 'f' or 'm', found 'w'"),
        (pd.concat([GOOD, GOOD[:1]]), (2015, 2018), r"one row .*, found several in 2015 for 'm', '20-24'"),
        (GOOD.assign(hiv_deaths=500.0), (2015, 2018), r"from 0 up to all deaths, found 500 of 200 in 2015 for 'm'"),
        (GOOD.assign(deaths=np.nan), (2015, 2018), r"from 0 up to all deaths, found 0 of nan"),
        (small([2, 2, 2, 2, 2], women=0.0), (2015, 2018), r"women above zero .*, found 0 in 2015 for '20-24'"),
    ],
)
def test_bad_input_is_named_in_one_sentence(frame, baseline, message):
    with pytest.raises(MortalityError, match=message) as caught:
        mortality.excess_male_deaths(frame, baseline)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("years", "message"),
    [
        ([2018], r"distinct years among 2019 to 2019 to add, found '2018'"),
        ([], r"distinct years .*, found \[\]"),
        ([2019, 2019], r"distinct years .*, found \[2019, 2019\]"),
    ],
)
def test_years_that_cannot_be_added_are_named(years, message):
    with pytest.raises(MortalityError, match=message):
        mortality.sums(GOOD, years, baseline=(2015, 2018))
