"""When the level of a weekly series changed, and how sure the dates are.

A break here is a lasting step in the mean of the logarithm. A slow drift is cut into steps too, and then the dates
mean little: look at how they move under resampling before a date is called an event.
"""

import numpy as np
import pandas as pd
import ruptures

from attrition.models.weeks import TrendError, check_weekly

MAD_TO_SD = 1.4826  # of a normal distribution
BLOCK_WEEKS = 4  # length of the resampled blocks: keeps the memory of about a month


def change_points(weekly: pd.Series, penalty: float = 3.0, min_size: int = 6) -> list[pd.Timestamp]:
    """Find the weeks in which the level of a weekly series changed for good.

    Minimises the squared distance of log weekly sums from the mean of their regime, plus `penalty`·ln(n)·σ² for every
    break, exactly, by PELT (Killick, Fearnhead & Eckley 2012, doi 10.1080/01621459.2012.737745; code: Truong, Oudre &
    Vayatis 2020, doi 10.1016/j.sigpro.2019.107299). σ comes from the median absolute deviation of week-to-week
    changes over √2, which the breaks themselves hardly move.

    Parameters
    ----------
    weekly : Series
        Positive weekly sums indexed by week end, without gaps.
    penalty : float
        The price of a break, in units of ln(n)·σ²; greater than 0.
    min_size : int
        Shortest regime, in weeks; at least 2.

    Returns
    -------
    list of Timestamp
        The first week, by its end, of each regime after the first.

    Examples
    --------
    >>> weeks = pd.date_range("2024-01-07", periods=20, freq="7D")
    >>> change_points(pd.Series([100.0, 104.0] * 5 + [200.0, 206.0] * 5, index=weeks))
    [Timestamp('2024-03-17 00:00:00')]
    """
    weekly = _check(weekly, penalty, min_size)
    return list(weekly.index[_positions(np.log(weekly.to_numpy()), penalty, min_size)])


def change_point_stability(weekly: pd.Series, penalties=(2, 3, 4, 5), min_size: int = 6) -> pd.DataFrame:
    """Show which breaks stay when breaks become dearer.

    Parameters
    ----------
    weekly, min_size
        As in `change_points`.
    penalties : sequence of float
        The prices to try.

    Returns
    -------
    DataFrame
        One row per date found at any price, indexed by `date`: a true/false column for each penalty, and `share`, the
        share of penalties that find this very date.
    """
    penalties = list(penalties)
    if not penalties:
        raise TrendError("expected at least one penalty, found none: give some, such as (2, 3, 4, 5)")
    found = {penalty: change_points(weekly, penalty, min_size) for penalty in penalties}
    dates = pd.DatetimeIndex(sorted(set().union(*found.values())), name="date")
    table = pd.DataFrame({penalty: dates.isin(dates_found) for penalty, dates_found in found.items()}, index=dates)
    return table.assign(share=table.mean(axis=1).astype(float))


def bootstrap_change_points(
    weekly: pd.Series, draws: int = 500, seed: int = 0, *, penalty: float = 3.0, min_size: int = 6, level: float = 0.9
) -> pd.DataFrame:
    """Say how far each break could as well have been placed, by resampling the weeks between breaks.

    Residuals around the regime means are drawn again within their own regime, in runs of four weeks so that
    neighbouring weeks stay alike (Künsch 1989, doi 10.1214/aos/1176347265), and the breaks are sought anew in each
    draw, with the penalty scaled anew. A break counts as found where the nearest one of a draw lies closer to it than
    half way to its neighbours.

    Parameters
    ----------
    weekly, penalty, min_size
        As in `change_points`.
    draws : int
        Number of resampled series.
    seed : int
        Seed of the resampling.
    level : float
        Level of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        One row per break, indexed by `date`: `lower` and `upper` week ends of the central interval over the draws
        that find it, `level`, and `found`, the share of draws that do.
    """
    weekly = _check(weekly, penalty, min_size)
    _check_draws(draws, level)
    logs = np.log(weekly.to_numpy())
    breaks = _positions(logs, penalty, min_size)
    rng = np.random.default_rng(seed)
    found = [_positions(_resample(logs, breaks, rng), penalty, min_size) for _ in range(draws)]
    rows = [
        _spread(at, zone, found, weekly.index, level)
        for at, zone in zip(breaks, _zones(breaks, len(logs)), strict=True)
    ]
    columns = ["lower", "upper", "level", "found"]
    return pd.DataFrame(rows, columns=columns, index=pd.DatetimeIndex(weekly.index[breaks], name="date"))


def _positions(logs, penalty, min_size):
    """Positions of the first week of each new regime."""
    changes = np.diff(logs)
    sigma = MAD_TO_SD * np.median(np.abs(changes - np.median(changes))) / np.sqrt(2)
    sigma = sigma or changes.std() / np.sqrt(2)  # more than half of the weeks equal: the MAD says nothing
    if sigma == 0:
        return []
    search = ruptures.KernelCPD(kernel="linear", min_size=min_size).fit(logs)  # PELT with the l2 cost, compiled
    return search.predict(pen=penalty * np.log(len(logs)) * sigma**2)[:-1]


def _resample(logs, breaks, rng):
    """Regime means plus residuals of the same regime, in blocks that wrap around its end."""
    drawn = np.empty_like(logs)
    for a, b in zip([0, *breaks], [*breaks, len(logs)], strict=True):
        n = b - a
        starts = rng.integers(0, n, -(-n // BLOCK_WEEKS))
        picks = (starts[:, None] + np.arange(BLOCK_WEEKS)).ravel()[:n] % n
        mean = logs[a:b].mean()
        drawn[a:b] = mean + (logs[a:b] - mean)[picks] * np.sqrt(n / (n - 1))
    return drawn


def _zones(breaks, n):
    """Around each break the positions nearer to it than half way to its neighbours."""
    edges = [0, *breaks, n]
    return [((a + at) / 2, (at + b) / 2) for a, at, b in zip(edges[:-2], edges[1:-1], edges[2:], strict=True)]


def _spread(at, zone, found, index, level):
    """One row of `bootstrap_change_points`."""
    near = [
        min(inside, key=lambda x: abs(x - at)) for f in found if (inside := [x for x in f if zone[0] < x < zone[1]])
    ]
    if not near:
        return pd.NaT, pd.NaT, level, 0.0
    lower = np.quantile(near, (1 - level) / 2, method="lower")
    upper = np.quantile(near, (1 + level) / 2, method="higher")
    return index[lower], index[upper], level, len(near) / len(found)


def _check(weekly, penalty, min_size):
    if not penalty > 0:
        raise TrendError(f"expected a penalty above 0, found {penalty!r}: the usual one is 3")
    if not (isinstance(min_size, (int, np.integer)) and min_size >= 2):
        raise TrendError(f"expected a shortest regime of at least 2 weeks, found {min_size!r}: the usual one is 6")
    return check_weekly(weekly, 2 * min_size)


def _check_draws(draws, level):
    if not (isinstance(draws, (int, np.integer)) and draws >= 1):
        raise TrendError(f"expected at least 1 draw, found {draws!r}: the usual number is 500")
    if not 0 < level < 1:
        raise TrendError(f"expected a level between 0 and 1, both excluded, found {level!r}: give a share")
