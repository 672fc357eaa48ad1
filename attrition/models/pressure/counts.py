"""Monthly losses of equipment, read from one family of counts.

A claim and a count of photographs measure one thing in two ways that must not be joined: a series that mixes them is
refused here, before anything is computed from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attrition.definitions import DAYS_PER_MONTH
from attrition.models.pressure.faults import PressureError

LEAST_READINGS = 4


class FamilyError(PressureError):
    """Counts of different families were put into one series."""


@dataclass(frozen=True)
class Losses:
    """What one family of counts says is lost in a month.

    Attributes
    ----------
    mean, standard_error : float
        Pieces a month over the window, and how far chance may have moved that mean.
    spread : float
        Standard deviation of a single month around it.
    family : str
    first, last : Timestamp
        Ends of the window.
    """

    mean: float
    standard_error: float
    spread: float
    family: str
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None


def losses_per_month(totals: pd.DataFrame, *, window_months: int = 12) -> Losses:
    """Read monthly losses from a running total of one family of counts.

    Parameters
    ----------
    totals : DataFrame
        Indexed by day, rising: `value` (running total) and `family` (who counts, and how), one row a reading. Days need
        not be regular.
    window_months : int
        Only readings of this many months before the last one.

    Returns
    -------
    Losses

    Raises
    ------
    FamilyError
        If more than one family stands in the series.
    PressureError
        For fewer than four readings in the window, days out of order, or missing numbers.

    Notes
    -----
    The mean is the rise over the window. Month-to-month spread is the standard deviation of the rates between
    neighbouring readings, weighted by their days; the standard error divides it by the root of the months.

    Examples
    --------
    >>> days = pd.date_range("2030-01-06", periods=13, freq="28D")
    >>> found = losses_per_month(pd.DataFrame({"value": np.arange(13) * 56, "family": "photos"}, days))
    >>> round(found.mean, 1), round(found.spread, 1), found.family
    (60.9, 0.0, 'photos')
    """
    family = _one_family(totals)
    if not totals.index.is_monotonic_increasing or totals["value"].isna().any():
        raise PressureError(
            "Expected readings in order of their days, none missing, found others: sort and fill first."
        )
    start = totals.index[-1] - pd.Timedelta(days=round((window_months + 0.5) * DAYS_PER_MONTH))
    inside = totals.loc[totals.index >= start, "value"].astype(float)
    if len(inside) < LEAST_READINGS:
        raise PressureError(
            f"Expected at least {LEAST_READINGS} readings of '{family}' in {window_months} months, found {len(inside)}"
            ": take a longer window."
        )
    days = np.diff(inside.index.to_numpy()) / np.timedelta64(1, "D")
    rates = np.diff(inside) / days * DAYS_PER_MONTH
    mean = float(np.average(rates, weights=days))
    spread = math.sqrt(float(np.average((rates - mean) ** 2, weights=days)) * len(rates) / (len(rates) - 1))
    months = days.sum() / DAYS_PER_MONTH
    return Losses(mean, spread / math.sqrt(months), spread, family, inside.index[0], inside.index[-1])


def _one_family(totals: pd.DataFrame) -> str:
    found = list(pd.unique(totals["family"]))
    if len(found) != 1:
        raise FamilyError(
            f"Expected one family of counts in a series of losses, found {', '.join(map(repr, found)) or 'none'}: "
            "draw each family apart, they measure different things."
        )
    return str(found[0])
