"""What a consensus is made with and what it says: its settings, and sums and ratios over any stretch of days.

Sums of months are read from whole draws, never from adding the limits of months: families err for all months alike.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attrition.models.consensus.families import ConsensusError
from attrition.models.consensus.observations import KILLED
from attrition.models.stretches import Total, days_of


@dataclass(frozen=True)
class Settings:
    """What is assumed before a figure is seen; all standard deviations are of logarithms (0.1 is about 10 %).

    Attributes
    ----------
    counted_bias_sd : float
        Lasting bias of a family whose killed come from lists, registers or statistics.
    claimed_bias_sd : float
        Lasting bias of every other family: all casualties, and killed as asserted by parties and governments.
    killed_walk_sd, ratio_walk_sd, noise_sd : float
        Movement from month to month of the killed and of casualties for one killed, and noise of a family's figures;
        the data move these.
    level : float
        Level of the intervals.
    draws : int
        Draws from the joint posterior, from which intervals of sums and ratios are read.
    """

    counted_bias_sd: float = 0.1
    claimed_bias_sd: float = 0.3
    killed_walk_sd: float = 0.2
    ratio_walk_sd: float = 0.1
    noise_sd: float = 0.1
    level: float = 0.9
    draws: int = 2000


@dataclass(frozen=True, eq=False)
class Consensus:
    """The estimate; made by `fit`.

    Attributes
    ----------
    monthly : DataFrame
        By last day of the month: `killed`, `casualties` (persons in that month) and `ratio` (wounded for one killed),
        each with `_lower` and `_upper`, and `level`.
    bias : DataFrame
        By `family` and `counts`: `members`, `figures`, `bias` (share above the consensus, with `lower`, `upper` and
        `level`), `prior_sd`, `noise_sd`, `weight` (share of the figures' pull on all killed, or on all casualties).
    independent_families : float
        Effective number of families behind the killed.
    observations : DataFrame
        Every row that came in, with `set_aside`, as `prepare` returns it.
    settings : Settings
        What was assumed.
    """

    monthly: pd.DataFrame
    bias: pd.DataFrame
    independent_families: float
    observations: pd.DataFrame
    settings: Settings
    _days: pd.Series = field(repr=False)
    _killed: np.ndarray = field(repr=False)
    _casualties: np.ndarray = field(repr=False)

    def total(self, counts: str = KILLED, start=None, end=None) -> Total:
        """Sum the killed or the casualties over days, both ends included; by default over all.

        Raises
        ------
        ConsensusError
            If days outside the estimate are asked for.
        """
        shares = self._shares(start, end)
        return _total((self._killed if counts == KILLED else self._casualties) @ shares, self.settings.level)

    def ratio(self, start=None, end=None) -> Total:
        """Wounded for one killed over days, both ends included; by default over all."""
        shares = self._shares(start, end)
        return _total((self._casualties @ shares) / (self._killed @ shares) - 1, self.settings.level)

    def paths(self, counts: str = KILLED) -> pd.DataFrame:
        """Draws of the killed or the casualties by last day of the month (draws × months); rows belong together."""
        return pd.DataFrame(self._killed if counts == KILLED else self._casualties, columns=self.monthly.index)

    @property
    def floor(self) -> pd.Series:
        """The largest number of dead that a list documents: a row of `observations`.

        Raises
        ------
        ConsensusError
            If no list was given.
        """
        lists = self.observations[self.observations["floor"]]
        if lists.empty:
            raise ConsensusError("Expected a list of names to give a floor, found none: give its counts as 'at_least'.")
        return lists.loc[lists["value"].idxmax()]

    def _shares(self, start, end) -> np.ndarray:
        """Share of each month's days that a stretch holds."""
        return days_of(start, end, self._days, ConsensusError) / self._days.to_numpy()


def _total(draws: np.ndarray, level: float) -> Total:
    value, lower, upper = np.quantile(draws, [0.5, (1 - level) / 2, (1 + level) / 2])
    return Total(float(value), float(lower), float(upper), level)
