"""Forecasts of past weeks, made again from what was known then, and their scores."""

import numpy as np
import pandas as pd

from attrition.models import scores
from attrition.models.forecast.candidates import CANDIDATES, ENSEMBLE, combine
from attrition.models.forecast.tasks import (
    MEASURES,
    ForecastError,
    Task,
    check_horizons,
    check_method,
    check_seed,
    is_whole,
)
from attrition.models.weeks import check_weekly

BEST = "local_level"
PAST_BEST = "past_best"
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)  # the eleven intervals of the forecast hubs
HISTORY_WEEKS = 52  # what the first forecast of a backtest has seen
CHOICE_HORIZONS = (1, 4, 8, 13)  # at 26 weeks too few forecasts are independent to choose by


def backtest(weekly: pd.Series, methods, horizons, last_origins: int | None = None, *, seed: int = 0) -> pd.DataFrame:
    """Make the forecasts of past weeks again, and score them.

    Parameters
    ----------
    weekly : Series
        Positive weekly sums indexed by week end, without gaps; at least 52 and the longest horizon.
    methods : sequence of str
        Some of `CANDIDATES`, "best" and "past_best", which at each origin takes the method with the best scores so
        far.
    horizons : sequence of int
        Weeks ahead, from 1.
    last_origins : int, optional
        Score only this many origins: at each horizon the last ones whose outcome is known.
    seed : int
        Seed of the simulated paths.

    Returns
    -------
    DataFrame
        As `summarise` gives it.
    """
    return summarise(record(weekly, methods, horizons, seed=seed), last_origins)


def record(weekly: pd.Series, methods, horizons, *, seed: int = 0) -> pd.DataFrame:
    """Make the forecasts of past weeks again, one for each week since 52 were known, and put them beside what happened.

    Parameters
    ----------
    weekly, methods, horizons, seed
        As in `backtest`.

    Returns
    -------
    DataFrame
        One row per `method`, `measure`, `horizon` and `origin` (the last week end the forecast saw) with `target`
        (the week end forecast), `observed`, `median`, `lower_50`, `upper_50`, `lower_90`, `upper_90`, `wis`, the
        weighted interval score over `LEVELS`, and `wis_baseline`, that of the baseline for the same target.
    """
    methods, horizons = _check_methods(methods), check_horizons(horizons)
    weekly = check_weekly(weekly, HISTORY_WEEKS + max(horizons), ForecastError)
    origins = tuple(range(HISTORY_WEEKS - 1, len(weekly) - min(horizons)))
    task = Task(weekly.to_numpy(), origins, horizons, np.array(LEVELS), check_seed(seed))
    quantiles = _all_quantiles(task, methods)
    observed = _outcomes(task)
    wis = {name: _wis(observed, forecast) for name, forecast in quantiles.items()}
    if PAST_BEST in methods:
        chosen = _past_best(wis, task)
        quantiles[PAST_BEST] = np.stack([quantiles[name][i] for i, name in enumerate(chosen)])
        wis[PAST_BEST] = np.stack([wis[name][i] for i, name in enumerate(chosen)])
    tables = [
        _rows(method, weekly.index, task, observed, quantiles[name], wis[name], wis["baseline"])
        for method, name in methods.items()
    ]
    return pd.concat(tables, ignore_index=True)


def summarise(past: pd.DataFrame, last_origins: int | None = None) -> pd.DataFrame:
    """Average the scores of past forecasts by method, measure and horizon.

    Parameters
    ----------
    past : DataFrame
        What `record` gives.
    last_origins : int, optional
        Use only this many origins: at each horizon the last ones whose outcome is known.

    Returns
    -------
    DataFrame
        One row per `method`, `measure` and `horizon`: mean `wis`; `relative_wis`, over that of the baseline on the
        same origins; `coverage_50` and `coverage_90`, shares from 0 to 1; `origins`, their number.
    """
    if last_origins is not None and not (is_whole(last_origins) and last_origins >= 1):
        raise ForecastError(f"expected a number of origins of at least 1, found {last_origins!r}: give a whole number")
    groups = past.groupby(["method", "measure", "horizon"], sort=False)
    rows = [{**dict(zip(groups.keys, key, strict=True)), **_scores(part, last_origins)} for key, part in groups]
    return pd.DataFrame(rows)


def _scores(part, last_origins):
    part = part.sort_values("origin").tail(last_origins or len(part))
    return {
        "wis": part["wis"].mean(),
        "relative_wis": part["wis"].mean() / part["wis_baseline"].mean() if part["wis_baseline"].any() else np.nan,
        "coverage_50": scores.coverage(part["observed"], part["lower_50"], part["upper_50"]),
        "coverage_90": scores.coverage(part["observed"], part["lower_90"], part["upper_90"]),
        "origins": len(part),
    }


def _all_quantiles(task, methods):
    """Forecasts of every method that is asked for, or that another one needs; the ensemble reuses its members."""
    every = PAST_BEST in methods
    wanted = [name for name in CANDIDATES if every or name == "baseline" or name in methods.values()]
    forecasts = {name: CANDIDATES[name](task) for name in wanted if name != "ensemble"}
    if "ensemble" in wanted:
        parts = [forecasts[name] if name in forecasts else CANDIDATES[name](task) for name in ENSEMBLE]
        forecasts["ensemble"] = combine(parts)
    return forecasts


def _outcomes(task):
    """What happened, shape (origins, measures, horizons); NaN where it is not known yet."""
    totals = np.r_[0.0, task.values.cumsum()]
    observed = np.full((len(task.origins), len(MEASURES), len(task.horizons)), np.nan)
    for i, origin in enumerate(task.origins):
        for j, horizon in enumerate(task.horizons):
            if origin + horizon < len(task.values):
                observed[i, :, j] = task.values[origin + horizon], totals[origin + horizon + 1] - totals[origin + 1]
    return observed


def _wis(observed, quantiles):
    """Weighted interval score of every forecast, NaN where the outcome is not known yet."""
    known = ~np.isnan(observed)
    at = [quantiles[:, :, i][known] for i in range(quantiles.shape[2])]
    k = len(LEVELS)
    intervals = {level: (at[i], at[k + 1 + i]) for i, level in enumerate(LEVELS)}
    result = np.full(observed.shape, np.nan)
    result[known] = scores.wis(observed[known], at[k], intervals)
    return result


def _past_best(wis, task):
    """For each origin the method with the lowest mean ratio to the baseline over the outcomes known by then.

    The ratio is averaged over both measures and `CHOICE_HORIZONS`; before any outcome is known, the baseline serves.
    """
    columns = [j for j, horizon in enumerate(task.horizons) if horizon in CHOICE_HORIZONS] or [0]
    sums = {name: np.zeros((len(task.origins), len(MEASURES), len(columns))) for name in CANDIDATES}
    for name, total in sums.items():
        for place, j in enumerate(columns):
            ripe = wis[name][: max(0, len(task.origins) - task.horizons[j]), :, j]
            total[task.horizons[j] :, :, place] = ripe.cumsum(axis=0)
    base = sums["baseline"]
    ratios = {name: _mean_ratio(total, base) for name, total in sums.items()}
    table = pd.DataFrame(ratios, columns=list(CANDIDATES))
    return table.idxmin(axis=1).tolist()


def _mean_ratio(total, base):
    ratio = np.divide(total, base, out=np.full_like(total, np.nan), where=base > 0)
    known = (~np.isnan(ratio)).sum(axis=(1, 2))
    return np.where(known > 0, np.nansum(ratio, axis=(1, 2)) / np.maximum(known, 1), 1.0)


def _rows(method, index, task, observed, quantiles, wis, wis_baseline):
    """Tidy rows of one method, without the forecasts whose outcome is not known yet."""
    i, m, j = np.nonzero(~np.isnan(observed))
    origins, horizons = np.array(task.origins)[i], np.array(task.horizons)[j]
    k = len(LEVELS)
    places = {"median": k}
    for level in (0.5, 0.9):
        at = LEVELS.index(level)
        places |= {f"lower_{level * 100:.0f}": at, f"upper_{level * 100:.0f}": k + 1 + at}
    ends = {name: quantiles[i, m, place, j] for name, place in places.items()}
    table = {
        "method": method,
        "measure": np.array(MEASURES)[m],
        "horizon": horizons,
        "origin": index[origins],
        "target": index[origins + horizons],
        "observed": observed[i, m, j],
        **ends,
        "wis": wis[i, m, j],
        "wis_baseline": wis_baseline[i, m, j],
    }
    return pd.DataFrame(table).sort_values(["measure", "horizon", "origin"], ascending=[False, True, True])


def _check_methods(methods):
    """Names asked for, with the candidate behind each."""
    listed = [methods] if isinstance(methods, str) else list(methods)
    if not listed or len(set(listed)) < len(listed):
        raise ForecastError(f"expected distinct methods, found {listed!r}: give some such as ['baseline', 'best']")
    known = (*CANDIDATES, "best", PAST_BEST)
    return {name: BEST if check_method(name, known) == "best" else name for name in listed}
