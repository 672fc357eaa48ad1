"""The candidates that compete to forecast a weekly series, each a function of a `Task`.

Every candidate sees, for a forecast made at week t, the weeks up to t and nothing later. It answers with central
intervals and a median for two measures, the sum of the h-th week ahead (weekly) and the sum of all weeks from the
next to the h-th (cumulative). Quantiles of cumulative sums come from whole paths: quantiles of single weeks cannot be
added.
"""

import warnings

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from attrition.models.forecast.local_level import local_level
from attrition.models.forecast.tasks import LEAST_WEEKS, MEASURES, Task, exponential, from_paths, normals, uniforms

RECENT_WEEKS = 52  # the memory of the candidates that look at recent weeks only
RENEWAL_WEEKS = 13  # how old the estimated parameters of `damped` may become
SMOOTHING = 0.5  # of `conformal`; fixed beforehand, so every residual may calibrate
ENSEMBLE = ("local_level", "damped", "conformal")
WARM_UP_WEEKS = 8  # which smoothing needs before its residuals count


def baseline(task: Task) -> np.ndarray:
    """Repeat the last week; spread by the changes between past weeks, upwards and downwards alike.

    The baseline of the forecast hubs (Cramer et al. 2022, doi 10.1073/pnas.2113561119): paths add up changes drawn
    from all past week-to-week changes and their negatives, and stop at zero.

    Returns
    -------
    ndarray, shape (origins, measures, 2·levels + 1, horizons)
        Quantiles, lower ends first, then the median, then upper ends.
    """
    points = uniforms(task.seed)[:, 2 : 2 + task.steps]
    forecasts = []
    for origin in task.origins:
        changes = np.diff(task.values[: origin + 1])
        pool = np.sort(np.r_[changes, -changes])
        picks = (points * len(pool)).astype(int)
        drawn = np.concatenate([pool[picks], pool[::-1][picks]])
        forecasts.append(from_paths(np.maximum(task.values[origin] + drawn.cumsum(axis=1), 0), task))
    return np.stack(forecasts)


def damped(task: Task) -> np.ndarray:
    """Follow level and trend, the trend fading out: exponential smoothing with a damped trend on log sums.

    ETS(A,Ad,N) by statsmodels (Gardner & McKenzie 1985, doi 10.1287/mnsc.31.10.1237), estimated by maximum likelihood
    on the last 52 weeks; the parameters are renewed every 13 weeks and the states every week. Intervals treat the
    parameters as known.

    Returns
    -------
    ndarray
        As `baseline`.
    """
    normal = normals(task.seed)[:, : task.steps]
    logs = np.log(task.values)
    fits = {}
    forecasts = []
    for origin in task.origins:
        anchor = max(LEAST_WEEKS - 1, origin - origin % RENEWAL_WEEKS)
        if anchor not in fits:
            fits[anchor] = _fit_damped(logs[max(0, anchor + 1 - RECENT_WEEKS) : anchor + 1])
        fit = fits[anchor]
        state = _run_damped(fit, logs[max(0, anchor + 1 - RECENT_WEEKS) : origin + 1])
        noise = fit["sd"] * np.concatenate([normal, -normal])
        paths = exponential(_continue_damped(fit, state, noise))
        forecasts.append(from_paths(paths, task))
    return np.stack(forecasts)


def conformal(task: Task) -> np.ndarray:
    """Repeat a smoothed level; spread by how far that missed at each horizon within the last year.

    Split conformal intervals (Lei et al. 2018, doi 10.1080/01621459.2017.1307116): the half width on the log scale is
    the ⌈(n + 1)·level⌉-th smallest of the last n ≤ 52 absolute errors of the same horizon and measure, or the largest
    where that rank exceeds n. A cumulative error is that of the sum along the path that happened. The guarantee
    assumes exchangeable errors; those of overlapping horizons are not.

    Returns
    -------
    ndarray
        As `baseline`.
    """
    logs, totals = np.log(task.values), np.r_[0.0, task.values.cumsum()]
    smooth = _smooth(logs)
    forecasts = np.empty((len(task.origins), len(MEASURES), 2 * len(task.levels) + 1, len(task.horizons)))
    for j, horizon in enumerate(task.horizons):
        made = np.arange(len(logs) - horizon)
        errors = np.stack([logs[made + horizon], np.log((totals[made + horizon + 1] - totals[made + 1]) / horizon)])
        errors = np.abs(errors - smooth[made])
        for i, origin in enumerate(task.origins):
            known = slice(max(WARM_UP_WEEKS, origin - horizon + 1 - RECENT_WEEKS), origin - horizon + 1)
            half = _conformal_quantiles(errors[:, known], task.levels)
            logs_ahead = smooth[origin] + np.concatenate([-half, np.zeros((2, 1)), half], axis=1)
            forecasts[i, :, :, j] = np.exp(logs_ahead) * np.array([[1.0], [horizon]])
    return forecasts


def ensemble(task: Task) -> np.ndarray:
    """Take, quantile by quantile, the median of the candidates that model the series (`ENSEMBLE`).

    The way of the forecast hubs (Cramer et al. 2022, doi 10.1073/pnas.2113561119).

    Returns
    -------
    ndarray
        As `baseline`.
    """
    return combine([CANDIDATES[name](task) for name in ENSEMBLE])


def combine(forecasts) -> np.ndarray:
    """Median across forecasts of each of their quantiles."""
    return np.median(np.stack(forecasts), axis=0)


CANDIDATES = {
    "baseline": baseline,
    "local_level": local_level,
    "damped": damped,
    "conformal": conformal,
    "ensemble": ensemble,
}


def _fit_damped(logs):
    """Parameters and starting state of ETS(A,Ad,N)."""
    model = ETSModel(logs, error="add", trend="add", damped_trend=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a flat likelihood: any of its tops serves
        fit = model.fit(disp=False, maxiter=200)
    return {**dict(zip(fit.param_names, fit.params, strict=True)), "sd": np.sqrt(fit.mse)}


def _run_damped(fit, logs):
    """Level and trend after the last of `logs`."""
    height, trend = fit["initial_level"], fit["initial_trend"]
    for log in logs:
        trend = fit["damping_trend"] * trend
        error = log - height - trend
        height, trend = height + trend + fit["smoothing_level"] * error, trend + fit["smoothing_trend"] * error
    return height, trend


def _continue_damped(fit, state, noise):
    """Paths of log sums that meet the given errors."""
    height, trend = state
    paths = np.empty_like(noise)
    for step, error in enumerate(noise.T):
        trend = fit["damping_trend"] * trend
        paths[:, step] = height + trend + error
        height, trend = height + trend + fit["smoothing_level"] * error, trend + fit["smoothing_trend"] * error
    return paths


def _smooth(logs):
    smooth = np.empty_like(logs)
    smooth[0] = logs[0]
    for week in range(1, len(logs)):
        smooth[week] = smooth[week - 1] + SMOOTHING * (logs[week] - smooth[week - 1])
    return smooth


def _conformal_quantiles(errors, levels):
    n = errors.shape[1]
    ranks = np.minimum(np.ceil((n + 1) * levels - 1e-9), n).astype(int)
    return np.sort(errors, axis=1)[:, ranks - 1]
