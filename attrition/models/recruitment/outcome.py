"""What a disaggregation says: flows by month, how each total fares, and sums over any stretch of days.

Sums are read from whole draws, never from adding the limits of months: neighbouring months trade off.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attrition.models.recruitment.totals import RecruitmentError, Spread
from attrition.models.stretches import Total, days_of


@dataclass(frozen=True)
class Settings:
    """What is assumed before a total is seen.

    Attributes
    ----------
    spread : Spread
        How far a row without a range of its own may be off.
    walk_sd : float or None
        Movement of the logarithm of the rate from month to month; None finds the most probable one.
    bias_sd : float
        Lasting bias of each family, as a logarithm, where several are joined.
    level : float
        Level of the intervals.
    draws : int
        Draws from which intervals are read.
    """

    spread: Spread = field(default_factory=Spread)
    walk_sd: float | None = None
    bias_sd: float = 0.2
    level: float = 0.9
    draws: int = 1000


@dataclass(frozen=True, eq=False)
class Flow:
    """Recruits by month from totals that overlap; made by `disaggregate`.

    Attributes
    ----------
    estimate : DataFrame
        By first day of the month: `value`, `lower`, `upper` (persons in the whole month), `level`. `value` is the best
        path: the months add back to the totals; the limits of months do not.
    fitted : DataFrame
        One row a total, in the order given: `id, family, start, end, bound, low, centre, high` (as read), `fitted`
        (the sum of the path over its days, bias included), `residual` (distance from the centre in units of the row's
        own range: beyond ±1 lies outside it) and `status` ("used", "only a bound", "set aside", "rival").
    contradictions : DataFrame
        Totals that the others rule out: `id, against` (the one rival, or "" where several together speak against it),
        `stated` and `implied` (persons), `residual`, `status`. The path follows the one nearer to all the rest; a
        "rival" is followed by half of the draws, so that the band spans both. They are never averaged.
    bias : DataFrame
        By family where several were joined: `bias` (share above the common flow), `lower`, `upper`, `level`.
    walk_sd : float
        Movement of the logarithm of the rate from month to month that was found or set.
    settings : Settings
        What was assumed.
    """

    estimate: pd.DataFrame
    fitted: pd.DataFrame
    contradictions: pd.DataFrame
    bias: pd.DataFrame
    walk_sd: float
    settings: Settings
    _days: pd.Series = field(repr=False)
    _best: np.ndarray = field(repr=False)
    _rates: np.ndarray = field(repr=False)

    @property
    def paths(self) -> pd.DataFrame:
        """Draws by month: persons in the whole month (draws × months)."""
        return pd.DataFrame(self._rates * self._days.to_numpy(), columns=self.estimate.index)

    def sums(self, start=None, end=None) -> np.ndarray:
        """Draws of the sum over days, both ends included; by default over all months.

        Raises
        ------
        RecruitmentError
            If days outside the months of the estimate are asked for.
        """
        return self._rates @ days_of(start, end, self._days, RecruitmentError)

    def total(self, start=None, end=None) -> Total:
        """Sum over days, both ends included; by default over all months."""
        return summarise(
            float(self._best @ days_of(start, end, self._days, RecruitmentError)),
            self.sums(start, end),
            self.settings.level,
        )


def summarise(value: float, draws: np.ndarray, level: float) -> Total:
    """Put the limits of draws around a best value, which they always hold."""
    lower, upper = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Total(value, min(float(lower), value), max(float(upper), value), level)
