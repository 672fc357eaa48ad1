"""How many months a stock of equipment lasts, as a distribution of first passages.

Losses come from one family of counts (`counts`), the stock, what is built and how fast stored pieces can be brought
back are ranges. Nothing here says which stock is meant: stored pieces, or those that can still be repaired.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from attrition.models.pressure.counts import Losses
from attrition.models.pressure.faults import PressureError
from attrition.models.pressure.ranges import LEVEL, check_draws, draw

MOST_MONTHS = 600
ASKED = (6, 12, 24)


@dataclass(frozen=True, eq=False)
class Depletion:
    """When a stock is gone.

    Attributes
    ----------
    lower, median, upper, level : float
        Quantiles of the months until it is gone; infinite where that many draws do not get there.
    empty_by : dict
        Probability that it is gone within so many months, for those of 6, 12 and 24 that the horizon holds.
    never : float
        Share of draws in which it outlasts the horizon.
    unreplaced : float
        Mean share of the losses that was not replaced over the horizon, or until the stock was gone.
    horizon_months : int
    months : array (draws,)
        Infinite where the stock outlasts the horizon.
    """

    lower: float
    median: float
    upper: float
    level: float
    empty_by: dict[int, float]
    never: float
    unreplaced: float
    horizon_months: int
    months: np.ndarray = field(repr=False)

    def by(self, month: float) -> float:
        """Probability that the stock is gone within so many months, up to the horizon.

        Raises
        ------
        PressureError
            Beyond the horizon.
        """
        if not 0 <= month <= self.horizon_months:
            raise PressureError(
                f"Expected a month from 0 to {self.horizon_months}, found {month!r}: look further ahead."
            )
        return float(np.mean(self.months <= month))


def months_left(
    stock,
    losses: Losses,
    *,
    built_per_year=0.0,
    brought_back_per_year=None,
    horizon_months: int = 60,
    draws: int = 20_000,
    seed: int = 0,
    level: float = LEVEL,
) -> Depletion:
    """Run a stock down by losses that have to be replaced from it, and say when it is gone.

    Each month the losses less what is newly built are taken from the stock, but no more than can be brought back: a
    slow workshop makes a stock last longer, not an army larger, and `unreplaced` says what it costs. Where more is
    built than lost, the surplus joins the stock.

    Parameters
    ----------
    stock : number, (low, central, high) or draws
        Pieces that can still be brought back.
    losses : Losses
        From `counts.losses_per_month`.
    built_per_year, brought_back_per_year : as stock
        New pieces a year, and the most that can be taken from the stock in a year; None sets no such limit.
    horizon_months : int
        From 1 to 600.
    draws, seed : int
    level : float
        Share of draws between the limits.

    Returns
    -------
    Depletion
        Without losses, or with no more than is built, the stock lasts.

    Raises
    ------
    PressureError
        For a negative stock, no draws, a level or horizon out of range.

    Notes
    -----
    Monthly losses are gamma with the spread of the losses around a mean that is itself drawn from its standard error;
    within a month the stock falls evenly. Where months are many and pieces are taken without limit, the time is inverse
    Gaussian, the first passage of a Brownian motion with drift (`arrival_probability`), and the tests compare.

    Examples
    --------
    >>> steady = Losses(mean=50.0, standard_error=0.0, spread=0.0, family="photos")
    >>> months_left(400, steady, built_per_year=120, draws=2).median
    10.0
    """
    _check(horizon_months, draws, level)
    rng = np.random.default_rng(seed)
    left = draw(stock, draws, rng, name="stock")
    built = draw(built_per_year, draws, rng, name="what is built") / 12
    limit = np.inf
    if brought_back_per_year is not None:
        limit = draw(brought_back_per_year, draws, rng, name="what is brought back") / 12
    mean = np.maximum(losses.mean + losses.standard_error * rng.standard_normal(draws), 0.0)
    months, lost, missed = np.where(left == 0, 0.0, np.inf), np.zeros(draws), np.zeros(draws)
    for month in range(horizon_months):
        lasts = np.isinf(months)
        out = _monthly(mean, losses.spread, rng)
        taken = np.minimum(out - built, limit)
        gone = lasts & (taken >= left)
        months[gone] = month + left[gone] / taken[gone]
        lost += np.where(lasts, out, 0.0)
        missed += np.where(lasts, np.maximum(out - built - taken, 0.0), 0.0)
        left = np.where(lasts, left - taken, left)
    return _summary(months, missed.sum() / max(lost.sum(), 1e-300), horizon_months, level)


def stock_needed(months: float, losses: Losses, *, built_per_year=0.0, draws: int = 20_000, seed: int = 0) -> tuple:
    """Say how large a stock would have to be to replace losses for so many months: lower, median and upper end.

    For equipment whose stock nobody has counted. Takes what `months_left` takes; without a limit on what can be brought
    back. The ends hold 90 % of the draws; a stock below nought is none.

    Examples
    --------
    >>> steady = Losses(mean=50.0, standard_error=0.0, spread=0.0, family="photos")
    >>> stock_needed(24, steady, built_per_year=120, draws=3)
    (960.0, 960.0, 960.0)
    """
    check_draws(draws)
    rng = np.random.default_rng(seed)
    built = draw(built_per_year, draws, rng, name="what is built") / 12
    error = math.hypot(losses.standard_error, losses.spread / math.sqrt(months))
    mean = np.maximum(losses.mean + error * rng.standard_normal(draws), 0.0)
    ends = np.quantile(np.maximum(mean - built, 0.0) * months, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
    return tuple(float(end) for end in ends)


def arrival_probability(stock: float, drain: float, spread: float, months: float) -> float:
    """Probability that a stock drained by a Brownian motion is gone within so many months, in closed form.

    Parameters
    ----------
    stock : float
        Pieces, above nought.
    drain, spread : float
        Mean and standard deviation of what is taken in a month.
    months : float

    Notes
    -----
    The first-passage time of a Brownian motion with drift is inverse Gaussian: Schrödinger (1915); Folks & Chhikara
    (1978), doi 10.1111/j.2517-6161.1978.tb01039.x.

    Examples
    --------
    >>> round(arrival_probability(100, 10, 1e-6, 9.9)), round(arrival_probability(100, 10, 1e-6, 10.1))
    (0, 1)
    """
    if min(stock, spread, months) <= 0:
        raise PressureError(f"Expected stock, spread and months above 0, found {stock!r}, {spread!r} and {months!r}.")
    root = spread * math.sqrt(months)
    tail = 2 * drain * stock / spread**2 + stats.norm.logcdf((-stock - drain * months) / root)
    return float(stats.norm.cdf((drain * months - stock) / root) + math.exp(tail))


def _monthly(mean: np.ndarray, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Losses of one month: gamma with the given mean and spread, so never below nought."""
    if spread == 0:
        return mean
    shape = (mean / spread) ** 2
    return rng.standard_gamma(shape) * np.divide(spread**2, mean, out=np.zeros_like(mean), where=mean > 0)


def _summary(months: np.ndarray, unreplaced: float, horizon: int, level: float) -> Depletion:
    tail = (1 - level) / 2
    lower, median, upper = np.quantile(months, [tail, 0.5, 1 - tail], method="inverted_cdf")
    empty_by = {asked: float(np.mean(months <= asked)) for asked in ASKED if asked <= horizon}
    never = float(np.isinf(months).mean())
    return Depletion(
        float(lower), float(median), float(upper), level, empty_by, never, float(unreplaced), horizon, months
    )


def _check(horizon_months: int, draws: int, level: float) -> None:
    check_draws(draws)
    if not isinstance(horizon_months, (int, np.integer)) or not 1 <= horizon_months <= MOST_MONTHS:
        raise PressureError(
            f"Expected a horizon of 1 to {MOST_MONTHS} whole months, found {horizon_months!r}: choose one of these."
        )
    if not 0 < level < 1:
        raise PressureError(f"Expected a level between 0 and 1, both excluded, found {level!r}: give a share.")
