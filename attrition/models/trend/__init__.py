"""Where a weekly series is going: its regimes, its slope, and the door to the rest of the trend models.

`weekly_sums`, `daily_counts` (from `weeks`), `change_points`, `change_point_stability`, `bootstrap_change_points`
(from `breaks`), `digits`, `weekday_effect` and `repeats` (from `forensics`) can all be reached from here. Nothing here
forecasts: see `forecast`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from attrition.models.trend.breaks import bootstrap_change_points, change_point_stability, change_points
from attrition.models.trend.forensics import digits, repeats, weekday_effect
from attrition.models.weeks import TrendError, check_weekly, daily_counts, weekly_sums

__all__ = [
    "Slope",
    "TrendError",
    "bootstrap_change_points",
    "change_point_stability",
    "change_points",
    "daily_counts",
    "digits",
    "regimes",
    "repeats",
    "slope",
    "waves_used",
    "weekday_effect",
    "weekly_sums",
]
LEAST_WEEKS_FOR_A_SLOPE = 12  # below, two waves would be too many


@dataclass(frozen=True)
class Slope:
    """How fast a weekly series rises or falls.

    Attributes
    ----------
    value, lower, upper, level
        Slope of the logarithm per week with its interval: 0.01 is a rise of about one percent a week.
    probability_rising
        Probability, from 0 to 1, that the slope is above zero.
    weeks, start, end
        Number of weeks used, and the first and the last week end of them.
    waves
        Slow waves that told the size of the noise: the degrees of freedom of the error.
    """

    value: float
    lower: float
    upper: float
    level: float
    probability_rising: float
    weeks: int
    start: pd.Timestamp
    end: pd.Timestamp
    waves: int


def slope(weekly: pd.Series, weeks: int = 26, *, level: float = 0.9) -> Slope:
    """Measure how fast the last weeks rose or fell, with an error that allows for neighbouring weeks being alike.

    Parameters
    ----------
    weekly : Series
        Positive weekly sums indexed by week end, without gaps.
    weeks : int
        How many of the last weeks to use; at least 12 and at most as many as there are.
    level : float
        Level of the interval, in (0, 1).

    Returns
    -------
    Slope
        From a least-squares line through log weekly sums. `probability_rising` reads the t distribution of its error
        as a belief about the slope (a flat prior).

    Notes
    -----
    The error is robust to autocorrelation and changing noise. It takes the size of the noise from its slow waves,
    which a trend could be mistaken for: the first `waves_used` cosines, made orthogonal to the line (Sun 2011, Journal
    of Econometrics 164(2), 345-366). With independent weeks of normal noise its t distribution is exact, with as many
    degrees of freedom as waves. The common Newey-West error is far too small on half a year, as the tests show. Weeks
    that depend on each other very strongly make this one too small as well. The slope describes the weeks given and
    promises nothing about the next ones.

    Examples
    --------
    >>> weeks = pd.date_range("2024-01-07", periods=30, freq="7D")
    >>> found = slope(pd.Series(100 * np.exp(0.01 * np.arange(30)), index=weeks))
    >>> round(found.value, 6), found.waves, round(found.probability_rising, 6)
    (0.01, 3, 1.0)
    """
    weekly = check_weekly(weekly, LEAST_WEEKS_FOR_A_SLOPE)
    _check_level(level)
    if not (isinstance(weeks, (int, np.integer)) and LEAST_WEEKS_FOR_A_SLOPE <= weeks <= len(weekly)):
        raise TrendError(
            f"expected {LEAST_WEEKS_FOR_A_SLOPE} to {len(weekly)} weeks for a slope, found {weeks!r}: "
            "choose in this range"
        )
    last = np.log(weekly.iloc[-weeks:] / weekly.iloc[-weeks])
    value, error, waves = _coefficient(last.to_numpy(), np.column_stack([np.ones(weeks), np.arange(weeks)]))
    half = float(_t_quantile(level, waves)) * error
    rising = float(stats.t.cdf(value / error, waves)) if error > 0 else float(np.heaviside(value, 0.5))
    ends = {"weeks": int(weeks), "start": last.index[0], "end": last.index[-1], "waves": waves}
    return Slope(value, value - half, value + half, level, rising, **ends)


def waves_used(n: int) -> int:
    """Number of slow waves that tell the size of the noise of `n` weeks: the whole part of 0.4·n^(2/3), at least 2.

    The rule of Lazarus, Lewis, Stock & Watson (2018, doi 10.1080/07350015.2018.1506926) for cosines.

    Examples
    --------
    >>> waves_used(26), waves_used(104)
    (3, 8)
    """
    return max(2, int(0.4 * n ** (2 / 3)))


def regimes(weekly: pd.Series, breaks, *, level: float = 0.95) -> pd.DataFrame:
    """Describe the levels between breaks, and by how much each differs from the one before.

    Parameters
    ----------
    weekly : Series
        Positive weekly sums indexed by week end, without gaps.
    breaks : sequence of dates
        First week of each new regime, as `change_points` gives them; may be empty.
    level : float
        Level of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        One row per regime: `start` and `end` (week ends), `weeks`; `level`; `mean` weekly sum with `lower` and `upper`;
        `change`, the mean over that of the regime before minus 1, with `change_lower`, `change_upper` (NaN in the
        first row).

    Notes
    -----
    Errors of means are robust to autocorrelation in the way of `slope`, so regimes of a few weeks have wide intervals.
    Intervals are made on the logarithmic scale (delta method; Welch's degrees of freedom for changes). The dates are
    taken as known, and the same weeks chose them: the intervals are somewhat too narrow.
    """
    weekly = check_weekly(weekly, 2)
    _check_level(level)
    starts = _break_positions(weekly, breaks)
    rows = [_describe(weekly.iloc[a:b], level) for a, b in zip([0, *starts], [*starts, len(weekly)], strict=True)]
    table = pd.DataFrame(rows)
    variance = (table["error"] / table["mean"]) ** 2
    both = variance + variance.shift()
    shares = variance**2 / table["waves"] + (variance**2 / table["waves"]).shift()
    degrees = (both**2 / shares.where(shares > 0)).fillna(1)
    step, half = np.log(table["mean"]).diff(), _t_quantile(level, degrees) * np.sqrt(both)
    changes = {"change": step, "change_lower": step - half, "change_upper": step + half}
    return table.drop(columns=["error", "waves"]).assign(**{name: np.expm1(log) for name, log in changes.items()})


def _describe(part, level):
    mean = float(part.mean())
    _, error, waves = _coefficient(part.to_numpy() - mean, np.ones((len(part), 1)))
    factor = float(np.exp(_t_quantile(level, waves) * error / mean))
    ends = {"start": part.index[0], "end": part.index[-1], "weeks": len(part), "level": level}
    return {**ends, "mean": mean, "lower": mean / factor, "upper": mean * factor, "error": error, "waves": waves}


def _break_positions(weekly, breaks):
    dates = pd.DatetimeIndex(breaks)
    unknown = dates.difference(weekly.index[1:])
    if len(unknown):
        raise TrendError(
            f"expected breaks among the week ends after the first, found {unknown[0]:%Y-%m-%d}: "
            "use those of change_points"
        )
    starts = sorted(set(weekly.index.get_indexer(dates)))
    if min(np.diff([0, *starts, len(weekly)])) < 2:
        raise TrendError("expected regimes of at least 2 weeks, found a single week: leave out one of its breaks")
    return starts


def _coefficient(values, design):
    """Last coefficient of a least-squares fit, its error, and the number of slow waves behind the error."""
    n, k = design.shape
    fitted = np.linalg.lstsq(design, values, rcond=None)[0]
    waves = min(waves_used(n), n - k)
    cosines = np.cos(np.pi * np.outer(np.arange(n) + 0.5, np.arange(1, waves + 1)) / n)
    basis = np.linalg.qr(np.column_stack([design, cosines]))[0][:, k:]
    noise = np.mean(((values - design @ fitted) @ basis) ** 2)
    return float(fitted[-1]), float(np.sqrt(noise * np.linalg.inv(design.T @ design)[-1, -1])), waves


def _t_quantile(level, degrees):
    return stats.t.ppf((1 + level) / 2, degrees)


def _check_level(level):
    if not 0 < level < 1:
        raise TrendError(f"expected a level between 0 and 1, both excluded, found {level!r}: give a share")
