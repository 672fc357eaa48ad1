"""When a path first falls below a mark, between the months too.

A path seen once a month may have been below in between, so looking at months alone finds passages too late. Between
two months the path is taken as Brownian with the variance that the paths themselves show, for which both the
probability and the time of a passage are known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from attrition.models.balance.envelope import BalanceError, check_threshold
from attrition.models.balance.ledger import Paths

ASKED = (6, 12, 24)
LEVEL = 0.9


@dataclass(frozen=True, eq=False)
class FirstPassage:
    """When paths first stand at or below a mark.

    Attributes
    ----------
    p_6m, p_12m, p_24m : float or None
        Probability of a passage within so many months; None where the paths are shorter.
    never : float
        Probability that a path stays above the mark as long as it is followed.
    lower, median, upper : float
        Quantiles of the time in months; infinite where that many paths do not pass.
    level : float
        Share of the paths between lower and upper.
    months : int
        How long the paths are.
    """

    p_6m: float | None
    p_12m: float | None
    p_24m: float | None
    never: float
    lower: float
    median: float
    upper: float
    level: float
    months: int
    times: np.ndarray = field(repr=False)

    def by(self, month: float) -> float:
        """Probability of a passage within so many months.

        Raises
        ------
        BalanceError
            If the paths are shorter.
        """
        if not 0 < month <= self.months:
            raise BalanceError(
                f"Expected a month from 0 to {self.months}, as long as the paths are, found {month!r}: simulate longer."
            )
        return float(np.mean(self.times <= month))


def first_passage(paths, threshold: float, *, level: float = LEVEL, seed: int = 0) -> FirstPassage:
    """Find when paths first fall to a threshold.

    Parameters
    ----------
    paths : Paths or array (draws, months + 1)
        Forces by month, today first.
    threshold : float
        The mark; it lies below the median of today's force. Draws that begin at or below it have passed at once.
    level : float
        Share of paths between the limits of the time.
    seed : int
        Start of the draws of what happens between months.

    Raises
    ------
    BalanceError
        For a threshold not below today's force, and for paths that are no table of finite numbers.

    Notes
    -----
    A Brownian bridge with variance σ² a month from a above the mark to b above it has touched the mark with
    probability exp(-2ab/σ²), and a touch happens at time y/(1 + y) with y inverse Gaussian of mean a/|b| and shape
    a²/σ² (Karatzas & Shreve 1991, Brownian Motion and Stochastic Calculus, section 2.8). σ² is half the mean square of
    second differences, which leaves a drift out, also one that differs from path to path.
    """
    table = _table(paths)
    check_threshold(threshold, float(np.median(table[:, 0])))
    rng = np.random.default_rng(seed)
    times = _times(table - threshold, _variance(table), rng)
    lower, median, upper = np.quantile(times, [(1 - level) / 2, 0.5, (1 + level) / 2], method="inverted_cdf")
    months = table.shape[1] - 1
    asked = {f"p_{month}m": float(np.mean(times <= month)) if month <= months else None for month in ASKED}
    ends = {"lower": float(lower), "median": float(median), "upper": float(upper), "level": level}
    return FirstPassage(**asked, never=float(np.isinf(times).mean()), **ends, months=months, times=times)


def _table(paths) -> np.ndarray:
    table = np.asarray(paths.force if isinstance(paths, Paths) else paths, dtype=float)
    if table.ndim != 2 or not table.shape[0] or table.shape[1] < 2 or not np.isfinite(table).all():
        raise BalanceError(
            f"Expected paths as a table of finite numbers, draws by months with today first, found shape {table.shape}"
            ": pass what simulate returns."
        )
    return table


def _variance(table: np.ndarray) -> float:
    """Variance of a month's movement around the path's own drift."""
    if table.shape[1] < 3:
        return float(np.var(np.diff(table, axis=1)))
    return float(np.mean(np.diff(table, n=2, axis=1) ** 2) / 2)


def _times(above: np.ndarray, variance: float, rng) -> np.ndarray:
    """Time of the first passage of each path, infinite if there is none."""
    start, end = above[:, :-1], above[:, 1:]
    passed = end <= 0
    if variance > 0:
        near = (start > 0) & (end > 0) & (start * end < 20 * variance)
        touched = rng.random(int(near.sum())) < np.exp(-2 * start[near] * end[near] / variance)
        passed[near] = touched
    passed |= start <= 0
    times = np.full(len(above), np.inf)
    rows = np.flatnonzero(passed.any(axis=1))
    step = passed[rows].argmax(axis=1)
    times[rows] = step + _within(start[rows, step], end[rows, step], variance, rng)
    return times


def _within(start: np.ndarray, end: np.ndarray, variance: float, rng) -> np.ndarray:
    """Part of the month that passes until the mark is touched, given that it is."""
    start, distance = np.maximum(start, 0.0), np.abs(end)
    if variance == 0:
        return np.divide(start, start + distance, out=np.zeros_like(start), where=start > 0)
    inside = start > 0
    ratio = rng.wald(start[inside] / np.maximum(distance[inside], 1e-9), start[inside] ** 2 / variance)
    part = np.zeros_like(start)
    part[inside] = ratio / (1 + ratio)
    return part
