"""Candidates against other implementations, simulated truth and the reported series; bad input."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from attrition.models import forecast, scores
from attrition.models.forecast import ForecastError, candidates, local_level

HORIZONS = [1, 4, 8, 13, 26]


def noisy_level(rng, weeks, level_sd=0.06, noise_sd=0.06):
    """Weekly sums whose logarithm is a random walk seen through noise: the truth the simulations know."""
    return np.exp(9 + rng.normal(0, level_sd, weeks).cumsum() + rng.normal(0, noise_sd, weeks))


@pytest.fixture
def series(weekly):
    return weekly(noisy_level(np.random.default_rng(1), 105))


def at(frame, horizon, measure="weekly"):
    return frame[(frame["horizon"] == horizon) & (frame["measure"] == measure)].sort_values("level")


# ---- what every method must give ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", [*forecast.METHODS, "best"])
def test_every_method_gives_nested_intervals_around_one_median(series, method):
    frame = forecast.predict(series, HORIZONS, [0.5, 0.8, 0.95], method=method)
    assert frame.columns.tolist() == ["horizon", "measure", "level", "lower", "median", "upper"]
    assert len(frame) == len(HORIZONS) * 2 * 3
    for _, rows in frame.groupby(["horizon", "measure"]):
        assert rows["level"].tolist() == [0.5, 0.8, 0.95]
        assert rows["median"].nunique() == 1
        assert rows["lower"].is_monotonic_decreasing and rows["upper"].is_monotonic_increasing
        assert (rows["lower"] < rows["median"]).all() and (rows["median"] < rows["upper"]).all()
        assert (rows["lower"] >= 0).all()


@pytest.mark.parametrize("method", forecast.METHODS)
def test_the_first_week_is_the_same_forecast_twice(series, method):
    frame = forecast.predict(series, [1, 4], [0.9], method=method)
    columns = ["lower", "median", "upper"]
    assert at(frame, 1)[columns].to_numpy() == pytest.approx(at(frame, 1, "cumulative")[columns].to_numpy())


@pytest.mark.parametrize("method", forecast.METHODS)
def test_cumulative_intervals_are_narrower_than_added_weekly_ones(series, method):
    """Quantiles do not add: weeks that miss in different directions cancel."""
    frame = forecast.predict(series, range(1, 9), [0.9], method=method)
    weekly_rows, total = frame[frame["measure"] == "weekly"], at(frame, 8, "cumulative").iloc[0]
    assert total["upper"] - total["lower"] < 0.98 * (weekly_rows["upper"] - weekly_rows["lower"]).sum()


@pytest.mark.parametrize("method", forecast.METHODS)
def test_forecasts_scale_with_the_series(series, method):
    small = forecast.predict(series, [1, 13], [0.9], method=method)
    large = forecast.predict(series * 1000, [1, 13], [0.9], method=method)
    columns = ["lower", "median", "upper"]
    assert large[columns].to_numpy() == pytest.approx(small[columns].to_numpy() * 1000, rel=2e-3)


@pytest.mark.parametrize("method", forecast.METHODS)
def test_same_seed_same_numbers_and_the_argument_stays_as_it_was(series, method):
    before = series.copy()
    first, again = (forecast.predict(series, [4], [0.9], method=method, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    pd.testing.assert_series_equal(series, before)


def test_another_seed_moves_simulated_quantiles_by_little(series):
    first, other = (forecast.predict(series, HORIZONS, [0.9], seed=seed) for seed in (0, 1))
    assert not first.equals(other)
    width = first["upper"] - first["lower"]
    assert (np.abs(first["upper"] - other["upper"]) / width).max() < 0.05
    assert (np.abs(first["median"] - other["median"]) / width).max() < 0.01


@pytest.mark.parametrize("method", forecast.METHODS)
def test_a_series_that_never_moves_is_foreseen_as_it_is(weekly, method):
    frame = forecast.predict(weekly([500.0] * 60), [1, 13], [0.9], method=method)
    assert at(frame, 13)[["lower", "median", "upper"]].to_numpy() == pytest.approx(500, rel=0.01)


def test_one_horizon_and_one_level_need_no_list(series):
    pd.testing.assert_frame_equal(forecast.predict(series, 4, 0.9), forecast.predict(series, [4], [0.9]))


@pytest.mark.parametrize("method", forecast.METHODS)
def test_a_forecast_does_not_change_with_the_other_horizons_and_levels(series, method):
    alone = forecast.predict(series, [4], [0.9], method=method)
    among = forecast.predict(series, [26, 4, 1], [0.5, 0.9], method=method)
    both = [frame[(frame["horizon"] == 4) & (frame["level"] == 0.9)].reset_index(drop=True) for frame in (alone, among)]
    pd.testing.assert_frame_equal(*both)


def test_best_is_the_method_it_names(series):
    pd.testing.assert_frame_equal(
        forecast.predict(series, [4], [0.9]), forecast.predict(series, [4], [0.9], method=forecast.BEST)
    )


# ---- each candidate against another implementation ---------------------------------------------------------


def test_baseline_repeats_the_last_week_and_spreads_like_past_changes(series):
    frame = forecast.predict(series, [1, 9], [0.8], method="baseline")
    changes = np.abs(np.diff(series))
    row = at(frame, 1).iloc[0]
    assert row["median"] == series.iloc[-1]
    assert row["upper"] - row["median"] == pytest.approx(np.quantile(changes, 0.8), rel=0.05)
    assert row["median"] - row["lower"] == pytest.approx(np.quantile(changes, 0.8), rel=0.05)
    spread = stats.norm.ppf(0.9) * np.sqrt(9 * (changes**2).mean())
    row = at(frame, 9).iloc[0]
    assert row["upper"] - row["lower"] == pytest.approx(2 * spread, rel=0.05)


def test_baseline_never_falls_below_zero(weekly):
    frame = forecast.predict(weekly([10, 500] * 30 + [10]), [13], [0.9], method="baseline")
    assert (frame["lower"] >= 0).all()


def single_pair(monkeypatch, weight):
    """Leave `local_level` one weight and an endless memory: plain simple exponential smoothing."""
    monkeypatch.setattr(local_level, "WEIGHTS", np.array([weight]))
    monkeypatch.setattr(local_level, "LOG_PRIOR", np.array([0.0]))
    monkeypatch.setattr(local_level, "MEMORIES_WEEKS", np.array([np.inf]))
    monkeypatch.setattr(local_level, "LOG_PRIOR_OF_MEMORIES", np.array([0.0]))


@pytest.mark.parametrize("weight", [0.3, 0.7, 0.95])
def test_one_pair_of_local_level_is_the_smoothing_of_statsmodels(monkeypatch, weekly, weight):
    single_pair(monkeypatch, weight)
    series = weekly(noisy_level(np.random.default_rng(2), 200))
    logs = np.log(series.to_numpy())
    model = ETSModel(logs, error="add", initialization_method="known", initial_level=logs[0])
    theirs = model.smooth([weight, logs[0]])
    frame = forecast.predict(series, HORIZONS, [0.8])
    squares = ((logs[1:] - theirs.fittedvalues[1:]) ** 2).sum()
    for horizon in HORIZONS:
        row = at(frame, horizon).iloc[0]
        assert np.log(row["median"]) == pytest.approx(theirs.forecast(horizon)[-1], abs=1e-3)
        spread = np.sqrt(squares / 200 * (1 + (horizon - 1) * weight**2)) * stats.t.ppf(0.9, 200)
        assert np.log(row["upper"] / row["lower"]) / 2 == pytest.approx(spread, rel=0.04)


def test_local_level_finds_the_weight_of_a_long_series(weekly):
    """Level and noise of equal size make the best weight 0.618, the root of w² = 1 − w."""
    logs = np.log(noisy_level(np.random.default_rng(3), 1500))
    *_, share = local_level._states(logs, {1499})[1499]
    by_weight = share.reshape(len(local_level.MEMORIES_WEEKS), -1).sum(axis=0)
    by_memory = share.reshape(len(local_level.MEMORIES_WEEKS), -1).sum(axis=1)
    assert (by_weight * local_level.WEIGHTS).sum() == pytest.approx(0.618, abs=0.1)
    assert local_level.MEMORIES_WEEKS[by_memory.argmax()] >= 80


def test_local_level_forgets_a_noisy_past(weekly):
    """After the noise has fallen to a fifth, its intervals are much narrower than those of the whole past."""
    rng = np.random.default_rng(4)
    loud, calm = noisy_level(rng, 100, 0.01, 0.2), noisy_level(rng, 60, 0.002, 0.04)
    series = weekly(np.r_[loud, calm * loud[-20:].mean() / calm[0]])
    row, plain = (at(forecast.predict(s, [1], [0.9]), 1).iloc[0] for s in (series, series[:100]))
    assert np.log(row["upper"] / row["lower"]) < 0.4 * np.log(plain["upper"] / plain["lower"])


def test_damped_agrees_with_the_forecast_of_statsmodels(series):
    """With 105 weeks the parameters are estimated at the last one, as they are every 13 weeks."""
    assert (len(series) - 1) % candidates.RENEWAL_WEEKS == 0
    logs = np.log(series[-52:])
    theirs = ETSModel(logs, error="add", trend="add", damped_trend=True).fit(disp=False, maxiter=200)
    frame = forecast.predict(series, HORIZONS, [0.8], method="damped")
    mean = theirs.forecast(26)
    variance = np.asarray(theirs.get_prediction(start=52, end=77).forecast_variance)
    for horizon in HORIZONS:
        row = at(frame, horizon).iloc[0]
        assert np.log(row["median"]) == pytest.approx(mean.iloc[horizon - 1], abs=2e-3)
        spread = stats.norm.ppf(0.9) * np.sqrt(variance[horizon - 1])
        assert np.log(row["upper"] / row["lower"]) / 2 == pytest.approx(spread, rel=0.04)


def test_conformal_by_plain_loops(series):
    values, horizon, level_ = series.to_numpy(), 4, 0.8
    smooth, errors, total_errors = [np.log(values[0])], [], []
    for value in values[1:]:
        smooth.append(smooth[-1] + 0.5 * (np.log(value) - smooth[-1]))
    for made in range(len(values) - horizon - 52, len(values) - horizon):
        errors.append(abs(np.log(values[made + horizon]) - smooth[made]))
        total_errors.append(abs(np.log(np.mean(values[made + 1 : made + horizon + 1])) - smooth[made]))
    rank = int(np.ceil(53 * level_))
    frame = forecast.predict(series, [horizon], [level_], method="conformal")
    centre = np.exp(smooth[-1])
    for measure, missed, times in (("weekly", errors, 1), ("cumulative", total_errors, horizon)):
        row = at(frame, horizon, measure).iloc[0]
        half = np.exp(sorted(missed)[rank - 1])
        assert (row["lower"], row["median"], row["upper"]) == pytest.approx(
            (times * centre / half, times * centre, times * centre * half)
        )


def test_the_ensemble_is_the_median_of_its_members(series):
    frames = {name: forecast.predict(series, HORIZONS, [0.5, 0.9], method=name) for name in forecast.METHODS}
    members = np.stack([frames[name][["lower", "median", "upper"]] for name in candidates.ENSEMBLE])
    assert frames["ensemble"][["lower", "median", "upper"]].to_numpy() == pytest.approx(np.median(members, axis=0))


# ---- simulated truth ---------------------------------------------------------------------------------------


def coverage_of(weekly, make, weeks, runs, level=0.9):
    """Share of runs in which the interval of "best" held the truth, by measure and horizon."""
    held = np.zeros((2, len(HORIZONS)))
    rng = np.random.default_rng(11)
    ahead = np.array(HORIZONS) - 1
    for _ in range(runs):
        values = make(rng, weeks + 26)
        frame = forecast.predict(weekly(values[:weeks]), HORIZONS, [level])
        future = values[weeks:]
        truth = np.stack([future[ahead], future.cumsum()[ahead]], axis=1).ravel()
        inside = (frame["lower"] <= truth) & (truth <= frame["upper"])
        held += inside.to_numpy().reshape(len(HORIZONS), 2).T
    return held / runs


def test_intervals_hold_on_simulated_truth_at_every_horizon(weekly):
    """2,000 series of three years, their level and their noise of equal size."""
    found = coverage_of(weekly, noisy_level, weeks=156, runs=2000)
    assert found.min() >= 0.88
    assert found.max() <= 0.92


@pytest.mark.parametrize(("name", "level_sd", "noise_sd"), [("random walk", 0.08, 0.0), ("mostly noise", 0.03, 0.1)])
def test_intervals_nearly_hold_at_the_edges_of_the_model(weekly, name, level_sd, noise_sd):
    """Where the truth lies at an edge of what `local_level` averages over it is off by a few points at most."""
    found = coverage_of(weekly, lambda rng, n: noisy_level(rng, n, level_sd, noise_sd), weeks=104, runs=300)
    assert 0.84 <= found.min() <= found.max() <= 0.97


# ---- the backtest ------------------------------------------------------------------------------------------


def test_past_forecasts_saw_nothing_later(series):
    """Each row of the record is what `predict` says to whoever stood at its origin."""
    record = forecast.record(series, forecast.METHODS, [1, 4, 13])
    for method in forecast.METHODS:
        for position in (51, 60, 91):
            then = forecast.predict(series.iloc[: position + 1], [1, 4, 13], [0.5, 0.9], method=method)
            rows = record[(record["method"] == method) & (record["origin"] == series.index[position])]
            for row in rows.itertuples():
                half, ninety = at(then, row.horizon, row.measure).itertuples()
                made = (row.lower_50, row.upper_50, row.lower_90, row.upper_90, row.median)
                assert made == (half.lower, half.upper, ninety.lower, ninety.upper, half.median)


def test_the_record_holds_what_happened(series):
    record = forecast.record(series, ["baseline"], [1, 4])
    for row in record.itertuples():
        position = series.index.get_loc(row.origin)
        future = series.iloc[position + 1 : position + 1 + row.horizon]
        assert row.target == future.index[-1]
        assert row.observed == pytest.approx(future.sum() if row.measure == "cumulative" else future.iloc[-1])
    counts = record.groupby(["measure", "horizon"]).size()
    assert counts["weekly", 1] == len(series) - 52
    assert counts["cumulative", 4] == len(series) - 55


def test_scores_of_the_record_are_those_of_predict(series):
    record = forecast.record(series, ["local_level"], [4])
    row = record[(record["measure"] == "cumulative")].iloc[-1]
    seen = series[: row["origin"]]
    then = at(forecast.predict(seen, [4], forecast.LEVELS, method="local_level"), 4, "cumulative")
    intervals = {r.level: (r.lower, r.upper) for r in then.itertuples()}
    assert row["wis"] == pytest.approx(scores.wis(row["observed"], row["median"], intervals))


def test_the_summary_averages_the_record(series):
    methods = ["baseline", "best", "conformal"]
    record = forecast.record(series, methods, [1, 4])
    table = forecast.backtest(series, methods, [1, 4], last_origins=20)
    columns = ["method", "measure", "horizon", "wis", "relative_wis", "coverage_50", "coverage_90", "origins"]
    assert table.columns.tolist() == columns
    assert table["method"].unique().tolist() == methods
    assert (table["origins"] == 20).all()
    for row in table.itertuples():
        mine = record[(record[["method", "measure", "horizon"]] == [row.method, row.measure, row.horizon]).all(axis=1)]
        mine = mine.sort_values("origin").iloc[-20:]
        assert row.wis == pytest.approx(mine["wis"].mean())
        assert (
            row.coverage_90 == ((mine["lower_90"] <= mine["observed"]) & (mine["observed"] <= mine["upper_90"])).mean()
        )
    baseline = table[table["method"] == "baseline"]
    assert (baseline["relative_wis"] == 1).all()
    relative = table[table["method"] == "best"]["wis"].to_numpy() / baseline["wis"].to_numpy()
    assert table[table["method"] == "best"]["relative_wis"].to_numpy() == pytest.approx(relative)


def test_more_origins_than_there_are_means_all(series):
    pd.testing.assert_frame_equal(
        forecast.backtest(series, ["baseline"], [4], last_origins=10_000), forecast.backtest(series, ["baseline"], [4])
    )


def test_the_past_best_method_is_chosen_by_outcomes_already_known(series):
    record = forecast.record(series, [*forecast.METHODS, "past_best"], [1, 4])
    keys = ["measure", "horizon", "origin"]
    chosen = record[record["method"] == "past_best"].set_index(keys)
    for position in (51, 53, 60, 90):
        origin = series.index[position]
        known = record[(record["target"] <= origin) & record["method"].isin(forecast.METHODS)]
        means = known.groupby(["method", "measure", "horizon"])[["wis", "wis_baseline"]].sum()
        ratio = (means["wis"] / means["wis_baseline"]).groupby("method").mean()
        expected = ratio.reindex(forecast.METHODS).idxmin() if len(known) else "baseline"
        theirs = record[record["method"] == expected].set_index(keys)
        for measure in ("weekly", "cumulative"):
            assert chosen.loc[(measure, 4, origin), "wis"] == theirs.loc[(measure, 4, origin), "wis"]


def test_the_backtest_of_a_series_that_never_moves_has_no_relative_score(weekly):
    table = forecast.backtest(weekly([500.0] * 70), ["baseline", "past_best"], [1, 4])
    assert (table["wis"] == 0).all()
    assert table["relative_wis"].isna().all()


# ---- the reported series -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reported_record(reported_weekly):
    return forecast.record(reported_weekly, [*forecast.METHODS, "best", "past_best"], HORIZONS)


def test_best_beats_the_baseline_over_the_last_two_years(reported_record):
    """Weekly and cumulative, at 4, 8 and 13 weeks, over the last 104 origins whose outcome is known."""
    table = forecast.summarise(reported_record, last_origins=104)
    table = table[(table["method"] == "best") & table["horizon"].isin([4, 8, 13])]
    assert len(table) == 6
    assert (table["origins"] == 104).all()
    assert (table["relative_wis"] <= 0.95).all()


def test_best_is_nowhere_worse_than_the_baseline(reported_record):
    """Weekly and cumulative, at every horizon, over all origins since 52 weeks were known."""
    table = forecast.summarise(reported_record)
    table = table[table["method"] == "best"]
    assert len(table) == 10
    assert (table["relative_wis"] <= 1.0).all()


@pytest.mark.parametrize(
    ("horizon", "least", "most"), [(1, 0.85, 0.95), (4, 0.85, 0.95), (8, 0.82, 0.98), (13, 0.82, 0.98)]
)
def test_intervals_of_best_hold_as_often_as_they_say(reported_record, horizon, least, most):
    """Weekly and cumulative, over all origins since 52 weeks were known."""
    table = forecast.summarise(reported_record)
    found = table[(table["method"] == "best") & (table["horizon"] == horizon)]["coverage_90"]
    assert len(found) == 2
    assert found.between(least, most).all()


def test_best_is_the_winner_by_score(reported_record):
    """The mean ratio to the baseline over both measures at 1, 4, 8 and 13 weeks, all origins.

    Within half a percent methods are level, and the random numbers of another version may turn their order.
    """
    table = forecast.summarise(reported_record)
    table = table[table["method"].isin(forecast.METHODS) & (table["horizon"] <= 13)]
    means = table.groupby("method")["relative_wis"].mean()
    assert means[forecast.BEST] <= means.min() + 0.005


def test_choosing_by_past_scores_alone_also_beats_the_baseline(reported_record):
    """The honest version of the choice: nobody could know the winner beforehand."""
    for last in (None, 104):
        table = forecast.summarise(reported_record, last)
        table = table[(table["method"] == "past_best") & table["horizon"].isin([4, 8, 13])]
        assert (table["relative_wis"] < 1.0).all()


# ---- bad input ---------------------------------------------------------------------------------------------


def series_of(values):
    return pd.Series(values, index=pd.date_range("2020-01-05", periods=len(values), freq="7D"))


GOOD = series_of([100.0, 120.0] * 40)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: forecast.predict(GOOD, [4], [0.9], method="local"), r"found 'local': did you mean 'local_level'\?"),
        (lambda: forecast.predict(GOOD, [4], [0.9], method="bset"), r"found 'bset': did you mean 'best'\?"),
        (lambda: forecast.predict(GOOD, [4], [0.9], method=None), r"expected a method among baseline, .*, found None"),
        (
            lambda: forecast.predict(GOOD, [4], [0.9], method="past_best"),
            r"expected a method among .* found 'past_best'",
        ),
        (lambda: forecast.predict(GOOD, [0], [0.9]), r"distinct horizons of 1 to 104 weeks, found 0"),
        (lambda: forecast.predict(GOOD, [1, -4], [0.9]), r"distinct horizons of 1 to 104 weeks, found -4"),
        (lambda: forecast.predict(GOOD, [1.5], [0.9]), r"distinct horizons of 1 to 104 weeks, found 1\.5"),
        (lambda: forecast.predict(GOOD, [], [0.9]), r"distinct horizons of 1 to 104 weeks, found none"),
        (lambda: forecast.predict(GOOD, [4, 4], [0.9]), r"distinct horizons of 1 to 104 weeks, found one twice"),
        (lambda: forecast.predict(GOOD, None, [0.9]), r"distinct horizons of 1 to 104 weeks, found None"),
        (lambda: forecast.predict(GOOD, "14", [0.9]), r"distinct horizons of 1 to 104 weeks, found '14'"),
        (lambda: forecast.predict(GOOD, [105], [0.9]), r"distinct horizons of 1 to 104 weeks, found 105"),
        (lambda: forecast.predict(GOOD, [4], [0.9], seed=-1), r"a seed that is a whole number from 0, found -1"),
        (lambda: forecast.backtest(GOOD, ["best"], [4], seed=0.5), r"a seed that is a whole number from 0, found 0\.5"),
        (lambda: forecast.predict(GOOD, [True], [0.9]), r"distinct horizons of 1 to 104 weeks, found True"),
        (lambda: forecast.predict(GOOD, [4], [90]), r"distinct levels between 0 and 1, both excluded, found 90"),
        (
            lambda: forecast.predict(GOOD, [4], [0.9, 1.0]),
            r"distinct levels between 0 and 1, both excluded, found 1\.0",
        ),
        (lambda: forecast.predict(GOOD, [4], ["0.9"]), r"distinct levels between 0 and 1, both excluded, found '0\.9'"),
        (lambda: forecast.predict(GOOD, [4], []), r"distinct levels between 0 and 1, both excluded, found none"),
        (lambda: forecast.predict(GOOD, [4], [0.9, 0.9]), r"distinct levels between 0 and 1, .* found one twice"),
        (lambda: forecast.predict(GOOD[:25], [4], [0.9]), r"expected at least 26 weekly sums, found 25"),
        (lambda: forecast.predict(GOOD[:38], [26], [0.9]), r"expected at least 39 weekly sums, found 38"),
        (lambda: forecast.predict(GOOD[:0], [4], [0.9]), r"at least one dated figure, found none"),
        (lambda: forecast.predict(GOOD.to_numpy(), [4], [0.9]), r"expected a pandas Series .*, found 'ndarray'"),
        (lambda: forecast.predict(GOOD - 100, [4], [0.9]), r"above zero for a logarithmic scale, found 0"),
        (lambda: forecast.predict(GOOD.where(GOOD > 100), [4], [0.9]), r"for every week, found none for 40"),
        (lambda: forecast.predict(GOOD.drop(GOOD.index[9]), [4], [0.9]), r"seven days apart, found a step of 14 days"),
        (lambda: forecast.predict(GOOD.asfreq("D").ffill(), [4], [0.9]), r"seven days apart, found a step of 1 days"),
        (lambda: forecast.backtest(GOOD, ["basline"], [4]), r"found 'basline': did you mean 'baseline'\?"),
        (lambda: forecast.backtest(GOOD, [], [4]), r"expected distinct methods, found \[\]"),
        (
            lambda: forecast.backtest(GOOD, ["best", "best"], [4]),
            r"expected distinct methods, found \['best', 'best'\]",
        ),
        (lambda: forecast.backtest(GOOD, ["best"], [40]), r"expected at least 92 weekly sums, found 80"),
        (lambda: forecast.backtest(GOOD, ["best"], [4], last_origins=0), r"origins of at least 1, found 0"),
        (lambda: forecast.backtest(GOOD, ["best"], [0]), r"distinct horizons of 1 to 104 weeks, found 0"),
    ],
)
def test_bad_input_is_named_in_one_sentence(call, message):
    with pytest.raises(ForecastError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("method", forecast.METHODS)
def test_the_shortest_series_that_is_taken_can_be_forecast(method):
    for weeks, horizon in ((26, 13), (39, 26)):
        frame = forecast.predict(GOOD[:weeks], [horizon], [0.5, 0.98], method=method)
        assert (frame["lower"] <= frame["upper"]).all()
